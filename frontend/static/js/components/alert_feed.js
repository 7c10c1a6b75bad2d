/**
 * The newest alerts that still need somebody, kept fresh by the socket.
 */
import { withQuery } from "../api/client.js";
import { h, keepFocus } from "../dom.js";
import { levelRank } from "../lib/risk.js";
import { alertItem } from "./alert_item.js";
import { emptyState, fill } from "./state.js";

/** @typedef {import("../types.js").Alert} Alert */

const SHOWN = 30;

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {import("../realtime/socket.js").LiveSocket} deps.socket
 * @param {boolean} deps.mayAct
 * @param {AbortSignal} deps.signal
 * @param {number|null} [deps.locationId] only those of this location
 */
export function mountAlertFeed({ api, socket, mayAct, signal, locationId = null }) {
  const root = h("div");
  /** @type {Map<number, Alert>} */
  const alerts = new Map();

  /** @param {Alert} alert */
  function put(alert) {
    if (locationId !== null && alert.location_id !== locationId) return;
    if (alert.status === "RESOLVED") alerts.delete(alert.id);
    else alerts.set(alert.id, alert);
    keepFocus(root, draw);
  }

  function draw() {
    if (!alerts.size) {
      root.replaceChildren(
        emptyState({ icon: "bi-bell-slash", title: "No open alerts", text: "Anything that needs a decision appears here." }),
      );
      return;
    }
    const sorted = [...alerts.values()].sort(
      (a, b) =>
        Number(a.status !== "ACTIVE") - Number(b.status !== "ACTIVE") ||
        levelRank(b.level) - levelRank(a.level) ||
        b.opened_at.localeCompare(a.opened_at),
    );
    const items = sorted.slice(0, SHOWN).map((alert) => alertItem(alert, { api, mayAct, onChanged: put }));
    root.replaceChildren(h("ul", { class: "feed" }, ...items));
  }

  async function load() {
    const [active, acknowledged] = await Promise.all(
      ["ACTIVE", "ACKNOWLEDGED"].map((status) => api.get(withQuery("/api/alerts/", { status, location: locationId, per_page: SHOWN }), { signal })),
    );
    return [...active.items, ...acknowledged.items];
  }

  const refresh = () =>
    fill(root, load, (/** @type {Alert[]} */ list) => {
      alerts.clear();
      for (const alert of list) alerts.set(alert.id, alert);
      queueMicrotask(draw);
      return h("div");
    });
  const stops = [
    socket.on("alert", ({ alert }) => alert && put(alert)),
    socket.on("initial_state", () => void refresh()),
  ];
  const ageing = setInterval(() => keepFocus(root, draw), 30_000);
  signal.addEventListener("abort", () => {
    clearInterval(ageing);
    for (const stop of stops) stop();
  });
  void refresh();
  return { root, open: () => [...alerts.values()], destroy: () => stops.forEach((stop) => stop()) };
}

/**
 * All locations together: people, the highest levels and where they are, what is not known.
 */
import { h, rebuild, setText } from "../../dom.js";
import { countView, formatNumber, NONE } from "../../lib/format.js";
import { levelBadge } from "../badges.js";
import { densityMark } from "./fullness.js";

/** @typedef {import("../../types.js").LocationSummary} LocationSummary */

const RELOAD_MS = 3000;

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {(id: number) => string} deps.nameOf
 * @param {AbortSignal} deps.signal
 */
export function mountSummary({ api, nameOf, signal }) {
  const items = ["People in all", "Highest level", "Highest density level", "Not known now"].map((word) => {
    const value = h("dd", {});
    const note = h("dd", { class: "figures__note" });
    return { value, note, root: h("div", { class: "figures__item" }, h("dt", {}, word), value, note) };
  });
  const aside = h("p", { class: "hint" });
  const root = h("div", { class: "stack stack--tight", hidden: true }, h("dl", { class: "figures" }, ...items.map((item) => item.root)), aside);
  const [people, level, density, unknown] = items;

  /** @param {number|null} id */
  const where = (id) => (id === null ? "" : nameOf(id));

  /** @param {LocationSummary} now */
  function draw(now) {
    if (!people || !level || !density || !unknown) return;
    const { total_count: count, total_low: low, total_high: high } = now;
    const total = count === null ? null : countView({ count, count_low: low ?? count, count_high: high });
    setText(people.value, total?.figure ?? NONE);
    setText(people.note, total ? total.note : "not known");
    rebuild(level.value, String(now.risk_location_id && now.risk_level), () => [now.risk_location_id === null ? NONE : levelBadge(now.risk_level)]);
    setText(level.note, now.risk_level === "SAFE" ? "" : where(now.risk_location_id));
    rebuild(density.value, String(now.density_level), () => [now.density_level === null ? NONE : densityMark(now.density_level, { large: true })]);
    setText(density.note, where(now.density_location_id));
    setText(unknown.value, `${formatNumber(now.unknown_count)} of ${formatNumber(now.location_count)}`);
    setText(unknown.note, now.location_count === 1 ? "location" : "locations");
    rebuild(aside, JSON.stringify([now.is_trial, now.total_reason]), () => [now.is_trial && "Samples and simulated locations only: none of this is real. ", now.total_reason]);
    aside.hidden = !now.is_trial && !now.total_reason;
  }

  const load = () => api.get("/api/locations/summary", { signal }).then(draw, () => undefined); // the list below says what is wrong
  const again = setInterval(() => {
    if (!root.hidden && document.visibilityState === "visible") void load();
  }, RELOAD_MS);
  signal.addEventListener("abort", () => clearInterval(again));
  return { root, load };
}

/**
 * Everything around a page: its data, the live connection and its banner, the count of
 * unacknowledged alerts, announcements, log-out. Every page module calls `startPage`.
 */
import { api, goToLogin, refreshSession } from "./api/client.js";
import { errorState, notice } from "./components/state.js";
import { toast, toastError } from "./components/toast.js";
import { find, h, rebuild, setText } from "./dom.js";
import { formatAge } from "./lib/format.js";
import { levelRank, levelView } from "./lib/risk.js";
import { systemIlls } from "./lib/system_ills.js";
import { openSocket } from "./realtime/socket.js";

/** @typedef {import("./types.js").PageConfig} PageConfig */
/** @typedef {import("./types.js").PageUser} PageUser */
/** @typedef {import("./realtime/socket.js").LiveSocket} LiveSocket */

/**
 * @typedef {object} PageContext
 * @property {HTMLElement} root where the page draws
 * @property {HTMLElement} actions place for buttons in the title bar
 * @property {Record<string, any>} params from the server
 * @property {PageUser} user
 * @property {import("./api/client.js").Api} api
 * @property {LiveSocket} socket
 * @property {AbortSignal} signal aborted when the page is left
 */

/** @returns {PageConfig} */
export function readConfig() {
  return JSON.parse(find("#page-config").textContent ?? "{}");
}

/** @param {LiveSocket} socket */
function showConnection(socket) {
  const pill = find("#connection");
  const text = find(".pill__text", pill);
  /** @type {import("./realtime/socket.js").Connection} */
  let now = { state: "connecting", heardMs: null };
  const draw = () => {
    pill.className = `pill${now.state === "live" ? " pill--live" : now.heardMs === null ? "" : " pill--lost"}`;
    const age = now.heardMs === null ? null : (performance.now() - now.heardMs) / 1000;
    const words = {
      live: "Live updates",
      connecting: "Connecting …",
      reconnecting: age === null ? "Reconnecting …" : `Reconnecting: live numbers are ${formatAge(age)} old`,
    };
    setText(text, words[now.state]);
  };
  socket.onConnection((connection) => {
    now = connection;
    draw();
  });
  setInterval(draw, 1000);
}

const ANNOUNCED_KEY = "crowdsafe.announced";
const MAX_ANNOUNCED = 200;

/**
 * Highest level announced for each alert, kept from page to page: an incident is news once.
 *
 * @returns {Map<number, number>}
 */
function announcedInThisTab() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(ANNOUNCED_KEY) ?? "[]"));
  } catch {
    return new Map();
  }
}

/** @param {LiveSocket} socket @param {AbortSignal} signal */
function watchAlerts(socket, signal) {
  const badge = find("#unacknowledged");
  const spoken = find("#announcer");
  const title = document.title;
  const announced = announcedInThisTab();

  /** @param {number} count */
  function showCount(count) {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    badge.setAttribute("aria-label", `${count} alerts not acknowledged`);
    document.title = count ? `(${count}) ${title}` : title;
  }
  const load = () =>
    api.get("/api/alerts/unacknowledged/count", { signal }).then(({ count }) => showCount(count), () => undefined);

  /** @param {import("./types.js").Alert} alert */
  function announce(alert) {
    const rank = levelRank(alert.level);
    if (alert.status !== "ACTIVE" || rank <= (announced.get(alert.id) ?? -1)) return;
    announced.set(alert.id, rank);
    sessionStorage.setItem(ANNOUNCED_KEY, JSON.stringify([...announced].slice(-MAX_ANNOUNCED)));
    const mark = alert.origin === "SIMULATED" ? "Simulated: " : "";
    const text = `${mark}${levelView(alert.level).word} at ${alert.place_name}: ${alert.message}`;
    spoken.textContent = text;
    if (rank >= levelRank("WARNING") && !["RECORDED", "SIMULATED"].includes(alert.origin)) {
      toast(rank >= levelRank("CRITICAL") ? "bad" : "caution", text, { link: { href: `/alerts?alert=${alert.id}`, word: "Show alert" } });
    }
  }
  socket.on("alert", ({ alert }) => {
    if (alert) announce(alert);
    void load();
  });
  socket.on("initial_state", ({ alerts_unacknowledged: count }) => typeof count === "number" && showCount(count));
  void load();
}

/**
 * The banner for what concerns every camera, on every page.
 *
 * @param {LiveSocket} socket
 */
function showIlls(socket) {
  const place = find("#system-ills");
  /** @param {import("./lib/system_ills.js").SystemStatus} status */
  const draw = (status) => {
    const ills = systemIlls(status);
    place.hidden = !ills.length;
    rebuild(place, JSON.stringify(ills), () => ills.map(({ tone, title, text }) => notice(tone, h("strong", {}, `${title} `), text)));
  };
  socket.on("initial_state", ({ system }) => system && draw(system));
  socket.on("system_status", draw);
}

async function logOut() {
  try {
    await api.post("/api/auth/logout");
    location.assign("/login");
  } catch (error) {
    toastError(error);
  }
}

/**
 * Run a page inside the frame.
 *
 * @param {(context: PageContext) => Promise<void>|void} mount
 */
export async function startPage(mount) {
  const config = readConfig();
  const root = find("#content");
  const leaving = new AbortController();
  addEventListener("pagehide", () => leaving.abort(), { once: true });
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  for (const button of document.querySelectorAll("[data-action='log-out']")) {
    button.addEventListener("click", () => void logOut());
  }
  const more = document.querySelector("[data-action='more']");
  more?.addEventListener("click", () => void import("./components/more_menu.js").then(({ openMoreMenu }) => openMoreMenu(logOut)));
  const { io } = /** @type {{io: typeof import("socket.io-client").io}} */ (/** @type {unknown} */ (window));
  const socket = openSocket({ io, refreshSession, onSessionLost: goToLogin });
  leaving.signal.addEventListener("abort", () => socket.close());
  showConnection(socket);
  watchAlerts(socket, leaving.signal);
  showIlls(socket);
  try {
    const user = /** @type {PageUser} */ (config.user);
    await mount({ root, actions: find("#page-actions"), params: config.params, user, api, socket, signal: leaving.signal });
  } catch (error) {
    root.replaceChildren(errorState(error, () => location.reload()));
    throw error;
  }
}

/**
 * A titled box.
 *
 * @param {string} title
 * @param {(Node|false|null)[]} body
 * @param {{flush?: boolean, actions?: Node|null, id?: string}} [options]
 */
export function panel(title, body, { flush = false, actions = null, id } = {}) {
  return h(
    "section",
    { class: "panel", id: id ?? null },
    h("header", { class: "panel__head" }, h("h2", {}, title), actions),
    h("div", { class: `panel__body${flush ? " panel__body--flush" : ""}` }, ...body),
  );
}

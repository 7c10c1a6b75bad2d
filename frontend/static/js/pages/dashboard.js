/**
 * The wall: every camera worst first, the totals, and the alerts that need somebody.
 */
import { mountAlertFeed } from "../components/alert_feed.js";
import { mountTile } from "../components/camera_tile.js";
import { simulatedTag } from "../components/badges.js";
import { simulatedNote } from "../components/simulated_note.js";
import { emptyState, errorState, loadingState } from "../components/state.js";
import { h, icon, rebuild, setText } from "../dom.js";
import { attention } from "../lib/attention.js";
import { isActive, isRecorded, isSimulated } from "../lib/camera.js";
import { formatNumber, NONE } from "../lib/format.js";
import { mayAddCamera, maySettleAlerts } from "../lib/permissions.js";
import { compareByRisk } from "../lib/risk.js";
import { pointOf, Series } from "../lib/series.js";
import { subjects } from "../lib/totals.js";
import { openCameraStore } from "../realtime/cameras.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Camera} Camera */

const HISTORY_MS = 5 * 60_000;
const REORDER_MS = 2000;
const STAGGER_MS = 130;

/** @param {Camera} camera recordings that are done are no part of the present */
const isShown = (camera) => !isRecorded(camera) || ["analysing", "paused", "queued"].includes(camera.job?.state ?? "");

/**
 * @param {import("../realtime/cameras.js").CameraStore} store
 * @param {() => import("../types.js").Alert[]} openAlerts
 */
function mountTotals(store, openAlerts) {
  const figures = ["People in view", "Cameras live", "Highest level", "Need attention"].map((word) => {
    const value = h("dd", {}, NONE);
    const mark = h("span");
    return { value, mark, root: h("div", { class: "figures__item" }, h("dt", {}, word, " ", mark), value) };
  });
  const aside = h("p", { class: "hint", hidden: true });
  const [people, live, level, needing] = figures.map(({ value }) => value);
  return {
    root: h("div", { class: "stack stack--tight" }, h("dl", { class: "figures" }, ...figures.map(({ root }) => root)), aside),
    update() {
      const isRealOpen = openAlerts().some(({ origin }) => origin === "LIVE");
      const { counted, isSimulated: isDrawn, leftOut } = subjects(store.list(), { isRealOpen });
      const believed = counted.map((camera) => ({ camera, metrics: store.believed(camera) }));
      const known = believed.filter(({ camera, metrics }) => metrics && metrics.trust !== "unknown" && isActive(camera));
      const atLeast = known.some(({ metrics }) => metrics?.count_high === null);
      const sum = known.reduce((total, { metrics }) => total + ((metrics?.count_high === null ? metrics.count_low : metrics?.count) ?? 0), 0);
      const { word, places } = attention(believed.map(({ camera, metrics }) => ({ id: camera.id, metrics })), openAlerts(), { isSimulated: isDrawn });
      for (const { mark } of figures) rebuild(mark, String(isDrawn), () => (isDrawn ? [simulatedTag()] : []));
      aside.hidden = leftOut === 0;
      setText(aside, leftOut === 1 ? "The simulated camera is not in these figures." : `The ${leftOut} simulated cameras are not in these figures.`);
      if (!people || !live || !level || !needing) return;
      setText(people, !known.length ? NONE : atLeast && Math.round(sum) < 1 ? "?" : `${atLeast ? "≥ " : ""}${formatNumber(Math.round(sum))}`);
      setText(live, `${counted.filter(({ status }) => status.status === "live").length} of ${counted.length}`);
      setText(level, word ?? NONE);
      setText(needing, formatNumber(places));
    },
  };
}

startPage(async ({ root, actions, user, api, socket, signal }) => {
  const store = openCameraStore({ api, socket, signal });
  /** @type {Map<number, {tile: ReturnType<typeof mountTile>, item: HTMLElement, series: Series}>} */
  const tiles = new Map();
  const wall = h("ul", { class: "tiles", "aria-label": "Cameras, worst first" });
  const place = h("div", {}, loadingState("Loading the cameras …"));
  const feed = mountAlertFeed({ api, socket, mayAct: maySettleAlerts(user), signal });
  const totals = mountTotals(store, feed.open);
  const note = h("div", { hidden: true });
  actions.append(h("a", { class: "button", href: "/map" }, icon("bi-map"), "Map"));
  root.replaceChildren(
    h(
      "div",
      { class: "stack" },
      note,
      totals.root,
      h("div", { class: "split" }, place, h("div", { class: "split__side" }, panel("Open alerts", [feed.root], { flush: true }))),
    ),
  );

  /** @param {Camera} camera */
  function refresh(camera) {
    const entry = tiles.get(camera.id);
    entry?.tile.update(camera, store.believed(camera), {
      ageS: isRecorded(camera) ? null : store.ageS(camera.id),
      counts: entry.series.points.map(({ count }) => count),
    });
  }

  /** Worst first, real places before simulated ones; a tile somebody holds with keyboard or pointer stays where it is. */
  function order() {
    const wanted = store.list().filter(isShown).sort((a, b) => Number(isSimulated(a)) - Number(isSimulated(b)) || compareByRisk({ ...a, current: store.believed(a) }, { ...b, current: store.believed(b) }));
    if (wall.matches(":focus-within, :hover") && wall.childElementCount === wanted.length) return;
    wanted.forEach(({ id }, index) => {
      const item = tiles.get(id)?.item;
      if (item && wall.children[index] !== item) wall.insertBefore(item, wall.children[index] ?? null);
    });
  }

  /** @param {Camera} camera @param {Series} series */
  async function loadHistory(camera, series) {
    if (isRecorded(camera)) return;
    const from = new Date(Date.now() - HISTORY_MS).toISOString();
    const page = await api.get(`/api/metrics/${camera.id}?from=${encodeURIComponent(from)}&per_page=400`, { signal });
    series.prepend(page.items.map((/** @type {import("../types.js").Metrics} */ item) => pointOf(item, "wall")));
  }

  function rebuildWall() {
    const shown = store.list().filter(isShown);
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, { tile, item }] of tiles) {
      if (ids.has(id)) continue;
      tile.destroy();
      item.remove();
      tiles.delete(id);
    }
    /** @type {Promise<void>} */
    let chain = Promise.resolve();
    for (const camera of shown) {
      if (tiles.has(camera.id)) continue;
      const tile = mountTile({ api, camera, delayMs: tiles.size * STAGGER_MS });
      const series = new Series({ maxPoints: 300, windowMs: HISTORY_MS });
      tiles.set(camera.id, { tile, item: h("li", {}, tile.root), series });
      chain = chain.then(() => loadHistory(camera, series)).then(() => refresh(camera), () => undefined);
    }
    for (const camera of shown) refresh(camera);
    if (shown.length) {
      order();
      if (wall.parentNode !== place) place.replaceChildren(wall);
    } else {
      place.replaceChildren(nothing());
    }
    const isOnlyDrawn = subjects(store.list()).isSimulated;
    note.hidden = !isOnlyDrawn;
    rebuild(note, String(isOnlyDrawn), () => (isOnlyDrawn ? [simulatedNote(user)] : []));
    totals.update();
  }

  function nothing() {
    const may = mayAddCamera(user);
    return emptyState({
      icon: "bi-camera-video",
      title: store.list().length ? "Nothing is running" : "No cameras yet",
      text: may ? "Add a camera or upload a video, and its picture and numbers appear here." : "An operator or administrator has to add a camera first.",
      action: may ? h("a", { class: "button button--primary", href: "/cameras" }, "Go to cameras") : null,
    });
  }

  store.onList(rebuildWall);
  store.onCamera((camera, what) => {
    if (what === "metrics" && camera.current) tiles.get(camera.id)?.series.push(pointOf(camera.current, isRecorded(camera) ? "stream" : "wall"));
    if (what !== "metrics" && isShown(camera) !== tiles.has(camera.id)) rebuildWall();
    else refresh(camera);
  });
  const ticking = setInterval(() => {
    for (const camera of store.list()) refresh(camera);
    totals.update();
  }, 1000);
  const ordering = setInterval(order, REORDER_MS);
  signal.addEventListener("abort", () => [ticking, ordering].forEach(clearInterval));
  const load = () => store.load().catch((error) => {
    if (!store.list().length) place.replaceChildren(errorState(error, () => void load()));
  });
  await load();
});

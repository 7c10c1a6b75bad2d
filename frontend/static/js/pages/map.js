/**
 * Where the locations are, how full and how dangerous: on floor plans or on the earth, with the
 * heat of their ground. Administrators put them there.
 */
import { mountBoard } from "../components/map/board.js";
import { mountChanges } from "../components/map/changes.js";
import { mountHeat } from "../components/map/heat.js";
import { mountLegend } from "../components/map/legend.js";
import { mountPen } from "../components/map/pen.js";
import { mountPins } from "../components/map/pins.js";
import { openPlanForm, openPlanUpload } from "../components/map/plan_dialog.js";
import { mountPopup } from "../components/map/popup.js";
import { mountSide } from "../components/map/side.js";
import { checkbox } from "../components/fields.js";
import { errorState, loadingState } from "../components/state.js";
import { h, icon, rebuild, setText } from "../dom.js";
import { levelNews } from "../lib/location_words.js";
import { outlineChange } from "../lib/map_edits.js";
import { firstMap, heatAreas, mapOf } from "../lib/map_words.js";
import { hasRole } from "../lib/permissions.js";
import { openLocationStore } from "../realtime/locations.js";
import { startPage } from "../shell.js";

/** @typedef {import("../types.js").FloorPlan} FloorPlan */
/** @typedef {import("../types.js").Location} Location */
/** @typedef {import("../lib/map_frame.js").Point} Point */

startPage(async ({ root, actions, params, user, api, socket, signal }) => {
  socket.subscribe([]);
  root.replaceChildren(loadingState("Loading the map …"));
  const mayEdit = hasRole(user, "admin");
  const store = openLocationStore({ api, socket, signal });
  /** @type {FloorPlan[]} */
  let plans = [];
  let shown = "";
  let listed = "";
  /** @type {Map<number, import("../types.js").LocationNumbers|null>} as announced last */
  const announced = new Map();

  const changes = mountChanges({ api, store, onFailed: () => {
    redraw();
    pins.putBack(standing());
  } });
  const board = mountBoard({ tiles: params.tiles, signal, onDrop: place });
  const pins = mountPins({ popupOf, onMoved: place, onOpened: (id) => refresh(store.get(id)) });
  const heat = mountHeat();
  const legend = mountLegend();
  board.root.firstElementChild?.append(legend.scale);
  const pen = mountPen({ board: board.root, onPlaced: place, onOutline: outline });
  const side = mountSide({ mayEdit, onPoint: pins.point, onPlace: pen.place, onMap: open, mapName: (map) => planOf(map)?.name ?? earthName });
  const earthName = params.tiles ? "Online map" : "Earth, plain grid";
  const chooser = h("select", { class: "field__input", "aria-label": "Map", on: { change: () => open(chooser.value) } });
  const { root: heatSwitch, box: heatBox } = checkbox("heat", "Heat", true);
  const { root: moveSwitch, box: moveBox } = checkbox("move", "Move pins", false);
  const change = h("button", { class: "button button--small", type: "button", on: { click: () => editPlan() } }, icon("bi-pencil"), "Edit this plan");
  const news = h("div", { class: "visually-hidden", "aria-live": "polite" });
  heatBox.addEventListener("change", () => {
    legend.showHeat(heatBox.checked);
    showHeat();
  });
  moveBox.addEventListener("change", () => pins.setMovable(moveBox.checked));

  /** @param {string} map */
  function planOf(map) {
    return plans.find(({ id }) => String(id) === map) ?? null;
  }

  const standing = () => store.list().filter((one) => mapOf(one) === shown);

  /** @param {number} id @param {Point} point */
  function place(id, [x, y]) {
    const floor_plan_id = planOf(shown)?.id ?? null;
    void changes.save(id, () => ({ position: { floor_plan_id, x, y } }), ({ name }) => `${name} is placed.`);
  }

  /** @param {number} id @param {string} target @param {Point[]} corners */
  function outline(id, target, corners) {
    void changes.save(id, (location) => outlineChange(location, target, corners), ({ name }) => (corners.length ? `The outline of ${name} is saved.` : `The outline of ${name} is deleted.`));
  }

  /** @param {Location} location */
  function popupOf(location) {
    const newest = () => store.get(location.id) ?? location;
    const acts = [
      { word: "Move", icon: "bi-arrows-move", act: () => pen.place(newest()) },
      { word: "Draw its ground", icon: "bi-bounding-box", act: () => pen.outline(newest()) },
      { word: "Take off the map", icon: "bi-x-lg", act: () => void changes.save(location.id, () => ({ position: null, outline: [], areas: newest().areas.map(({ camera_id, zone_id }) => ({ camera_id, zone_id, map_outline: [] })) }), ({ name }) => `${name} is on no map.`) },
    ];
    return mountPopup(location, mayEdit ? acts : []);
  }

  /** @param {Location|null} location */
  function refresh(location) {
    if (!location) return;
    const numbers = store.believed(location);
    pins.refresh(location, numbers, store.ageS(location.id));
    side.refresh(location, numbers);
    const text = levelNews(announced.get(location.id) ?? null, numbers);
    announced.set(location.id, numbers);
    if (text) setText(news, text);
  }

  function showHeat() {
    heat.show(standing().flatMap((one) => heatAreas(one, store.believed(one))), heatBox.checked);
  }

  /** Everything, after the list of locations or plans has changed. */
  function redraw() {
    const all = store.list();
    rebuild(chooser, JSON.stringify([plans.map(({ id, name }) => [id, name]), all.map(mapOf)]), () =>
      [...plans.map(({ id, name }) => ({ value: String(id), name })), { value: "earth", name: earthName }].map(({ value, name }) => {
        const count = all.filter((one) => mapOf(one) === value).length;
        return h("option", { value }, count ? `${name} (${count})` : name);
      }),
    );
    chooser.value = shown;
    change.hidden = !mayEdit || !planOf(shown);
    const key = JSON.stringify([shown, plans.length, all.map(({ id, name, position, is_simulated }) => [id, name, position, is_simulated])]);
    if (key !== listed) side.show(all.map((one) => ({ ...one, numbers: store.believed(one) })), shown);
    listed = key;
    pins.show(standing());
    all.forEach(refresh);
    showHeat();
  }

  /** @param {string} map */
  function open(map) {
    shown = map;
    const opened = board.open(planOf(map), standing().flatMap(({ position }) => (position ? [/** @type {Point} */ ([position.x, position.y])] : [])));
    for (const layer of [heat, pins, pen]) layer.attach(opened);
    history.replaceState(null, "", `?map=${map}`);
    redraw();
  }

  async function loadPlans() {
    plans = (await api.get("/api/floor-plans/", { signal })).items;
  }

  function editPlan() {
    const plan = planOf(shown);
    if (!plan) return;
    openPlanForm(api, plan, () => {
      void Promise.all([loadPlans(), store.load()]).then(() => open(firstMap(shown, store.list(), plans)));
    });
  }

  /** @param {FloorPlan} plan */
  async function takePlan(plan) {
    await loadPlans();
    open(String(plan.id));
  }

  const load = async () => {
    await Promise.all([store.load(), loadPlans()]);
    const tools = h("div", { class: "toolbar" }, chooser, heatSwitch, ...(mayEdit ? [moveSwitch, change, changes.undo] : []));
    const panel = h("section", { class: "panel map-panel", "aria-label": "Map" }, tools, board.root, pen.root, legend.root);
    root.replaceChildren(h("div", { class: "split" }, panel, side.root), news);
    if (mayEdit && !actions.childElementCount) {
      actions.append(h("button", { class: "button button--primary", type: "button", on: { click: () => openPlanUpload(api, (plan) => void takePlan(plan)) } }, icon("bi-plus-lg"), "Add a floor plan"));
    }
    open(firstMap(new URLSearchParams(location.search).get("map"), store.list(), plans));
    store.onList(redraw);
    store.onNumbers((one) => {
      refresh(one);
      showHeat();
    });
    const ticking = setInterval(() => {
      store.list().forEach(refresh);
      showHeat();
    }, 1000);
    signal.addEventListener("abort", () => clearInterval(ticking));
  };
  await load().catch((error) => root.replaceChildren(errorState(error, () => globalThis.location.reload())));
});

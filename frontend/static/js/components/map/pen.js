/**
 * Putting a location on the map, and drawing its ground: by clicks, or by keys alone with the
 * cross in the middle of the map (arrow keys move the map under it).
 */
import { h, icon, setText } from "../../dom.js";
import { isInside, latLngOf, pointOf } from "../../lib/map_frame.js";
import { outlineProblem, outlineTargets } from "../../lib/map_edits.js";
import { select } from "../fields.js";
import { leaflet } from "./board.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../lib/map_frame.js").Point} Point */
/** @typedef {import("./board.js").Opened} Opened */
/** @typedef {{kind: "place", id: number, name: string}|{kind: "outline", id: number, name: string, target: string, corners: Point[]}} Work */

/**
 * @param {object} deps
 * @param {HTMLElement} deps.board where keys are heard
 * @param {(id: number, point: Point) => void} deps.onPlaced
 * @param {(id: number, target: string, corners: Point[]) => void} deps.onOutline
 */
export function mountPen({ board, onPlaced, onOutline }) {
  /** @type {Opened|null} */
  let open = null;
  /** @type {Work|null} */
  let work = null;
  /** @type {import("../../leaflet_types.js").Layer[]} */
  let sketch = [];
  const title = h("strong");
  const said = h("p", { class: "hint", role: "status" });
  const choice = h("div", { class: "pen-bar__choice" });
  /** @param {string} name @param {string} word @param {() => void} click */
  const button = (name, word, click) => h("button", { class: "button button--small", type: "button", on: { click } }, icon(name), word);
  const middle = button("bi-crosshair", "", () => open && take(open.map.getCenter()));
  const back = button("bi-arrow-counterclockwise", "Take the last corner back", stepBack);
  const finish = button("bi-check-lg", "Finish", done);
  const remove = button("bi-trash", "Delete this outline", () => {
    const now = work;
    stop();
    if (now?.kind === "outline") onOutline(now.id, now.target, []);
  });
  const root = h("div", { class: "pen-bar", role: "group", "aria-label": "Drawing on the map", hidden: true }, title, choice, said, h("div", { class: "form-actions" }, middle, back, finish, remove, button("bi-x-lg", "Cancel", stop)));

  /** @param {import("../../leaflet_types.js").LatLng} where */
  function take(where) {
    if (!open || !work) return;
    if (!isInside(open.frame, where)) return void setText(said, "That is beside the plan. Choose a place on it.");
    const point = pointOf(open.frame, where);
    if (work.kind === "place") {
      const { id } = work;
      stop();
      return void onPlaced(id, point);
    }
    work.corners = [...work.corners, point];
    return void draw();
  }

  function stepBack() {
    if (work?.kind !== "outline") return;
    work.corners = work.corners.slice(0, -1);
    draw();
  }

  function done() {
    if (work?.kind !== "outline") return;
    const problem = outlineProblem(work.corners);
    if (problem) return void setText(said, problem);
    const { id, target, corners } = work;
    stop();
    return void onOutline(id, target, corners);
  }

  /** @param {import("../../leaflet_types.js").Layer} layer */
  function add(layer) {
    if (open) layer.addTo(open.map);
    sketch.push(layer);
  }

  function wipe() {
    for (const layer of sketch) layer.remove();
    sketch = [];
  }

  function draw() {
    wipe();
    if (!open || work?.kind !== "outline") return;
    const { frame } = open;
    const places = work.corners.map((corner) => latLngOf(frame, corner));
    const style = { interactive: false, className: "ground ground--sketch", fill: false };
    if (places.length > 1) add(leaflet().polygon(places, style));
    for (const place of places) add(leaflet().circleMarker(place, { ...style, radius: 5, className: "ground__corner" }));
    const count = work.corners.length;
    setText(said, count ? `${count === 1 ? "1 corner" : `${count} corners`}. ${count > 2 ? outlineProblem(work.corners) || "Enter or Finish closes the outline." : "Click the next one."}` : "Click the corners of its ground, one after the other.");
    back.disabled = count === 0;
    finish.disabled = count < 3;
  }

  /** @param {Work} next */
  function begin(next) {
    if (!open) return;
    wipe();
    work = next;
    const isOutline = next.kind === "outline";
    for (const one of [back, finish]) one.hidden = !isOutline;
    if (!isOutline) remove.hidden = true;
    setText(title, isOutline ? `Ground of ${next.name}` : `Place ${next.name}`);
    middle.replaceChildren(icon("bi-crosshair"), isOutline ? "Corner at the cross" : "Put it at the cross");
    if (!isOutline) setText(said, "Click its place on the map, or move the cross there with the arrow keys. Escape cancels.");
    root.hidden = false;
    board.classList.add("board--drawing");
    open.map.closePopup().doubleClickZoom.disable();
    draw();
    open.map.getContainer().focus({ preventScroll: false });
  }

  function stop() {
    wipe();
    work = null;
    root.hidden = true;
    choice.replaceChildren();
    board.classList.remove("board--drawing");
    open?.map.doubleClickZoom.enable();
  }

  document.addEventListener("keydown", (event) => {
    const isHere = event.target instanceof Node && (board.contains(event.target) || root.contains(event.target));
    if (!work || !isHere || event.target instanceof HTMLSelectElement) return;
    if (event.key === "Escape") stop();
    else if (event.target instanceof HTMLButtonElement) return;
    else if (event.key === "Enter" && work.kind === "outline") done();
    else if (event.key === "Backspace") stepBack();
    else return;
    event.preventDefault();
  });

  return {
    root,
    stop,
    /** @param {Opened} on */
    attach(on) {
      stop();
      open = on;
      on.map.on("click", ({ latlng }) => take(latlng));
    },
    /** @param {Pick<Location, "id"|"name">} location */
    place: ({ id, name }) => begin({ kind: "place", id, name }),
    /** @param {Location} location */
    outline(location) {
      const targets = outlineTargets(location);
      const chooser = select(Object.fromEntries(targets.map(({ key, word, isDrawn }) => [key, `${word}${isDrawn ? " (drawn)" : ""}`])));
      chooser.className = "field__input";
      const take = () => {
        const target = targets.find(({ key }) => key === chooser.value);
        begin({ kind: "outline", id: location.id, name: location.name, target: chooser.value, corners: [] });
        remove.hidden = !target?.isDrawn;
      };
      chooser.addEventListener("change", take);
      choice.replaceChildren(h("label", { class: "field" }, h("span", { class: "field__label" }, "Outline of"), chooser));
      take();
    },
  };
}

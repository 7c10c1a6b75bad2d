/**
 * The editor of zones and lines: the picture to draw on with its tools, the list, and the form of
 * what is selected, all showing one desk.
 */
import { h, setText } from "../../dom.js";
import { PlacesDesk } from "../../lib/places_desk.js";
import { mountStage } from "../calibration/stage.js";
import { mountDetailPanel } from "./detail_panel.js";
import { mountListPanel } from "./list_panel.js";
import { drawScene } from "./scene.js";
import { mountToolbar } from "./toolbar.js";

/** @typedef {import("../../lib/places.js").PlacesDraft} PlacesDraft */
/** @typedef {import("../../lib/places_history.js").Stored} Stored */

const CLOSE_PX = 9;
const WORDS = {
  edit: "Picture with zones and lines. Arrow keys move the cross by one pixel, with Shift by ten; Space places a point, Enter closes a zone, Backspace takes the last point back, Escape cancels.",
  view: "Picture with zones and lines.",
};

/**
 * @param {object} deps
 * @param {boolean} deps.mayEdit
 * @param {AbortSignal} deps.signal
 * @param {() => string} deps.newKey for what is drawn
 * @param {() => boolean} deps.hold let the picture stand, or run again; returns whether it stands now
 * @param {() => void} deps.onChange whether it can be saved may have changed
 */
export function mountEditor({ mayEdit, signal, newKey, hold, onChange }) {
  const spoken = h("p", { class: "visually-hidden", role: "status" });
  const desk = new PlacesDesk({ newKey, say: (text) => setText(spoken, text) });
  let isHeld = false;

  const isStretched = () => desk.pen.tool === "rectangle" || desk.pen.tool === "line";
  /** @template {unknown[]} A @template R @param {(...args: A) => R} work @returns {(...args: A) => R} */
  const thenDraw = (work) => (...args) => {
    const result = work(...args);
    draw();
    return result;
  };

  const stage = mountStage({
    words: mayEdit ? WORDS.edit : WORDS.view,
    place: thenDraw((at) => desk.place(at, CLOSE_PX / stage.scale())),
    move: thenDraw((handle, at, gesture) => desk.move(handle, at, gesture)),
    remove: thenDraw((handle) => desk.remove(handle)),
    whereIs: (handle) => desk.whereIs(handle),
    press,
    redraw: drawPicture,
    canPlace: () => desk.isDrawing,
    canStretch: isStretched,
    hover: (at) => {
      desk.hover = at;
      if (desk.pen.points.length) drawPicture();
    },
  });
  const toolbar = mountToolbar({
    choose: thenDraw((tool, byKeyboard) => {
      desk.setTool(tool);
      if (byKeyboard) stage.focus();
    }),
    undo: thenDraw(() => desk.step("undo")),
    redo: thenDraw(() => desk.step("redo")),
    finish: thenDraw(() => desk.finish()),
    cancel: thenDraw(() => desk.cancel()),
    zoom: (direction) => stage.stepZoom(direction),
    hold: thenDraw(() => void (isHeld = hold())),
  });
  const list = mountListPanel({
    mayEdit,
    choose: thenDraw((key) => desk.choose(key)),
    remove,
    reorder: thenDraw((key, direction) => desk.reorder(key, direction)),
  });
  const detail = mountDetailPanel({
    mayEdit,
    change: thenDraw((fields, gesture) => desk.patch(fields, gesture)),
    reverse: thenDraw(() => desk.reverse()),
    remove: () => desk.chosen && remove(desk.chosen.place.key),
  });

  /** What was clicked is gone with it: go on from its neighbour. @param {string} key */
  function remove(key) {
    const next = desk.removePlace(key);
    draw();
    list.focus(next);
  }

  /** @param {string} key @param {string|null} handle @returns {boolean} whether the key meant something */
  function press(key, handle) {
    const isBack = key === "Backspace" || key === "Delete";
    if (key === "Escape" && desk.isDrawing) thenDraw(() => desk.cancel())();
    else if (key === "Escape" && desk.chosen) thenDraw(() => desk.choose(null))();
    else if (!handle && desk.pen.points.length && isBack) thenDraw(() => desk.step("undo"))();
    else if (!handle && key === "Enter" && desk.pen.tool === "polygon") thenDraw(() => desk.finish())();
    else if (handle && (key === "Enter" || key === " ")) act(handle);
    else return false;
    return true;
  }

  /** Enter on what has the focus: select it, or add the corner. @param {string} handle */
  function act(handle) {
    const at = desk.whereIs(handle);
    if (handle.startsWith("body:")) desk.choose(handle.slice("body:".length));
    const held = handle.startsWith("middle:") && at ? desk.move(handle, at) : handle;
    draw();
    stage.focusHandle(held);
  }

  function drawPicture() {
    stage.draw(drawScene({ draft: desk.draft, pen: desk.pen, hover: desk.hover, chosen: desk.chosen?.place.key ?? null, problems: desk.history.problems, wh: desk.wh, scale: stage.scale(), mayEdit }));
  }

  function draw() {
    const { draft, chosen, pen, wh, canUndo, canRedo } = desk;
    const { problems } = desk.history;
    drawPicture();
    stage.root.classList.toggle("stage--stretch", isStretched());
    stage.root.classList.toggle("stage--select", !desk.isDrawing);
    toolbar.update({ tool: pen.tool, points: pen.points.length, canUndo, canRedo, isHeld });
    list.update({ draft, chosen: chosen?.place.key ?? null, wh, problems });
    detail.update(chosen, problems, wh);
    onChange();
  }

  stage.root.addEventListener("pointerdown", ({ target }) => {
    const handle = target instanceof Element ? target.closest("[data-handle]")?.getAttribute("data-handle") : null;
    const key = handle?.startsWith("body:") ? handle.slice("body:".length) : null;
    if (key && key !== desk.chosen?.place.key) thenDraw(() => desk.choose(key))();
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    const inText = event.target instanceof HTMLInputElement && event.target.type !== "color";
    if (!mayEdit || inText || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && desk.isDrawing) thenDraw(() => desk.cancel())();
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y")) return;
    event.preventDefault();
    thenDraw(() => desk.step(event.shiftKey || key === "y" ? "redo" : "undo"))();
  }, { signal });

  return {
    picture: h("div", {}, mayEdit ? toolbar.root : "", stage.root, spoken),
    list: list.root,
    detail: detail.root,
    draft: () => desk.draft,
    problems: () => desk.history.problems,
    isUnsaved: () => desk.isUnsaved,
    isHalfDrawn: () => desk.isHalfDrawn,
    /** Start from what is stored; with what was sent, what has been changed since is kept. */
    load: thenDraw((/** @type {Stored} */ stored, /** @type {PlacesDraft} */ sent = desk.draft) => desk.load(stored, sent)),
    /** Build all of it on what somebody else has stored. */
    rebase: thenDraw((/** @type {Stored} */ theirs) => desk.history.rebase(theirs)),
    /** One step that can be undone. */
    replace: thenDraw((/** @type {PlacesDraft} */ next) => desk.change(next)),
    /** What the server objects to, in what was sent, until the next change. */
    refuse: thenDraw((/** @type {import("../../lib/places_rules.js").Problem[]} */ found, /** @type {PlacesDraft} */ sent) => desk.history.refuse(found, sent)),
    show: thenDraw((/** @type {import("../calibration/picture.js").Picture} */ picture) => {
      desk.wh = picture.wh;
      stage.setPicture(picture.url, picture.wh);
    }),
    showMoment: stage.setMoment,
  };
}

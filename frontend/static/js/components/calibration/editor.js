/**
 * The calibration editor: a draft that can be undone, drawn on the picture, typed in the panels,
 * and judged by the server after every change.
 */
import { h } from "../../dom.js";
import { cleared, draftFrom, mostPlaces, movedPlace, placesOf, withoutPlace, withPlace, withWorld } from "../../lib/calibration_draft.js";
import { UndoStack } from "../../lib/undo.js";
import { mountAreasPanel } from "./areas_panel.js";
import { mountMethodTabs } from "./method_tabs.js";
import { mountPeoplePanel } from "./people_panel.js";
import { mountPointsPanel } from "./points_panel.js";
import { openPreview } from "./preview.js";
import { mountRectanglePanel } from "./rectangle_panel.js";
import { mountResultPanel } from "./result_panel.js";
import { drawScene } from "./scene.js";
import { mountStage } from "./stage.js";
import { mountToolbar } from "./toolbar.js";

/** @typedef {import("../../lib/homography.js").Point} Point */
/** @typedef {import("../../lib/calibration_draft.js").Draft} Draft */
/** @typedef {import("../../lib/calibration_draft.js").Layer} Layer */
/** @typedef {import("./scene.js").Tool} Tool */

/**
 * "marks:2" is the third mark, "walkable+1" the middle of the side before the corner with index 1.
 *
 * @param {string} handle
 */
function parseHandle(handle) {
  const [, layer = "marks", kind, index] = /^(\w+)([:+])(\d+)$/.exec(handle) ?? [];
  return { layer: /** @type {Layer|"ruler"|"person"} */ (layer), index: Number(index), isNew: kind === "+" };
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {string} deps.url of the camera's calibration
 * @param {AbortSignal} deps.signal
 * @param {() => void} deps.newPicture
 * @param {() => void} deps.onChange whether it can be saved may have changed
 */
export function mountEditor({ api, url, signal, newPicture, onChange }) {
  /** @type {UndoStack<Draft>} */
  const steps = new UndoStack(draftFrom(/** @type {any} */ ({ calibrated: false }), [1, 1]));
  /** @type {[number, number]} */
  let wh = [1, 1];
  /** @type {Tool} */
  let tool = "marks";
  /** @type {Point[]} */
  let ruler = [];
  /** @type {Point|null} */
  let person = null;
  let withGrid = true;
  let unsaved = false;

  const preview = openPreview({ api, url, signal, onVerdict: draw });
  const stage = mountStage({ place, move, remove, whereIs, redraw: drawPicture, canPlace: () => tool === "measure" || placesOf(steps.now, tool).length < mostPlaces(steps.now, tool) });
  const toolbar = mountToolbar({
    choose: setTool,
    undo: () => step("undo"),
    redo: () => step("redo"),
    zoom: (direction) => stage.stepZoom(direction),
    toggleGrid: () => {
      withGrid = !withGrid;
      draw();
    },
    newPicture,
  });
  const points = mountPointsPanel({
    type: (index, axis, text) => change(withWorld(steps.now, index, axis, text), `type ${index} ${axis}`),
    remove: (index) => change(withoutPlace(steps.now, "marks", index)),
    select: () => tool !== "marks" && setTool("marks"),
  });
  const rectangle = mountRectanglePanel((name, text) => change({ ...steps.now, [name]: text }, `type ${name}`));
  const people = mountPeoplePanel({ lookAgain: () => preview.follow(steps.now, wh, true), type: (text) => change({ ...steps.now, field_of_view_deg: text }, "type angle") });
  const tabs = mountMethodTabs({ points: points.root, rectangle: rectangle.root, heights: people.root }, (method) => {
    if (method !== steps.now.method) change({ ...steps.now, method });
    setTool("marks");
  });
  const areas = mountAreasPanel({ edit: (layer) => setTool(tool === layer ? "marks" : layer), clear: (layer) => change(cleared(steps.now, layer)) });
  const result = mountResultPanel();

  /** @param {Draft} next @param {string} [gesture] */
  function change(next, gesture) {
    if (next === steps.now) return;
    steps.set(next, gesture);
    changed();
  }

  function changed() {
    unsaved = true;
    if (steps.now.method === "heights" && tool === "marks") tool = "measure";
    preview.follow(steps.now, wh);
    draw();
  }

  /** @param {"undo"|"redo"} which */
  function step(which) {
    steps[which]();
    changed();
  }

  /** @param {Tool} next */
  function setTool(next) {
    tool = next === "marks" && steps.now.method === "heights" ? "measure" : next;
    draw();
  }

  /** @param {Point} at @param {{byMouse: boolean}} how */
  function place(at, { byMouse }) {
    if (tool === "measure") {
      ruler = ruler.length >= 2 ? [at] : [...ruler, at];
      return draw();
    }
    const index = placesOf(steps.now, tool).length;
    change(withPlace(steps.now, tool, at));
    if (byMouse && tool === "marks" && steps.now.method === "points") points.focusOn(index);
  }

  /** @param {string} handle @param {Point} at @param {string} gesture */
  function move(handle, at, gesture) {
    const { layer, index, isNew } = parseHandle(handle);
    if (layer === "ruler") ruler = ruler.map((end, k) => (k === index ? at : end));
    else if (layer === "person") person = at;
    else change(isNew ? withPlace(steps.now, layer, at, index) : movedPlace(steps.now, layer, index, at), gesture);
    if (layer === "ruler" || layer === "person") drawPicture();
    return isNew ? `${layer}:${index}` : handle;
  }

  /** @param {string} handle */
  function remove(handle) {
    const { layer, index, isNew } = parseHandle(handle);
    if (layer === "ruler") ruler = ruler.filter((_, k) => k !== index);
    else if (layer !== "person" && !isNew) change(withoutPlace(steps.now, layer, index));
    draw();
  }

  /** @param {string} handle @returns {Point|null} */
  function whereIs(handle) {
    const { layer, index, isNew } = parseHandle(handle);
    if (layer === "person") return person;
    const list = layer === "ruler" ? ruler : placesOf(steps.now, layer);
    const [at, next] = [list[isNew ? index - 1 : index], list[index % list.length]];
    return isNew && at && next ? [(at[0] + next[0]) / 2, (at[1] + next[1]) / 2] : at ?? null;
  }

  function drawPicture() {
    const { preview: shown, wrongPoints } = preview.now();
    stage.draw(drawScene({ draft: steps.now, tool, matrix: shown?.homography ?? null, wh, scale: stage.scale(), ruler, person, withGrid, wrong: new Set(wrongPoints.keys()) }));
  }

  function draw() {
    const verdict = preview.now();
    const draft = steps.now;
    drawPicture();
    toolbar.update({ tool, method: draft.method, canUndo: steps.canUndo, canRedo: steps.canRedo, withGrid });
    tabs.update(draft.method);
    points.update(draft.points, verdict.isAsking ? null : verdict.preview?.homography ?? null, verdict.wrongPoints);
    rectangle.update(draft, verdict.wrongFields);
    people.update(draft, verdict);
    areas.update(draft, tool, verdict.wrongFields);
    result.update(verdict);
    onChange();
  }

  document.addEventListener("keydown", (event) => {
    const inText = event.target instanceof HTMLInputElement;
    if (inText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    step(event.shiftKey ? "redo" : "undo");
  }, { signal });

  return {
    picture: h("div", {}, toolbar.root, stage.root),
    method: tabs.root,
    areas: areas.root,
    result: result.root,
    draft: () => steps.now,
    pictureWh: () => wh,
    /** Whether the server has agreed to what stands there now. */
    isReady: () => preview.now().preview !== null && !preview.now().isAsking,
    isUnsaved: () => unsaved,
    /** @param {import("../../types.js").Calibration} stored start from it */
    load(stored) {
      steps.reset(draftFrom(stored, wh));
      unsaved = false;
      setTool("marks");
      if (stored.calibrated && String(stored.picture_wh) === String(wh)) preview.accept(steps.now, wh, stored);
      else preview.follow(steps.now, wh);
    },
    /** @param {import("./picture.js").Picture} picture */
    show(picture) {
      wh = picture.wh;
      person ??= [wh[0] / 2, wh[1] * 0.75];
      stage.setPicture(picture.url, wh);
      draw();
    },
  };
}

/**
 * What a click on the picture does, and the buttons that belong to the picture.
 */
import { h, icon, setProperties, setText } from "../../dom.js";

/** @typedef {import("../../lib/pen.js").Tool} Tool */

/** @type {[Tool, string, string][]} */
const TOOLS = [
  ["select", "bi-cursor", "Select"],
  ["polygon", "bi-pentagon", "Zone"],
  ["rectangle", "bi-bounding-box-circles", "Rectangle"],
  ["line", "bi-arrow-left-right", "Line"],
];

/** @type {Record<Tool, string>} */
const HINTS = {
  select: "Click a zone or a line to select it, drag it to move it. Drag a corner to move it, a small dot to add one; Delete removes what is focused.",
  polygon: "Click the corners one after the other; click the first one again, or press Enter, to close the zone. Space places a corner at the cross, Backspace takes the last one back, Escape cancels.",
  rectangle: "Drag from one corner to the opposite one, or click both. Escape cancels.",
  line: "Drag, or click both ends. People who cross it are counted; the arrow points in. Escape cancels.",
};

/**
 * @param {object} does
 * @param {(tool: Tool, byKeyboard: boolean) => void} does.choose
 * @param {() => void} does.undo
 * @param {() => void} does.redo
 * @param {(direction: 1|-1) => void} does.zoom
 * @param {() => void} does.hold
 * @param {() => void} does.finish
 * @param {() => void} does.cancel
 */
export function mountToolbar(does) {
  /** @param {string} name @param {string} word @param {() => void} click */
  const button = (name, word, click) => h("button", { class: "button button--icon", type: "button", "aria-label": word, title: word, on: { click } }, icon(name));
  const tools = TOOLS.map(([tool, name, word]) => ({
    tool,
    node: h("button", { class: "button toolbar__tool", type: "button", "data-tool": tool, on: { click: (/** @type {MouseEvent} */ event) => does.choose(tool, event.detail === 0) } }, icon(name), word),
  }));
  const undo = button("bi-arrow-counterclockwise", "Undo", does.undo);
  const redo = button("bi-arrow-clockwise", "Redo", does.redo);
  const hold = button("bi-pause", "Hold the picture", does.hold);
  const finish = h("button", { class: "button button--small button--primary", type: "button", on: { click: does.finish } }, icon("bi-check-lg"), "Close the zone");
  const cancel = h("button", { class: "button button--small", type: "button", on: { click: does.cancel } }, "Cancel");
  const drawing = h("div", { class: "toolbar__group" }, finish, cancel);
  const hint = h("p", { class: "hint" });
  const root = h(
    "div",
    { class: "toolbar" },
    h("div", { class: "toolbar__group", role: "group", "aria-label": "What a click does" }, ...tools.map(({ node }) => node)),
    h("div", { class: "toolbar__group" }, undo, redo, button("bi-zoom-out", "Zoom out", () => does.zoom(-1)), button("bi-zoom-in", "Zoom in", () => does.zoom(1)), hold),
    h("div", { class: "toolbar__row" }, hint, drawing),
  );
  return {
    root,
    /** @param {{tool: Tool, points: number, canUndo: boolean, canRedo: boolean, isHeld: boolean}} state points: of the shape being drawn */
    update({ tool, points, canUndo, canRedo, isHeld }) {
      for (const { tool: one, node } of tools) setProperties(node, { "aria-pressed": String(one === tool) });
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
      setProperties(hold, { "aria-pressed": String(isHeld) });
      drawing.hidden = tool === "select"; // not before the first point: the picture must not move under the pointer
      finish.hidden = tool !== "polygon";
      finish.disabled = points < 3;
      setText(hint, HINTS[tool]);
    },
  };
}

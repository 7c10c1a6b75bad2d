/**
 * What a click on the picture does, and the buttons that belong to the picture.
 */
import { h, icon, setProperties, setText } from "../../dom.js";

/** @typedef {import("./scene.js").Tool} Tool */

/** @type {[Tool, string, string][]} */
const TOOLS = [
  ["marks", "bi-geo-alt", "Points"],
  ["monitored", "bi-bounding-box", "Monitored area"],
  ["walkable", "bi-person-walking", "Walkable area"],
  ["measure", "bi-rulers", "Measure"],
];

/** @type {Record<Tool, string>} */
const HINTS = {
  marks: "Click a place on the ground. Drag it to correct; the arrow keys move it by one pixel.",
  monitored: "Click the corners one after the other; drag a small dot to add one in between.",
  walkable: "Click the corners one after the other; drag a small dot to add one in between.",
  measure: "Click both ends of something whose length you know, a kerb or a door, and compare. Drag the figure beside somebody.",
};

const CORNERS_HINT = "Click the four corners, going round. Drag one to correct it; the arrow keys move it by one pixel.";

/**
 * @param {object} does
 * @param {(tool: Tool) => void} does.choose
 * @param {() => void} does.undo
 * @param {() => void} does.redo
 * @param {(direction: 1|-1) => void} does.zoom
 * @param {() => void} does.toggleGrid
 * @param {() => void} does.newPicture
 */
export function mountToolbar(does) {
  /** @param {string} name @param {string} word @param {() => void} click */
  const button = (name, word, click) => h("button", { class: "button button--icon", type: "button", "aria-label": word, title: word, on: { click } }, icon(name));
  const tools = TOOLS.map(([tool, name, word]) => {
    const text = h("span", {}, word);
    return { tool, text, node: h("button", { class: "button toolbar__tool", type: "button", "data-tool": tool, on: { click: () => does.choose(tool) } }, icon(name), text) };
  });
  const undo = button("bi-arrow-counterclockwise", "Undo", does.undo);
  const redo = button("bi-arrow-clockwise", "Redo", does.redo);
  const grid = button("bi-grid-3x3", "Metre grid", does.toggleGrid);
  const hint = h("p", { class: "hint" });
  return {
    root: h(
      "div",
      { class: "toolbar" },
      h("div", { class: "toolbar__group", role: "group", "aria-label": "What a click places" }, ...tools.map(({ node }) => node)),
      h("div", { class: "toolbar__group" }, undo, redo, button("bi-zoom-out", "Zoom out", () => does.zoom(-1)), button("bi-zoom-in", "Zoom in", () => does.zoom(1)), grid, button("bi-camera", "New picture", does.newPicture)),
      hint,
    ),
    /** @param {{tool: Tool, method: import("../../types.js").CalibrationMethod, canUndo: boolean, canRedo: boolean, withGrid: boolean}} state */
    update({ tool, method, canUndo, canRedo, withGrid }) {
      for (const { tool: one, node, text } of tools) {
        setProperties(node, { "aria-pressed": String(one === tool) });
        if (one !== "marks") continue;
        setText(text, method === "rectangle" ? "Corners" : "Points");
        node.hidden = method === "heights";
      }
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
      setProperties(grid, { "aria-pressed": String(withGrid) });
      setText(hint, tool === "marks" && method === "rectangle" ? CORNERS_HINT : HINTS[tool]);
    },
  };
}

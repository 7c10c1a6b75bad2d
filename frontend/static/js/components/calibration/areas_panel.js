/**
 * The optional outlines: where people are counted, and where people can walk at all.
 */
import { h, icon, setProperties, setText } from "../../dom.js";
import { formatNumber } from "../../lib/format.js";
import { polygonProblem } from "../../lib/polygon.js";

/** @typedef {"monitored"|"walkable"} AreaLayer */

const AREAS = /** @type {const} */ ([
  { layer: "monitored", word: "Monitored area", none: "The whole picture, as far as a pixel shows less than 25 cm.", help: "Densities and the count refer to it." },
  { layer: "walkable", word: "Walkable area", none: "The same as the monitored area.", help: "Where people can stand at all: leave out walls, stages, water. Local densities need it near walls." },
]);

/**
 * @param {object} does
 * @param {(layer: AreaLayer) => void} does.edit
 * @param {(layer: AreaLayer) => void} does.clear
 */
export function mountAreasPanel(does) {
  const parts = AREAS.map((area) => {
    const state = h("span", { class: "hint" });
    const error = h("span", { class: "field__error", role: "alert" });
    const edit = h("button", { class: "button button--small", type: "button", "data-area": area.layer, on: { click: () => does.edit(area.layer) } });
    const clear = h("button", { class: "button button--small button--quiet", type: "button", on: { click: () => does.clear(area.layer) } }, icon("bi-trash"), "Clear");
    const root = h("div", { class: "stack stack--tight" }, h("div", { class: "row-line row-line--spread" }, h("h3", {}, h("span", { class: `swatch swatch--${area.layer}`, "aria-hidden": "true" }), area.word), h("div", { class: "row-line" }, edit, clear)), h("span", { class: "hint" }, area.help), state, error);
    return { ...area, root, state, error, edit, clear };
  });
  return {
    root: h("div", { class: "stack" }, ...parts.map(({ root }) => root)),
    /** @param {import("../../lib/calibration_draft.js").Draft} draft @param {string} tool @param {Map<string, string>} wrong by field */
    update(draft, tool, wrong) {
      for (const { layer, word, none, state, error, edit, clear } of parts) {
        const corners = draft[layer];
        const isOn = tool === layer;
        setText(state, corners.length ? `${formatNumber(corners.length)} corners` : `Not drawn: ${none.charAt(0).toLowerCase()}${none.slice(1)}`);
        setText(edit, isOn ? "Done" : corners.length ? "Change" : "Draw");
        setProperties(edit, { "aria-pressed": String(isOn), "aria-label": `${isOn ? "Finish" : corners.length ? "Change" : "Draw"} the ${word.toLowerCase()}` });
        clear.hidden = !corners.length;
        setText(error, wrong.get(`${layer}_area`) ?? (corners.length && !isOn ? polygonProblem(corners) : ""));
      }
    },
  };
}

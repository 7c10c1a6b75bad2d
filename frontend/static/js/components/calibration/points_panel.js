/**
 * The table of points: where each lies on the ground, in metres, and how far off it is.
 */
import { h, icon, rebuild, setProperties, setText } from "../../dom.js";
import { lengthText } from "../../lib/calibration_words.js";
import { project } from "../../lib/homography.js";
import { optionalNumber } from "../../lib/source_types.js";

/** @typedef {import("../../lib/calibration_draft.js").Mark} Mark */
/** @typedef {import("../../lib/homography.js").Matrix} Matrix */

/**
 * @param {Mark} mark
 * @param {Matrix|null} matrix
 * @param {number} count of points: four always fit
 */
function missText({ image, world }, matrix, count) {
  const at = matrix && count > 4 ? project(matrix, image) : null;
  const given = world.map(optionalNumber);
  return at ? lengthText(Math.hypot(at[0] - Number(given[0]), at[1] - Number(given[1]))) : "";
}

/**
 * @param {object} does
 * @param {(index: number, axis: 0|1, text: string) => void} does.type
 * @param {(index: number) => void} does.remove
 * @param {(index: number) => void} does.select
 */
export function mountPointsPanel(does) {
  const body = h("tbody");
  const root = h(
    "div",
    { class: "stack stack--tight" },
    h("p", { class: "hint" }, "Measure from any place you like, X one way and Y at a right angle to it. Click a point in the picture, then type its metres."),
    h("table", { class: "marks" }, h("thead", {}, h("tr", {}, ...["Point", "X (m)", "Y (m)", "Off by", ""].map((word) => h("th", { scope: "col" }, word || h("span", { class: "visually-hidden" }, "Remove"))))), body),
  );
  /** @type {{inputs: HTMLInputElement[], miss: HTMLElement, error: HTMLElement, row: HTMLElement}[]} */
  let rows = [];

  /** @param {number} index */
  function makeRow(index) {
    const error = h("span", { class: "field__error", role: "alert", id: `mark-${index}-error` });
    const inputs = /** @type {const} */ ([0, 1]).map((axis) =>
      h("input", {
        class: "field__input", type: "text", inputmode: "text", autocomplete: "off", placeholder: "m",
        "aria-label": `Point ${index + 1}, ${axis ? "Y" : "X"} in metres`, "aria-describedby": error.id,
        on: {
          input: (/** @type {Event} */ event) => does.type(index, axis, /** @type {HTMLInputElement} */ (event.target).value),
          focus: () => does.select(index),
        },
      }),
    );
    const miss = h("td", { class: "marks__miss" });
    const remove = h("button", { class: "button button--quiet button--small button--icon", type: "button", "aria-label": `Remove point ${index + 1}`, on: { click: () => does.remove(index) } }, icon("bi-trash"));
    const row = h("tr", {}, h("th", { scope: "row" }, h("span", { class: "marks__number" }, index + 1)), ...inputs.map((input) => h("td", {}, input)), miss, h("td", {}, remove));
    return { inputs, miss, error, row };
  }

  return {
    root,
    /** @param {number} index */
    focusOn: (index) => rows[index]?.inputs[0]?.focus({ preventScroll: true }),
    /** @param {Mark[]} points @param {Matrix|null} matrix @param {Map<number, string>} wrong */
    update(points, matrix, wrong) {
      rebuild(body, String(points.length), () => {
        rows = points.map((_, index) => makeRow(index));
        return rows.length
          ? rows.flatMap(({ row, error }) => [row, h("tr", {}, h("td", { colspan: 5, class: "marks__error" }, error))])
          : [h("tr", {}, h("td", { colspan: 5, class: "hint" }, "No points yet."))];
      });
      rows.forEach(({ inputs, miss, error }, index) => {
        const mark = points[index];
        if (!mark) return;
        const problem = wrong.get(index) ?? "";
        inputs.forEach((input, axis) => {
          const text = mark.world[axis] ?? "";
          if (input.value !== text) input.value = text;
          const isNumber = text.trim() === "" || typeof optionalNumber(text) === "number";
          setProperties(input, { "aria-invalid": problem || !isNumber ? "true" : null });
        });
        setText(miss, missText(mark, matrix, points.length));
        setText(error, problem);
      });
    },
  };
}

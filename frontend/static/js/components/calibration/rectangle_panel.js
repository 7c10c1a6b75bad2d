/**
 * The rectangle's sides in metres, and which side is which.
 */
import { h, setText } from "../../dom.js";
import { field } from "../fields.js";

/**
 * @param {(name: "width_m"|"length_m", text: string) => void} type
 */
export function mountRectanglePanel(type) {
  const progress = h("p", { class: "hint", role: "status" });
  const make = (/** @type {"width_m"|"length_m"} */ name, /** @type {string} */ label, /** @type {string} */ help) =>
    field({
      name, label, unit: "m", help,
      attributes: { inputmode: "decimal", autocomplete: "off", on: { input: (/** @type {Event} */ event) => type(name, /** @type {HTMLInputElement} */ (event.target).value) } },
    });
  const fields = [make("width_m", "Width", "From corner 1 to corner 2"), make("length_m", "Length", "From corner 2 to corner 3")];
  return {
    root: h("div", { class: "stack" }, progress, h("div", { class: "form-pair" }, ...fields.map(({ root }) => root))),
    /** @param {import("../../lib/calibration_draft.js").Draft} draft @param {Map<string, string>} wrong by field */
    update(draft, wrong) {
      const count = draft.corners.length;
      setText(progress, count < 4 ? `Click the corners in order, going round: ${count} of 4 placed.` : "Four corners placed. Drag one to correct it.");
      for (const one of fields) {
        const name = /** @type {"width_m"|"length_m"} */ (one.control.name);
        if (one.value !== draft[name]) one.value = draft[name];
        one.setError(wrong.get(name) ?? "");
      }
    },
  };
}

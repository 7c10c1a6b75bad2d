/**
 * Calibration from people's heights: what it rests on, and its caveat.
 */
import { h, icon, rebuild } from "../../dom.js";
import { formatNumber } from "../../lib/format.js";
import { field } from "../fields.js";

/** @typedef {import("../../types.js").HeightEvidence} HeightEvidence */

/** @param {HeightEvidence} found @returns {[string, string][]} */
function evidence(found) {
  return [
    ["People used", `${formatNumber(found.people_used)} of ${formatNumber(found.people_given)} seen`],
    ["Misfit of their heights", `${formatNumber(found.residual_px, 1)} px (${formatNumber(found.residual_relative * 100, 1)} %)`],
    ["Camera above the ground", `${formatNumber(found.camera_height_m, 1)} m`],
    ["Looks down by", `${formatNumber(found.tilt_deg)}°`],
    ["Horizon", `${formatNumber(Math.abs(found.horizon_y_px))} px ${found.horizon_y_px < 0 ? "above" : "below"} the top of the picture`],
    ["Field of view", `${formatNumber(found.field_of_view_deg)}° ${found.field_of_view_assumed ? "(assumed ± 20 %)" : "(as given)"}`],
  ];
}

/**
 * @param {object} does
 * @param {(text: string) => void} does.type the field of view
 * @param {() => void} does.lookAgain
 */
export function mountPeoplePanel({ type, lookAgain }) {
  const angle = field({
    name: "field_of_view_deg", label: "Horizontal field of view", unit: "°",
    help: "From the camera's data sheet. Left empty, 60° is assumed: depth, and so every m², is then a rough estimate.",
    attributes: { inputmode: "decimal", autocomplete: "off", placeholder: "60", on: { input: (/** @type {Event} */ event) => type(/** @type {HTMLInputElement} */ (event.target).value) } },
  });
  const place = h("div", { class: "stack stack--tight" });
  const again = h("button", { class: "button button--small", type: "button", on: { click: lookAgain } }, icon("bi-arrow-repeat"), "Look again");
  return {
    root: h("div", { class: "stack" }, angle.root, place, h("div", {}, again)),
    /** @param {import("../../lib/calibration_draft.js").Draft} draft @param {import("./preview.js").FullVerdict} verdict */
    update(draft, { preview, isAsking, wrongFields }) {
      if (angle.value !== draft.field_of_view_deg) angle.value = draft.field_of_view_deg;
      angle.setError(wrongFields.get("field_of_view_deg") ?? "");
      const found = preview?.evidence ?? null;
      again.disabled = isAsking;
      rebuild(place, JSON.stringify(found), () =>
        found ? [h("dl", { class: "facts" }, ...evidence(found).flatMap(([word, text]) => [h("dt", {}, word), h("dd", {}, text)]))] : [],
      );
    },
  };
}

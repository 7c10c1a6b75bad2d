/**
 * Calibration from people's heights: what it rests on, and its caveat.
 */
import { withQuery } from "../../api/client.js";
import { h, icon } from "../../dom.js";
import { areaText, spreadText } from "../../lib/calibration_words.js";
import { formatNumber } from "../../lib/format.js";
import { optionalNumber } from "../../lib/source_types.js";
import { field } from "../fields.js";
import { loadingState, messageOf, notice } from "../state.js";

/**
 * @typedef {object} Automatic
 * @property {number} people_used
 * @property {number} people_given
 * @property {number} residual_px
 * @property {number} residual_relative
 * @property {number} camera_height_m
 * @property {number} tilt_deg
 * @property {number} horizon_y_px
 * @property {number} field_of_view_deg
 * @property {boolean} field_of_view_assumed
 * @property {number} length_spread
 * @property {number} area_spread
 * @property {number} area_m2
 * @property {string[]} notes
 */

/** @param {Automatic} found @returns {[string, string][]} */
function evidence(found) {
  return [
    ["People used", `${formatNumber(found.people_used)} of ${formatNumber(found.people_given)} seen`],
    ["Misfit of their heights", `${formatNumber(found.residual_px, 1)} px (${formatNumber(found.residual_relative * 100, 1)} %)`],
    ["Camera above the ground", `${formatNumber(found.camera_height_m, 1)} m`],
    ["Looks down by", `${formatNumber(found.tilt_deg)}°`],
    ["Horizon", `${formatNumber(found.horizon_y_px)} px from the top${found.horizon_y_px < 0 ? " (above the picture)" : ""}`],
    ["Field of view", `${formatNumber(found.field_of_view_deg)}° ${found.field_of_view_assumed ? "(assumed ± 20 %)" : "(as given)"}`],
    ["Lengths, area", `${spreadText(found.length_spread)}, ${areaText(found.area_m2)} ${spreadText(found.area_spread)}`],
  ];
}

const PAUSE_MS = 500;

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {string} deps.url of the estimate
 * @param {AbortSignal} deps.signal
 * @param {(text: string) => void} deps.type the field of view
 */
export function mountPeoplePanel({ api, url, signal, type }) {
  const angle = field({
    name: "field_of_view_deg", label: "Horizontal field of view", unit: "°",
    help: "From the camera's data sheet. Left empty, 60° is assumed: depth, and so every m², is then a rough estimate.",
    attributes: { inputmode: "decimal", autocomplete: "off", placeholder: "60", on: { input: (/** @type {Event} */ event) => type(/** @type {HTMLInputElement} */ (event.target).value) } },
  });
  const place = h("div", { class: "stack stack--tight", "aria-live": "polite" });
  const again = h("button", { class: "button button--small", type: "button", on: { click: () => void look() } }, icon("bi-arrow-repeat"), "Look again");
  /** @type {string|null} field of view last asked with */
  let asked = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  async function look() {
    const degrees = optionalNumber(asked ?? "");
    place.replaceChildren(loadingState("Looking at the people seen so far …"));
    try {
      const found = /** @type {Automatic} */ (await api.get(withQuery(url, { field_of_view_deg: degrees }), { signal }));
      place.replaceChildren(
        h("dl", { class: "facts" }, ...evidence(found).flatMap(([word, text]) => [h("dt", {}, word), h("dd", {}, text)])),
        ...found.notes.map((text) => notice("caution", text)),
      );
    } catch (error) {
      if (!signal.aborted) place.replaceChildren(notice("caution", h("strong", {}, "Not possible yet. "), messageOf(error)));
    }
  }

  return {
    root: h("div", { class: "stack" }, place, angle.root, h("div", {}, again)),
    /** @param {import("../../lib/calibration_draft.js").Draft} draft @param {Map<string, string>} wrong by field */
    update(draft, wrong) {
      if (angle.value !== draft.field_of_view_deg) angle.value = draft.field_of_view_deg;
      angle.setError(wrong.get("field_of_view_deg") ?? "");
      if (draft.method !== "heights" || asked === draft.field_of_view_deg) return;
      clearTimeout(timer);
      timer = setTimeout(() => void look(), asked === null ? 0 : PAUSE_MS);
      asked = draft.field_of_view_deg;
    },
  };
}

/**
 * What the server makes of the draft, before anything is stored: area, error, trust, refusal.
 */
import { h, icon, rebuild } from "../../dom.js";
import { resultRows } from "../../lib/calibration_words.js";
import { trustView } from "../../lib/risk.js";
import { notice } from "../state.js";

/** @typedef {import("../../types.js").Calibration} Calibration */

/**
 * @typedef {object} Verdict
 * @property {string} missing what still has to be given
 * @property {boolean} isAsking
 * @property {Calibration|null} preview
 * @property {string[]} refused
 */

/** @param {Calibration} preview */
function answer(preview) {
  const view = trustView(preview.trust ?? "unknown");
  const word = view.key === "ok" ? "Measured" : view.word;
  return [
    h("div", { class: `trust trust--${view.key}` }, icon(view.icon), word),
    h("dl", { class: "facts" }, ...resultRows(preview).flatMap(([name, value, why]) => [h("dt", {}, name), h("dd", {}, value, h("div", { class: "hint" }, why))])),
    ...preview.notes.map((text) => notice("caution", text)),
  ];
}

export function mountResultPanel() {
  const root = h("div", { class: "stack stack--tight", "aria-live": "polite", "data-result": "" });
  return {
    root,
    /** @param {Verdict} verdict */
    update({ missing, isAsking, preview, refused }) {
      rebuild(root, JSON.stringify([missing, refused, preview, isAsking && !preview]), () => {
        if (missing) return [h("p", { class: "hint" }, icon("bi-hand-index"), " ", missing)];
        if (refused.length) return refused.map((text) => notice("bad", text));
        if (preview) return answer(preview);
        return [h("p", { class: "hint" }, isAsking ? "Working it out …" : "")];
      });
      root.setAttribute("aria-busy", String(isAsking));
    },
  };
}

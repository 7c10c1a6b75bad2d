/**
 * The calibration in force: version, origin, age, and whether the camera has moved since.
 */
import { h, icon, rebuild } from "../../dom.js";
import { areaText, METHODS, spreadText } from "../../lib/calibration_words.js";
import { formatDateTime } from "../../lib/format.js";
import { notice } from "../state.js";

/** @typedef {import("../../types.js").Calibration} Calibration */

/** @param {() => void} remove */
export function mountStoredPanel(remove) {
  const root = h("div", { class: "stack stack--tight" });
  return {
    root,
    /** @param {Calibration} stored */
    update(stored) {
      rebuild(root, JSON.stringify(stored), () => {
        const doubt = stored.fault ? notice("bad", h("strong", {}, "Not used now. "), stored.fault) : null;
        if (!stored.calibrated || !stored.method) return [doubt, h("p", { class: "hint" }, "None: densities and speeds in metres are not available from this camera.")];
        /** @type {[string, string][]} */
        const rows = [
          ["Version", String(stored.version)],
          ["Made", METHODS[stored.method].made],
          ["When", `${formatDateTime(stored.created_at)}${stored.created_by ? ` by ${stored.created_by}` : ""}`],
          ["Monitored area", `${areaText(stored.area_m2)} ${spreadText(stored.area_spread)}`],
          ["Watched for movement", stored.has_background ? "yes: compared with the background of then" : "not yet: no background could be kept"],
        ];
        return [
          doubt,
          h("dl", { class: "facts" }, ...rows.flatMap(([word, value]) => [h("dt", {}, word), h("dd", {}, value)])),
          h("div", {}, h("button", { class: "button button--small button--danger", type: "button", on: { click: remove } }, icon("bi-trash"), "Remove calibration")),
        ];
      });
    },
  };
}

/**
 * "Why is it red?": the causes with number and limit, and the parts of the score.
 */
import { h, rebuild } from "../dom.js";
import { formatAgainstLimit, formatNumber } from "../lib/format.js";
import { levelBadge } from "./badges.js";

/** @typedef {import("../types.js").Cause} Cause */
/** @typedef {import("../types.js").RiskParts} RiskParts */

/** @type {[keyof RiskParts, string, number][]} factor, word, weight in the score */
const PARTS = [
  ["density", "Density", 0.4],
  ["surge", "Surge", 0.3],
  ["velocity", "Standing still", 0.3],
  ["pressure_boost", "Crowd pressure", 0.6],
  ["coherence_boost", "Disorder", 0.4],
];

/** @param {Cause[]} causes */
export function causeList(causes) {
  return h(
    "ul",
    { class: "causes" },
    ...causes.map((cause) =>
      h(
        "li",
        { class: "causes__item" },
        h("div", { class: "row-line" }, levelBadge(cause.level), h("span", { class: "causes__numbers" }, formatAgainstLimit(cause.value, cause.limit, cause.unit))),
        h("span", { class: "causes__text" }, cause.text),
      ),
    ),
  );
}

/** @param {RiskParts} parts */
function partRows(parts) {
  return PARTS.filter(([key]) => parts[key] !== null && parts[key] !== undefined).flatMap(([key, word, weight]) => {
    const points = 100 * weight * /** @type {number} */ (parts[key]);
    const fill = h("div", { class: "meter__fill" });
    fill.style.width = `${Math.min(points, 100)}%`;
    return [
      h("span", {}, word),
      h("div", { class: "meter", "aria-hidden": "true" }, fill),
      h("span", { class: "parts__value nowrap" }, `${formatNumber(points)} of ${formatNumber(100 * weight)} points`),
    ];
  });
}

export function mountCauses() {
  const root = h("div", { class: "stack" });
  return {
    root,
    /** @param {import("../types.js").Metrics|null} metrics */
    update(metrics) {
      const key = metrics ? JSON.stringify([metrics.causes, metrics.parts, metrics.risk_level]) : "none";
      rebuild(root, key, () => {
        if (!metrics) return [h("p", { class: "hint" }, "No numbers yet.")];
        const rows = metrics.parts ? partRows(metrics.parts) : [];
        return [
          metrics.causes.length ? causeList(metrics.causes) : h("p", { class: "hint" }, "Nothing raises the level."),
          rows.length ? h("h3", {}, "Parts of the score") : null,
          rows.length ? h("div", { class: "parts" }, ...rows) : null,
          metrics.risk_score === null && h("p", { class: "hint" }, metrics.calibration_version === null ? "No score: it needs a calibration, an area in m² or a people limit for this camera." : "No score: the calibration cannot be used now."),
        ];
      });
    },
  };
}

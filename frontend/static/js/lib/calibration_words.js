/**
 * Calibrations in words: methods, errors, and one line for the camera's page.
 */
import { formatDateTime, formatNumber, formatQuantity, NONE } from "./format.js";
import { digitsOf } from "./quantities.js";

/** @typedef {import("../types.js").Calibration} Calibration */
/** @typedef {import("../types.js").CalibrationMethod} Method */

/** @type {Record<Method, {word: string, icon: string, made: string, when: string}>} */
export const METHODS = {
  points: {
    word: "Points",
    icon: "bi-geo-alt",
    made: "from points",
    when: "The most exact: four or more places on the ground whose distances you have measured, or read from a plan. Spread them over the picture, near and far.",
  },
  rectangle: {
    word: "Rectangle",
    icon: "bi-bounding-box-circles",
    made: "from a rectangle",
    when: "Quick: one rectangle on the ground, such as paving, a marked bay or a carpet, of which you know both sides. The larger in the picture, the better.",
  },
  heights: {
    word: "From people",
    icon: "bi-person-standing",
    made: "from people's heights",
    when: "Without a tape measure: from how tall standing people appear near and far. Every number that rests on it is marked as an estimate.",
  },
};

/** @param {number|null|undefined} share half of the 90 % interval */
export function spreadText(share) {
  return share === null || share === undefined ? NONE : `± ${formatNumber(share * 100, share < 0.0095 ? 1 : 0)} %`;
}

/** @param {number|null|undefined} area */
export function areaText(area) {
  return area === null || area === undefined ? NONE : formatQuantity(area, "m²", digitsOf(area));
}

/** @param {number|null|undefined} metres */
export function lengthText(metres) {
  if (metres === null || metres === undefined) return NONE;
  if (metres < 0.01) return "under 1 cm";
  return metres < 1 ? formatQuantity(metres * 100, "cm", 0) : formatQuantity(metres, "m", metres < 100 ? 2 : 0);
}

/**
 * What the error of a calibration is known to be.
 *
 * @param {Calibration} calibration
 * @returns {[string, string, string][]} word, value, explanation
 */
export function resultRows(calibration) {
  const { method, area_m2: area, rms_error_m: rms, length_spread: lengths, area_spread: areas } = calibration;
  const lens = calibration.evidence?.field_of_view_assumed === false ? "given" : "assumed";
  const cause = method === "heights" ? `From people's heights and the ${lens} field of view` : "If every click is off by 2 px";
  /** @type {[string, string, string][]} */
  const rows = [
    ["Monitored area", `${areaText(area)} ${spreadText(areas)}`, `${cause}; densities are as uncertain as the area`],
    ["Lengths and speeds", spreadText(lengths), cause],
  ];
  if (method === "points") {
    rows.push(["Error of the points", rms === null ? "not known with four" : `${lengthText(rms)} (root mean square)`, rms === null ? "Four points always fit; a fifth shows how well" : "How far the points lie from where the calibration puts them"]);
  }
  return rows;
}

/** @param {import("../types.js").CalibrationSummary|null} calibration one line for the camera's page */
export function calibrationSummary(calibration) {
  if (!calibration) return "none";
  const { version, method, area_m2: area, created_at: at } = calibration;
  if (method === "simulation") return `known by construction, ${areaText(area)}`;
  return `version ${version}, ${METHODS[method].made}, ${areaText(area)}, ${formatDateTime(at)}`;
}

/** @param {string} text as typed @param {string} where */
export function notANumber(text, where) {
  return `“${text.trim()}” at ${where} is not a number: type digits only, such as 3.25.`;
}

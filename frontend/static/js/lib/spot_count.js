/**
 * Spot counts in words: what somebody counted, what was measured, how far counts are off here.
 */
import { formatDateTime, formatInterval, formatNumber } from "./format.js";

/** @typedef {import("../types.js").SpotCount} SpotCount */
/** @typedef {import("../types.js").RollingError} RollingError */

export const MOST_COUNTED = 100_000;
export const NOTE_MAX = 500;

/** @param {number} n */
const people = (n) => `${formatNumber(n)} ${n === 1 ? "person" : "people"}`;

/** @param {number} n with one decimal */
const tenths = (n) => `${formatNumber(n, 1)} ${n.toFixed(1) === "1.0" ? "person" : "people"}`;

/** @param {string|null} zoneName */
export function placeWord(zoneName) {
  return zoneName === null ? "Whole picture" : zoneName;
}

/**
 * What is wrong with a typed number, "" where nothing is.
 *
 * @param {string} text
 */
export function countProblem(text) {
  const tidy = text.trim();
  if (!tidy) return "Type how many people you counted; 0 if there is nobody.";
  if (!/^\d+$/.test(tidy) || Number(tidy) > MOST_COUNTED) return `Type a whole number from 0 to ${formatNumber(MOST_COUNTED)}.`;
  return "";
}

/**
 * Who is to be counted in a still.
 *
 * @param {"picture"|"monitored_area"|"zone"} area
 * @param {string|null} zoneName
 */
export function areaHelp(area, zoneName) {
  if (area === "zone") return `Count everybody whose feet are inside the border of ${zoneName}, also where you can only guess the feet.`;
  if (area === "monitored_area") return "Count everybody whose feet are inside the border drawn: that is the area this camera is calibrated for.";
  return "Count everybody in the picture, also those half hidden or cut off by its edge.";
}

/**
 * The measured count of a picture: "38 (33–44)", "at least 33".
 *
 * @param {Pick<SpotCount, "measured"|"measured_low"|"measured_high">} count
 */
export function measuredText({ measured, measured_low: low, measured_high: high }) {
  const interval = formatInterval(low, high);
  const figure = formatNumber(Math.round(measured));
  return interval ? `${figure} (${interval})` : figure;
}

/**
 * How far the measured number is off, in whole people as they are shown.
 *
 * @param {Pick<SpotCount, "measured"|"counted">} count
 */
export function differenceText({ measured, counted }) {
  const off = Math.round(measured) - counted;
  if (off === 0) return "the same";
  return `${formatNumber(Math.abs(off))} too ${off < 0 ? "few" : "many"}`;
}

/**
 * Whether the interval held the count; "" where there is none but the number itself.
 *
 * @param {SpotCount} count
 */
export function insideText({ is_inside: inside, measured_low: low, measured_high: high }) {
  if (high === null) return inside ? "as many as it said, at least" : "fewer than the least it said";
  if (!formatInterval(low, high)) return "";
  return inside ? "inside its interval" : "outside its interval";
}

/** @param {SpotCount} count */
export function resultText(count) {
  const words = [differenceText(count), insideText(count)].filter(Boolean).join(", ");
  return `You counted ${formatNumber(count.counted)}, CrowdSafe ${measuredText(count)}: ${words}.`;
}

/**
 * How accurate a place is, a sentence each; the first is the gist.
 *
 * @param {RollingError} rolling
 * @returns {string[]}
 */
export function rollingLines({ n, window, is_few: isFew, mean_error: mean, mean_absolute_error: size, mean_absolute_percent: percent, interval_coverage: coverage, since, models }) {
  if (!n || mean === null || size === null || coverage === null) return ["Nobody has counted here yet."];
  const share = percent === null ? "" : `, ${formatNumber(percent)} % of those counted`;
  const bias = Math.abs(mean) < 0.05 ? "neither too many nor too few" : `${tenths(Math.abs(mean))} too ${mean < 0 ? "few" : "many"}`;
  const inside = Math.round(coverage * n);
  const when = formatDateTime(since);
  const lines =
    n === 1
      ? [`Off by ${tenths(size)}${share}.`, `The count lay ${inside ? "inside" : "outside"} the 90 % interval.`, `One count, of ${when}.`]
      : [`Off by ${tenths(size)} a picture${share}; on average ${bias}.`, `${inside} of ${n} counts lay inside the 90 % interval.`, `The ${n < window ? "" : "newest "}${n} counts since ${when}.`];
  if (isFew) lines.unshift(`Too few counts to tell how accurate this place is: ${n} of at least 5.`);
  if (models.length > 1) lines.push(`Measured by more than one model: ${models.join(", ")}.`);
  return lines;
}

/**
 * How many dots stand on a still.
 *
 * @param {number} n
 */
export function markedText(n) {
  return n ? `${people(n)} marked` : "Tap each person to mark them, or just type the number.";
}

/**
 * One measured number as people read it: with its unit, its interval and what it is worth.
 */
import { formatAge, formatNumber, formatPercent, NONE, readableUnit } from "./format.js";
import { trustView } from "./risk.js";

/** @typedef {import("../types.js").Metrics} Metrics */
/** @typedef {import("../types.js").Quantity} Quantity */
/** @typedef {import("../types.js").Trust} Trust */

/**
 * @typedef {object} QuantityView
 * @property {string} text with unit and interval; "unknown" where it is
 * @property {Trust} trust
 * @property {string} word of the mark beside it, "" where it needs none
 * @property {string} icon
 * @property {string} reason why it is not plainly trusted, "" where it is
 * @property {boolean} isMissing undefined here and now, which is not zero
 */

/** @type {Partial<Record<Trust, string>>} */
const MARKS = { estimated: "Estimate", degraded: "Degraded", saturated: "Beyond the counter", unknown: "Unknown" };

/**
 * Decimals for two significant digits; whole numbers from ten on.
 *
 * @param {number} value
 */
export function digitsOf(value) {
  const size = Math.abs(value);
  return size >= 9.95 || size === 0 ? 0 : size >= 0.995 ? 1 : size >= 0.0995 ? 2 : 3;
}

/** @param {number} value @param {string} unit */
function plain(value, unit) {
  if (unit === "people") return formatNumber(value);
  return formatNumber(value, digitsOf(value));
}

/**
 * @typedef {object} Style how one kind of number is written
 * @property {(value: number, digits: number) => string} number
 * @property {string} unit
 */

/** @param {string} unit @param {"number"|"share"|"time"} kind @returns {Style} */
function styleOf(unit, kind) {
  if (kind === "share") return { number: (value) => formatNumber(value * 100), unit: "%" };
  if (kind === "time") return { number: (value) => formatAge(value), unit: "" };
  return { number: (value, digits) => (unit === "people" ? plain(value, unit) : formatNumber(value, digits)), unit: readableUnit(unit) };
}

/**
 * "2.4 people/m² (2.0–2.9)", "≈ 0.81 m/s", "at least 4.1 people/m²".
 *
 * @param {Pick<Quantity, "low"|"high"|"unit"|"trust"> & {value: number}} quantity
 * @param {"number"|"share"|"time"} [kind]
 */
export function quantityText({ value, unit, low, high, trust }, kind = "number") {
  const { number, unit: word } = styleOf(unit, kind);
  const digits = digitsOf(high ?? value);
  const suffix = word ? ` ${word}` : "";
  if (trust === "saturated" && low !== null && high === null) return `at least ${number(low, digits)}${suffix}`;
  const about = trust === "ok" ? "" : "≈ ";
  const [from, to] = [low, high].map((end) => (end === null ? null : number(end, digits)));
  const interval = from === null && to === null ? "" : from === null ? ` (up to ${to})` : to === null ? ` (at least ${from})` : from === to ? "" : ` (${from}–${to})`;
  return `${about}${number(value, digits)}${suffix}${interval}`;
}

/**
 * @param {Metrics} metrics as they may be believed
 * @param {keyof Metrics} field
 * @returns {Quantity & {value: any}} with the state of all numbers where it has none of its own
 */
export function quantityOf(metrics, field) {
  const known = metrics.quantities?.[field];
  return known ?? { value: /** @type {any} */ (metrics[field] ?? null), unit: "", low: null, high: null, trust: metrics.trust, reason: metrics.trust_reason };
}

/**
 * @typedef {object} How
 * @property {"number"|"share"|"time"} [kind]
 * @property {string} [missing] what stands there while the number is undefined
 * @property {(value: any, quantity: Quantity) => string} [write] instead of number, unit and interval
 */

/**
 * @param {Quantity & {value: any}} quantity
 * @param {How} [how]
 * @returns {QuantityView}
 */
export function viewOf(quantity, { kind = "number", missing = NONE, write } = {}) {
  const { value, trust } = quantity;
  const { icon, reason } = trustView(trust, quantity.reason);
  const isMissing = value === null || value === undefined;
  const mark = { trust, word: MARKS[trust] ?? "", icon, reason: trust === "ok" ? "" : reason, isMissing };
  if (trust === "unknown") return { ...mark, text: "unknown" };
  if (isMissing) return { ...mark, text: missing, word: "", reason: "" };
  return { ...mark, text: write ? write(value, quantity) : quantityText(quantity, kind) };
}

/**
 * @param {Metrics} metrics as they may be believed
 * @param {keyof Metrics} field
 * @param {How} [how]
 * @returns {QuantityView}
 */
export function quantityView(metrics, field, how) {
  return viewOf(quantityOf(metrics, field), how);
}

/** @param {number|null} share a change, with its sign */
export function signedPercent(share) {
  return share === null ? NONE : `${share > 0 ? "+" : ""}${formatPercent(share)}`;
}

/** @param {Metrics|null} metrics whether the count may be believed, whatever else may not */
export function isCountKnown(metrics) {
  return metrics !== null && quantityOf(metrics, "count").trust !== "unknown";
}

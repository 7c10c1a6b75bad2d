/**
 * The health report and the statistics as rows for people.
 */
import { formatAge, formatBytes, formatNumber, NONE } from "./format.js";

/** @typedef {{name: string, state: string, reason: string}} HealthRow */

/** @param {string} key */
function words(key) {
  const text = key.replaceAll(/[._]/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {{status: string, checks?: {name: string, status: string, reason?: string}[]}} health
 * @returns {{overall: string, rows: HealthRow[]}} worst first
 */
export function healthRows(health) {
  const order = ["failed", "degraded"];
  const rows = (health.checks ?? []).map(({ name, status, reason }) => ({
    name: words(name),
    state: status,
    reason: reason ?? "",
  }));
  /** @param {HealthRow} row */
  const rank = (row) => (order.includes(row.state) ? order.indexOf(row.state) : order.length);
  return { overall: health.status, rows: rows.sort((a, b) => rank(a) - rank(b)) };
}

/**
 * @param {string} key the suffix tells the unit
 * @param {unknown} value
 */
function readable(key, value) {
  if (value === null || value === undefined || value === "") return NONE;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  if (key.endsWith("_bytes")) return formatBytes(value);
  if (key.endsWith("_mb")) return `${formatNumber(value)} MB`;
  if (key.endsWith("_s")) return formatAge(value);
  if (key.endsWith("_ms")) return `${formatNumber(value, 1)} ms`;
  if (key.endsWith("_percent")) return `${formatNumber(value)} %`;
  return formatNumber(value, Number.isInteger(value) ? 0 : 2);
}

/**
 * @param {Record<string, unknown>} stats nested objects are flattened
 * @param {string} [prefix]
 * @returns {{name: string, value: string}[]}
 */
export function statRows(stats, prefix = "") {
  return Object.entries(stats).flatMap(([key, value]) => {
    const name = prefix ? `${prefix} ${key}` : key;
    if (Array.isArray(value)) return [{ name: words(name), value: value.map((one) => readable(key, one)).join(", ") || NONE }];
    if (value !== null && typeof value === "object") return statRows(/** @type {Record<string, unknown>} */ (value), name);
    return [{ name: words(name.replace(/_(bytes|mb|s|ms|percent)$/, "")), value: readable(key, value) }];
  });
}

/** @type {[string, string][]} key of the figure, head of its column */
const CAMERA_COLUMNS = [
  ["name", "Camera"],
  ["state", "State"],
  ["fps", "Frames/s"],
  ["wanted_fps", "Wanted"],
  ["shed_percent", "Left out"],
  ["shed_reason", "Why"],
  ["lag_s", "Behind by"],
  ["decode_ms", "Decode"],
  ["detect_ms", "Detect"],
  ["total_ms", "Whole frame"],
  ["count_ms", "Density map"],
  ["dropped_frames", "Skipped"],
  ["reconnects", "Reconnects"],
  ["restarts", "Restarts"],
];

/**
 * @param {Record<string, Record<string, unknown>>} cameras figures by camera id
 * @returns {{heads: string[], rows: string[][]}} in the order of the names
 */
export function cameraRows(cameras) {
  const rows = Object.values(cameras).map((figures) => CAMERA_COLUMNS.map(([key]) => readable(key, figures[key])));
  return {
    heads: CAMERA_COLUMNS.map(([, head]) => head),
    rows: rows.sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
  };
}

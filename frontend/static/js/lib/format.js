/**
 * Numbers, units and times as people read them. Pure; `null` becomes an en dash, never zero.
 */

export const NONE = "–";

/**
 * @param {number|null|undefined} value
 * @param {number} [digits]
 * @returns {string}
 */
export function formatNumber(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  return value.toLocaleString("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/**
 * @param {number|null|undefined} value
 * @param {string} unit
 * @param {number} [digits]
 */
export function formatQuantity(value, unit, digits = 1) {
  const text = formatNumber(value, digits);
  return text === NONE || !unit ? text : `${text} ${unit}`;
}

/** @type {Record<string, string>} */
const READABLE = { "1/m²": "people/m²", "1/s": "people/s", "1/(m·s)": "people/(m·s)" };

/**
 * A unit as people read it: a density counts people.
 *
 * @param {string} unit
 */
export function readableUnit(unit) {
  return READABLE[unit] ?? unit;
}

/** @param {number|null|undefined} perM2 */
export function formatDensity(perM2) {
  return formatQuantity(perM2, "people/m²", 2);
}

/**
 * The counting interval: "11–14", "at least 40", "cannot be counted", or "" where it says nothing more than the count.
 *
 * @param {number} low
 * @param {number|null} high `null` when the scene is beyond the counter
 */
export function formatInterval(low, high) {
  if (high === null) return Math.round(low) < 1 ? "cannot be counted" : `at least ${formatNumber(Math.round(low))}`;
  const [from, to] = [Math.round(low), Math.round(high)]; // as on the picture
  return from === to ? "" : `${formatNumber(from)}–${formatNumber(to)}`;
}

/**
 * The count as the large figure and the line below it; a lower bound where the scene is
 * beyond the counter, in the same words as on the picture.
 *
 * @param {{count: number, count_low: number, count_high: number|null}|null} metrics
 * @returns {{figure: string, note: string}}
 */
export function countView(metrics) {
  if (!metrics) return { figure: NONE, note: "no numbers yet" };
  const { count, count_low: low, count_high: high } = metrics;
  if (high === null) {
    const least = Math.round(low);
    // a lower bound of nobody says nothing, and "≥ 0" reads like an empty place
    if (least < 1) return { figure: "?", note: "people, cannot be counted" };
    return { figure: `≥ ${formatNumber(least)}`, note: `${least === 1 ? "person" : "people"}, at least` };
  }
  const interval = formatInterval(low, high);
  const noun = Math.round(count) === 1 ? "person" : "people";
  return { figure: formatNumber(Math.round(count)), note: interval ? `${noun}, ${interval}` : noun };
}

/**
 * @param {number|null|undefined} seconds
 * @returns {string} "4 s", "3 min", "2 h 5 min", "3 d"
 */
export function formatAge(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

/**
 * @param {number|null|undefined} seconds
 * @returns {string} "1:05", "1:00:05"
 */
export function formatDuration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
}

/** @param {number|null|undefined} bytes */
export function formatBytes(bytes) {
  if (bytes === null || bytes === undefined) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let step = 0;
  while (size >= 1000 && step < units.length - 1) {
    size /= 1000;
    step += 1;
  }
  return `${formatNumber(size, step && size < 10 ? 1 : 0)} ${units[step]}`;
}

/** @param {number|null|undefined} fraction in [0, 1] */
export function formatPercent(fraction) {
  return fraction === null || fraction === undefined ? NONE : `${formatNumber(fraction * 100)} %`;
}

/** @typedef {{zone?: string, locale?: string}} Place */

/**
 * A stamp in the viewer's own zone.
 *
 * @param {string|null|undefined} iso
 * @param {Place} [place]
 */
export function formatDateTime(iso, { zone, locale } = {}) {
  const at = iso ? new Date(iso) : null;
  if (!at || Number.isNaN(at.getTime())) return NONE;
  return at.toLocaleString(locale, {
    timeZone: zone,
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/**
 * @param {string|number|null|undefined} when ISO text or milliseconds
 * @param {Place} [place]
 */
export function formatClock(when, { zone, locale } = {}) {
  const at = when === null || when === undefined ? null : new Date(when);
  if (!at || Number.isNaN(at.getTime())) return NONE;
  return at.toLocaleTimeString(locale, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/**
 * Hour and minute, for spans of hours.
 *
 * @param {string|number|null|undefined} when ISO text or milliseconds
 * @param {Place} [place]
 */
export function formatTime(when, { zone, locale } = {}) {
  const at = when === null || when === undefined ? null : new Date(when);
  if (!at || Number.isNaN(at.getTime())) return NONE;
  return at.toLocaleTimeString(locale, { timeZone: zone, hour: "2-digit", minute: "2-digit" });
}

/**
 * A number with its limit, as shown beside a cause: "4.6 of 4.0 1/m²".
 *
 * @param {number|null} value
 * @param {number|null} limit
 * @param {string} unit
 */
export function formatAgainstLimit(value, limit, unit) {
  if (value === null) return "";
  const readable = readableUnit(unit);
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  const measured = formatQuantity(value, readable, digits);
  if (limit === null) return measured;
  return `${measured}, limit ${formatQuantity(limit, readable, Number.isInteger(limit) ? 0 : 2)}`;
}

/**
 * The last day of a location: lines for its chart, broken where nothing was known, and the
 * figures in words.
 */
import { formatNumber, formatPercent, formatTime, NONE } from "./format.js";

/** @typedef {import("../types.js").LocationStats} LocationStats */
/** @typedef {{at: number, mean: number, low: number, high: number}} Minute at: milliseconds */

const MINUTE_MS = 60_000;

/** @param {LocationStats["minutes"]} rows @returns {Minute[]} oldest first */
export function minutesOf(rows) {
  return rows.map(([at, mean, low, high]) => ({ at: Date.parse(at), mean, low, high })).sort((a, b) => a.at - b.at);
}

/**
 * Pairs for a line, interrupted where a minute is missing.
 *
 * @param {Minute[]} minutes oldest first
 * @param {(minute: Minute) => number} value
 * @returns {[number, number|null][]}
 */
export function minuteLine(minutes, value) {
  return minutes.flatMap((minute, index) => {
    const earlier = minutes[index - 1];
    /** @type {[number, number|null][]} */
    const pairs = [[minute.at, value(minute)]];
    if (earlier && minute.at - earlier.at > 1.5 * MINUTE_MS) pairs.unshift([earlier.at + 1, null]);
    return pairs;
  });
}

/** @param {number|null} count */
const people = (count) => (count === null ? NONE : formatNumber(Math.round(count)));

/**
 * @param {LocationStats} stats
 * @param {{locale?: string}} [place] the viewer's
 * @returns {{word: string, text: string, note: string}[]}
 */
export function statsFigures({ since, until, time_zone: zone, known_seconds: known, count_min, count_mean, count_max, peak_hour: peak }, { locale } = {}) {
  const whole = (Date.parse(until) - Date.parse(since)) / 1000;
  return [
    { word: "Fewest", text: people(count_min), note: "people" },
    { word: "Mean", text: people(count_mean), note: "people" },
    { word: "Most", text: people(count_max), note: "people" },
    { word: "Busiest hour", text: peak ? `from ${formatTime(peak.start, { zone, locale })}` : NONE, note: peak ? `${people(peak.count_mean)} on average, at most ${people(peak.count_max)}` : "not known yet" },
    { word: "Known", text: whole > 0 ? formatPercent(Math.min(known / whole, 1)) : NONE, note: "of the time" },
  ];
}

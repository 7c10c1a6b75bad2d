/**
 * The last day of a location: lines for its chart, broken where nothing was known, and the
 * figures in words.
 */
import { formatAge, formatNumber, formatTime, NONE } from "./format.js";

/** @typedef {import("../types.js").LocationStats} LocationStats */
/** @typedef {{at: number, mean: number, low: number, high: number}} Minute at: milliseconds */

const MINUTE_MS = 60_000;

/** @param {LocationStats["minutes"]} rows @returns {Minute[]} oldest first */
export function minutesOf(rows) {
  return rows.map(([at, mean, low, high]) => ({ at: Date.parse(at), mean, low, high })).sort((a, b) => a.at - b.at);
}

const isBeside = (/** @type {Minute|undefined} */ one, /** @type {Minute} */ other) => one !== undefined && Math.abs(other.at - one.at) <= 1.5 * MINUTE_MS;

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
    if (earlier && !isBeside(earlier, minute)) pairs.unshift([earlier.at + 1, null]);
    return pairs;
  });
}

/** Minutes without a neighbour: no line goes through them. @param {Minute[]} minutes oldest first */
export function loneMinutes(minutes) {
  return minutes.filter((minute, index) => !isBeside(minutes[index - 1], minute) && !isBeside(minutes[index + 1], minute));
}

/**
 * Where the chart begins: with what is known first, but an hour ago at the latest.
 *
 * @param {Minute[]} minutes oldest first
 * @param {LocationStats} stats
 */
export function chartStart(minutes, { since, until }) {
  return Math.max(Date.parse(since), Math.min(minutes[0]?.at ?? Infinity, Date.parse(until) - 60 * MINUTE_MS));
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
    { word: "Known", text: formatAge(known), note: `of ${formatAge(whole)}` },
  ];
}

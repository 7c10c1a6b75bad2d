/**
 * What is read of zones and lines, as people read it: with units, intervals, what each number is
 * worth, and whether a limit is reached.
 */
import { formatNumber } from "./format.js";
import { digitsOf, viewOf } from "./quantities.js";

/** @typedef {import("../types.js").Quantity} Quantity */
/** @typedef {import("../types.js").Trust} Trust */
/** @typedef {import("../types.js").Zone} Zone */
/** @typedef {import("../types.js").CountingLine} CountingLine */
/** @typedef {import("../types.js").ZoneReading} ZoneReading */
/** @typedef {import("../types.js").LineReading} LineReading */
/** @typedef {import("./number_groups.js").Row} Row */
/** @typedef {{trust: Trust, reason: string}} Worth */
/** @typedef {{key: "over"|"perhaps"|"under"|"unknown", word: string, icon: string, text: string}} LimitView */

/** @type {readonly Trust[]} best first */
const ORDER = ["ok", "estimated", "degraded", "saturated", "unknown"];

/** @param {Worth} a @param {Worth} b @returns {Worth} */
const worse = (a, b) => (ORDER.indexOf(b.trust) > ORDER.indexOf(a.trust) ? b : a);

/**
 * A reading as it may be believed: unknown while the camera's own numbers are too old.
 *
 * @template {ZoneReading|LineReading} T
 * @param {T} reading
 * @param {string|null} stale why no number is fresh; null where they are
 * @returns {T}
 */
export function believedReading(reading, stale) {
  return stale === null ? reading : { ...reading, trust: "unknown", trust_reason: stale };
}

/** @param {ZoneReading|LineReading} reading @returns {Worth} */
const worthOf = ({ trust, trust_reason: reason }) => ({ trust, reason });

/**
 * Numbers that rest on the ground are worth no more than what the calibration makes of them.
 *
 * @param {ZoneReading} reading
 */
function groundWorth(reading) {
  return worse(worthOf(reading), { trust: reading.metres_trust, reason: reading.metres_reason });
}

/** @param {any} value @param {string} unit @param {Worth} worth @returns {Quantity & {value: any}} */
const bare = (value, unit, worth) => ({ value, unit, low: null, high: null, ...worth });

/** @param {string} name @param {Quantity & {value: any}} quantity @param {import("./quantities.js").How} [how] @param {string} [help] @returns {Row} */
const row = (name, quantity, how, help = "") => ({ ...viewOf(quantity, how), name, help });

/** @param {number} value people, of whom there may be parts where they are estimated */
const people = (value) => `${formatNumber(Math.round(value))} ${Math.round(value) === 1 ? "person" : "people"}`;

/** @param {ZoneReading} reading as it may be believed @returns {Row[]} */
export function zoneRows(reading) {
  const worth = worthOf(reading);
  const since = "Since the camera started, or the zone was drawn";
  /** @type {Row[]} */
  const rows = [
    row("Most at once", bare(reading.peak_count, "people", worth), { write: people }, since),
    row("Visitors", bare(reading.visitors, "people", worth), { write: people }, `${since}, each once`),
    row("Stay, median", bare(reading.dwell_median_s, "s", worth), { kind: "time", missing: reading.dwell_longest_s === null ? "nobody yet" : "not yet known" }, "Half stay longer; those still inside count up to now"),
  ];
  if (reading.dwell_p90_s !== null) rows.push(row("Stay, 9 of 10 below", bare(reading.dwell_p90_s, "s", worth), { kind: "time" }, "The 90th percentile"));
  if (reading.dwell_longest_s !== null) rows.push(row("Longest stay", bare(reading.dwell_longest_s, "s", worth), { kind: "time" }, since));
  if (reading.queue_length !== null) rows.unshift(row("In the queue", bare(reading.queue_length, "people", worth), { write: people }, "Standing in line"));
  if (reading.area_m2 === null) return rows;
  /** @param {"density_per_m2"|"peak_density_per_m2"|"mean_speed_mps"|"crowd_pressure_per_s2"} field @param {string} unit */
  const ground = (field, unit) => bare(reading[field], unit, groundWorth(reading));
  return [
    ...rows,
    row("Density", ground("density_per_m2", "1/m²"), {}, `On ${formatNumber(reading.area_m2, digitsOf(reading.area_m2))} m²`),
    row("Highest local density", ground("peak_density_per_m2", "1/m²"), { missing: "not measured" }, "Where it is densest"),
    row("Mean speed", ground("mean_speed_mps", "m/s"), { missing: "nobody to measure" }),
    row("Crowd pressure", ground("crowd_pressure_per_s2", "1/s²"), { missing: "not yet known" }, "Density × variance of velocity (Helbing)"),
  ];
}

/** @param {LineReading} reading as it may be believed @returns {Row[]} */
export function lineRows(reading) {
  const worth = worthOf(reading);
  const soon = { missing: "after 10 s" };
  const hasWidth = reading.in_specific_per_m_s !== null || reading.out_specific_per_m_s !== null;
  return [
    row("Balance", bare(reading.balance, "people", worth), { write: (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${formatNumber(Math.abs(value))}` }, "In less out"),
    row("Flow in", bare(reading.in_per_s, "1/s", worth), soon, "Over the last minute"),
    row("Flow out", bare(reading.out_per_s, "1/s", worth), soon, "Over the last minute"),
    ...(hasWidth
      ? [row("Specific flow in", bare(reading.in_specific_per_m_s, "1/(m·s)", worth), soon, "Per metre of width"), row("Specific flow out", bare(reading.out_specific_per_m_s, "1/(m·s)", worth), soon, "Per metre of width")]
      : [row("Specific flow", bare(null, "1/(m·s)", worth), { missing: reading.in_per_s === null ? "after 10 s" : "needs a width or a calibration" }, "Per metre of width")]),
  ];
}

/** @type {Record<LimitView["key"], {icon: string, word: string}>} */
const LIMITS = {
  over: { icon: "bi-exclamation-octagon-fill", word: "Limit reached" },
  perhaps: { icon: "bi-exclamation-diamond-fill", word: "Limit may be reached" },
  under: { icon: "bi-check-circle", word: "Below its limit" },
  unknown: { icon: "bi-question-square", word: "Not to be judged now" },
};

/** @param {LimitView["key"]} key @param {string} text @returns {LimitView} */
const limitView = (key, text) => ({ key, ...LIMITS[key], text });

/** A number that is below a limit does not read as if it had reached it. @param {number} value @param {number} limit @param {number} digits */
function shortOf(value, limit, digits) {
  const text = formatNumber(value, digits);
  if (value >= limit || text !== formatNumber(limit, digits)) return text;
  const step = 10 ** (digits + 1);
  return formatNumber(Math.floor(value * step) / step, digits + 1);
}

/**
 * @param {Pick<Zone, "count_limit"|"density_limit_per_m2">} zone
 * @param {ZoneReading} reading as it may be believed
 * @returns {LimitView[]} one for each limit it has; none while nothing is known
 */
export function limitViews({ count_limit: most, density_limit_per_m2: densest }, reading) {
  /** @type {LimitView[]} */
  const views = [];
  if (reading.trust === "unknown") return views;
  if (most !== null) {
    const key = reading.count >= most ? "over" : reading.count_high === null || reading.count_high >= most ? "perhaps" : "under";
    views.push(limitView(key, `${shortOf(reading.count, most, 0)} of ${people(most)}`));
  }
  if (densest === null) return views;
  const digits = digitsOf(densest) || 1;
  const ground = groundWorth(reading);
  const peak = reading.peak_density_per_m2;
  /** @param {string} why a limit nothing is compared with must not look as if it were kept */
  const notJudged = (why) => [...views, limitView("unknown", `${formatNumber(densest, digits)} people/m² at most. ${why}`.trim())];
  if (ground.trust === "unknown") return notJudged(ground.reason);
  if (reading.area_m2 === null) return notJudged("It needs a calibration, and some of the zone in the monitored area.");
  if (peak === null) return notJudged("No density is measured here.");
  const key = peak >= densest ? "over" : ground.trust === "saturated" ? "perhaps" : "under"; // at least this many
  return [...views, limitView(key, `${shortOf(peak, densest, digits)} of ${formatNumber(densest, digits)} people/m²`)];
}

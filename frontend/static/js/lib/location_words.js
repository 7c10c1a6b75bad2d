/**
 * What is known of a location, as people read it: its number with interval and source, how full
 * it is, when it is full, what the number is worth; and which location comes first.
 */
import { countView, formatAge, formatInterval, formatNumber, NONE } from "./format.js";
import { digitsOf } from "./quantities.js";
import { levelRank, levelView } from "./risk.js";

/** @typedef {import("../types.js").CountSource} CountSource */
/** @typedef {import("../types.js").DensityLevel} DensityLevel */
/** @typedef {import("../types.js").LocationNumbers} LocationNumbers */
/** @typedef {import("../types.js").TimeToLimit} TimeToLimit */

/** @type {Record<CountSource, {word: string, from: string}>} */
export const SOURCES = {
  CAMERA: { word: "Cameras", from: "from cameras" },
  LINE: { word: "Counting lines", from: "from counting lines" },
  MANUAL: { word: "Entered by a person", from: "entered by a person" },
  API: { word: "Another system", from: "from another system" },
  EDGE: { word: "Counting sensor", from: "from a counting sensor" },
};

/** @type {readonly DensityLevel[]} */
export const DENSITY_LEVELS = ["LOW", "MEDIUM", "HIGH", "CRITICAL"];

/**
 * Bars, one more for each level: another shape than those of risk.
 *
 * @param {DensityLevel|null} level
 * @returns {{key: string, word: string, icon: string}}
 */
export function densityView(level) {
  if (level === null) return { key: "unknown", word: "Not known", icon: "bi-reception-0" };
  return { key: level.toLowerCase(), word: level, icon: `bi-reception-${DENSITY_LEVELS.indexOf(level) + 1}` };
}

/** @param {LocationNumbers|null} numbers */
export const isKnown = (numbers) => numbers !== null && numbers.current_count !== null && numbers.trust !== "unknown";

/**
 * The large figure and the line below it: "142", "people, 120–155, from cameras".
 *
 * @param {LocationNumbers|null} numbers
 * @returns {{figure: string, note: string}}
 */
export function locationCount(numbers) {
  if (!numbers || numbers.current_count === null) return { figure: NONE, note: "no number yet" };
  const { current_count: count, count_low: low, count_high: high, source } = numbers;
  const view = countView({ count, count_low: low ?? count, count_high: high });
  const from = source ? `, ${SOURCES[source].from}` : "";
  return { figure: view.figure, note: `${view.note}${from}` };
}

/**
 * "142 (120–155), from cameras", for one line of text.
 *
 * @param {LocationNumbers|null} numbers
 */
export function countSentence(numbers) {
  if (!numbers || numbers.current_count === null) return "no number yet";
  const { current_count: count, count_low: low, count_high: high, source } = numbers;
  const interval = formatInterval(low ?? count, high);
  return `${formatNumber(Math.round(count))}${interval ? ` (${interval})` : ""}${source ? `, ${SOURCES[source].from}` : ""}`;
}

/** @type {Record<CountSource, string>} */
const TRUE_SINCE = { CAMERA: "measured", LINE: "measured", MANUAL: "entered", API: "sent", EDGE: "sent" };

/**
 * "measured 2 s ago", "entered 12 min ago", "last known 2 h ago".
 *
 * @param {LocationNumbers|null} numbers
 * @param {number|null} ageS of the newest number behind the count
 */
export function ageText(numbers, ageS) {
  if (!numbers || ageS === null || numbers.current_count === null) return "";
  const verb = isKnown(numbers) ? (numbers.source ? TRUE_SINCE[numbers.source] : "measured") : "last known";
  return isKnown(numbers) && ageS < 2 ? `${verb} just now` : `${verb} ${formatAge(ageS)} ago`;
}

/** @typedef {import("../types.js").CountPart} CountPart */

/**
 * Why one of its numbers sets the location's count, or does not: the largest does, lines apart
 * where the cameras see everybody.
 *
 * @param {CountPart} part
 * @param {CountPart|undefined} used the one that does
 */
export function whyUsed(part, used) {
  const { is_used: isUsed, trust, trust_reason: reason } = part;
  if (isUsed) return `This is the number shown. ${reason}`.trim();
  if (trust === "unknown") return `Not used: ${reason || "it says nothing of now."}`;
  const why = part.count > (used?.count ?? 0) ? "the cameras see everybody here." : "another number is at least as large.";
  return `Not used: ${why} ${reason}`.trim();
}

/**
 * Of the capacity; the share of the bar never passes its end.
 *
 * @param {LocationNumbers|null} numbers
 * @param {number|null} [given] capacity while there are no numbers
 * @returns {{share: number|null, text: string, isOver: boolean}} share in 0–1, null where nothing is known
 */
export function occupancyView(numbers, given = null) {
  const capacity = numbers ? numbers.capacity_limit : given;
  if (capacity === null) return { share: null, text: "no capacity set", isOver: false };
  const percent = numbers?.occupancy_percentage ?? null;
  const of = `of ${formatNumber(capacity)} people`;
  if (percent === null) return { share: null, text: `${NONE} ${of}`, isOver: false };
  const shown = percent < 100 ? Math.min(Math.round(percent), 99) : Math.round(percent); // "100 %" is said of what is full
  return { share: Math.min(percent / 100, 1), text: `${formatNumber(shown)} % ${of}`, isOver: percent >= 100 };
}

/** "12–20 min", "40–70 s", "50 min to 2 h". @param {number} from seconds @param {number} to */
export function spanText(from, to) {
  const [low, high] = [formatAge(from), formatAge(to)];
  if (low === high) return low;
  const [lowUnit, highUnit] = [low, high].map((text) => text.replace(/^\d+ /, ""));
  return lowUnit === highUnit && !lowUnit?.includes(" ") ? `${low.replace(/ .*$/, "")}–${high}` : `${low} to ${high}`;
}

const LONGEST_S = 24 * 3600;

/**
 * @param {LocationNumbers|null} numbers
 * @returns {string} "full in 12–20 min", "" where there is nothing to say
 */
export function timeToFull(numbers) {
  return !numbers || numbers.capacity_limit === null || !isKnown(numbers) ? "" : limitText(numbers.time_to_limit);
}

/**
 * When a place that has a limit is full.
 *
 * @param {TimeToLimit} time
 * @returns {string} "full in 12–20 min", "" while the inflow is not known
 */
export function limitText({ seconds, low_s: low, high_s: high, inflow_per_s: inflow }) {
  if (seconds === 0) return "full now";
  if (seconds === null && low === null) return inflow === null ? "" : "not filling";
  const soonest = low ?? seconds ?? 0;
  if (soonest > LONGEST_S) return "not full within a day";
  if (high !== null) return `full in ${spanText(soonest, high)}`;
  return seconds === null || seconds > LONGEST_S
    ? `full in ${formatAge(soonest)} at the soonest, perhaps never`
    : `full in about ${formatAge(seconds)} (${formatAge(soonest)} at the soonest, perhaps never)`;
}

/** @param {number} value people a minute */
const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${formatNumber(Math.abs(value), digitsOf(value))}`;

/**
 * How fast it fills: "+12 people/min (+8 to +16)".
 *
 * @param {TimeToLimit} time
 */
export function trendText({ inflow_per_s: inflow, inflow_low: low, inflow_high: high }) {
  if (inflow === null) return "not known yet";
  const interval = low === null || high === null ? "" : ` (${signed(low * 60)} to ${signed(high * 60)})`;
  const isSteady = low !== null && high !== null ? low <= 0 && high >= 0 : inflow === 0;
  return `${isSteady ? "about steady, " : ""}${signed(inflow * 60)} people/min${interval}`;
}

/**
 * Most dangerous first: level (a held one counts), then how full, then name.
 *
 * @param {{id: number, name: string, numbers: LocationNumbers|null}} a
 * @param {{id: number, name: string, numbers: LocationNumbers|null}} b
 */
export function compareLocations(a, b) {
  const byLevel = levelRank(b.numbers?.risk_level) - levelRank(a.numbers?.risk_level);
  /** @param {LocationNumbers|null} numbers whole per cent: decimals would shuffle the list without meaning */
  const full = (numbers) => Math.floor(numbers?.occupancy_percentage ?? -1);
  return byLevel || full(b.numbers) - full(a.numbers) || a.name.localeCompare(b.name) || a.id - b.id;
}

/**
 * What to read out when a level has changed; "" while nothing has.
 *
 * @param {LocationNumbers|null} before
 * @param {LocationNumbers|null} now
 */
export function levelNews(before, now) {
  if (!before || !now) return "";
  const isNews = before.density_level !== now.density_level || before.risk_level !== now.risk_level || (before.trust === "unknown") !== (now.trust === "unknown");
  if (!isNews) return "";
  if (now.trust === "unknown") return `${now.location_name}: the number is not known now.`;
  const level = now.density_level ? `, density level ${now.density_level}` : "";
  return `${now.location_name}: risk ${levelView(now.risk_level).word}${level}, ${countSentence(now)}.`;
}

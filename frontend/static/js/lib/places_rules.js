/**
 * What is wrong with zones and lines before they are sent, named by the same pointers as the
 * server names it, so that both are shown at the same corner or field.
 */
import { formatNumber } from "./format.js";
import { outlineFaults } from "./outline.js";
import { pointsOf } from "./places.js";
import { nameKey, nameProblem } from "./place_names.js";
import { numberAdvice, optionalNumber, optionalWhole } from "./source_types.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("./places.js").PlacesDraft} PlacesDraft */
/** @typedef {import("./places.js").ZoneDraft} ZoneDraft */
/** @typedef {import("./places.js").LineDraft} LineDraft */
/** @typedef {{pointer: string, detail: string}} Problem */

export const MOST_PLACES = 200; // zones and lines together, as the server takes them
export const MOST_CORNERS = 100;
const LEAST_LENGTH = 0.005; // shares of the picture

/** @typedef {{low: number, high: number, unit: string, isWhole?: boolean}} Range */
/** @type {Record<"count_limit"|"density_limit_per_m2"|"width_m", Range>} */
const RANGES = {
  count_limit: { low: 1, high: 1_000_000, unit: "people", isWhole: true },
  density_limit_per_m2: { low: 0.01, high: 100, unit: "people/m²" },
  width_m: { low: 0.1, high: 1000, unit: "m" },
};

/** @param {Point} p */
const isOutside = (p) => p.some((value) => !(value >= 0 && value <= 1));

/** @param {ZoneDraft|LineDraft} place @returns {Problem[]} pointers within it */
function shapeProblems(place) {
  const isZone = "corners" in place;
  const points = pointsOf(place);
  if (isZone && points.length < 3) return [{ pointer: "/corners", detail: "A zone needs at least three corners." }];
  if (isZone && points.length > MOST_CORNERS) return [{ pointer: "/corners", detail: `A zone has at most ${MOST_CORNERS} corners; ${points.length} were drawn. Leave out some.` }];
  const outside = points.flatMap((p, index) => (isOutside(p) ? [{ pointer: isZone ? `/corners/${index}` : index ? "/end" : "/start", detail: `${isZone ? `Corner ${index + 1}` : index ? "The end" : "The start"} lies outside the picture. Move it into the picture.` }] : []));
  if (outside.length) return outside;
  if (isZone) return outlineFaults(points).map(({ corner, detail }) => ({ pointer: corner === null ? "/corners" : `/corners/${corner}`, detail }));
  const length = Math.hypot(place.end[0] - place.start[0], place.end[1] - place.start[1]);
  return length < LEAST_LENGTH ? [{ pointer: "/end", detail: "Start and end lie at the same place. Move one of them away." }] : [];
}

/** @param {string} text as typed @param {Range} range @returns {string} what is wrong, "" when nothing is */
function numberProblem(text, { low, high, unit, isWhole }) {
  const value = isWhole ? optionalWhole(text) : optionalNumber(text);
  if (value === null) return "";
  if (value === undefined && isWhole) return `“${text.trim()}” is not a whole number: type digits only, without commas, points or blanks.`;
  if (value === undefined) return numberAdvice(text);
  return value >= low && value <= high ? "" : `Give ${low} to ${formatNumber(high)} ${unit}, or leave it empty.`;
}

/** @param {ZoneDraft|LineDraft} place @param {Set<string>} taken names before it @returns {Problem[]} */
function fieldProblems(place, taken) {
  /** @type {[string, string][]} */
  const found = [["name", nameProblem(place.name, taken)]];
  if ("corners" in place) found.push(["count_limit", numberProblem(place.count_limit, RANGES.count_limit)], ["density_limit_per_m2", numberProblem(place.density_limit_per_m2, RANGES.density_limit_per_m2)]);
  else found.push(["width_m", numberProblem(place.width_m, RANGES.width_m)]);
  taken.add(nameKey(place.name));
  return found.filter(([, detail]) => detail).map(([field, detail]) => ({ pointer: `/${field}`, detail }));
}

/** @param {PlacesDraft} draft @returns {Problem[]} */
export function problemsOf(draft) {
  const total = draft.zones.length + draft.lines.length;
  if (total > MOST_PLACES) {
    const more = draft.zones.length > MOST_PLACES ? "zones" : "lines";
    return [{ pointer: `/${more}`, detail: `A camera has at most ${MOST_PLACES} zones and lines together; these are ${total}. Leave some out.` }];
  }
  /** @type {Set<string>} */
  const taken = new Set();
  return /** @type {const} */ (["zones", "lines"]).flatMap((kind) =>
    draft[kind].flatMap((place, index) => [...fieldProblems(place, taken), ...shapeProblems(place)].map(({ pointer, detail }) => ({ pointer: `/${kind}/${index}${pointer}`, detail }))),
  );
}

/**
 * The problems of one place: by point, by field, and all of them.
 *
 * @param {Problem[]} problems
 * @param {{kind: "zone"|"line", index: number}} found
 */
export function problemsAt(problems, { kind, index }) {
  const root = `/${kind}s/${index}`;
  const own = problems.filter(({ pointer }) => pointer === root || pointer.startsWith(`${root}/`));
  /** @type {Map<number, string>} */
  const points = new Map();
  /** @type {Map<string, string>} */
  const fields = new Map();
  for (const { pointer, detail } of own) {
    const [name = "", part] = pointer.slice(root.length + 1).split("/");
    const point = { start: 0, end: 1, corners: part === undefined ? NaN : Number(part) }[name];
    if (point !== undefined && Number.isInteger(point)) points.set(point, detail);
    else fields.set(name, detail);
  }
  return { points, fields, texts: own.map(({ detail }) => detail) };
}

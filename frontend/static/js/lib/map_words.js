/**
 * What a location looks like on the map: the shape, text and name of its pin, and the heat of
 * its ground. Which map is shown first, and who stands on it.
 */
import { formatDensity, formatNumber } from "./format.js";
import { isKnown } from "./location_words.js";
import { levelRank, riskView } from "./risk.js";

/** @typedef {import("../types.js").FloorPlan} FloorPlan */
/** @typedef {import("../types.js").Location} Location */
/** @typedef {import("../types.js").LocationNumbers} LocationNumbers */
/** @typedef {"disc"|"diamond"|"triangle"|"octagon"|"square"} Shape */
/** @typedef {[number, number]} Point */

/** @type {Record<string, Shape>} the same as everywhere */
const SHAPES = { safe: "disc", caution: "diamond", warning: "triangle", critical: "octagon", unknown: "square" };

/** Outlines in a box of 48 × 48. @type {Record<Shape, string>} */
export const SHAPE_PATHS = {
  disc: "M24 3a21 21 0 1 1 0 42a21 21 0 1 1 0-42z",
  diamond: "M24 1L47 24L24 47L1 24z",
  triangle: "M24 2L47.5 45H.5z",
  octagon: "M15.3 3H32.7L45 15.3V32.7L32.7 45H15.3L3 32.7V15.3z",
  square: "M5 5H43V43H5z",
};

/** @param {number} percent what is full is said of what is full only */
const percentText = (percent) => `${formatNumber(percent < 100 ? Math.min(Math.round(percent), 99) : Math.round(percent))} %`;

/** "640", "1.2k", "12k": what fits into a pin. @param {number} count */
export function shortCount(count) {
  const whole = Math.round(count);
  if (whole < 1000) return String(whole);
  return `${formatNumber(whole / 1000, whole < 9950 ? 1 : 0)}k`;
}

/**
 * @param {string} name
 * @param {LocationNumbers|null} numbers as they may be believed now
 * @returns {{key: string, shape: Shape, text: string, note: string, label: string}} note: below the name; label: read out
 */
export function pinView(name, numbers) {
  const { key, word, held } = riskView(numbers);
  const shape = SHAPES[key] ?? "square";
  if (!numbers || !isKnown(numbers) || numbers.current_count === null) {
    const risk = !numbers ? "no data" : held === null ? `risk ${numbers.risk_level}` : levelRank(held) > 0 ? `risk held at ${held}` : "risk not known";
    return { key, shape, text: "?", note: numbers ? (key === "unknown" ? word : "number not known") : "No data", label: `${name}: number of people not known, ${risk}` };
  }
  const { current_count: count, count_low: low, count_high: high, capacity_limit: capacity, occupancy_percentage: percent } = numbers;
  const atLeast = high === null;
  const least = atLeast ? (low ?? count) : count;
  const shown = percent === null ? shortCount(least) : percentText(percent);
  const people = `${atLeast ? "at least " : ""}${percent === null || capacity === null ? `${formatNumber(Math.round(least))} people` : `${percentText(percent)} of ${formatNumber(capacity)}`}`;
  const level = numbers.density_level ? `, ${numbers.density_level}` : "";
  return { key, shape, text: `${atLeast ? "≥" : ""}${shown}`, note: "", label: `${name}: ${people}${level}, risk ${numbers.risk_level}` };
}

/**
 * @typedef {object} HeatArea
 * @property {string} key
 * @property {string} name
 * @property {Point[]} outline
 * @property {"measured"|"unknown"|"unmeasured"} state unmeasured: no camera that measures metres looks there
 * @property {number|null} perM2 peak density, people/m²
 * @property {string} text on the map; "" for what is not measured
 */

/**
 * @param {Pick<HeatArea, "key"|"name"|"outline">} ground
 * @param {{trust: string, perM2: number|null, isOld: boolean}} reading
 * @returns {HeatArea}
 */
function heatArea(ground, { trust, perM2, isOld }) {
  if (isOld || trust === "unknown") return { ...ground, state: "unknown", perM2: null, text: "density not known" };
  if (perM2 === null) return { ...ground, state: "unmeasured", perM2: null, text: "" };
  return { ...ground, state: "measured", perM2, text: `${trust === "saturated" ? "≥ " : ""}${formatDensity(perM2)}` };
}

/**
 * The ground that is drawn: each area with an outline, and the location itself.
 *
 * @param {Location} location with what was heard last
 * @param {LocationNumbers|null} believed the same object while it is fresh
 * @returns {HeatArea[]}
 */
export function heatAreas(location, believed) {
  const isOld = believed === null || believed !== location.numbers;
  const shares = believed?.shares ?? [];
  const areas = location.areas.filter(({ map_outline: outline }) => outline.length > 2).map((area) => {
    const share = shares.find(({ camera_id, zone_id }) => camera_id === area.camera_id && zone_id === area.zone_id);
    const ground = { key: `${location.id}:${area.camera_id}:${area.zone_id ?? 0}`, name: `${area.zone_name ?? area.camera_name}, ${location.name}`, outline: area.map_outline };
    return heatArea(ground, { trust: share?.trust ?? "unknown", perM2: share?.peak_density_per_m2 ?? null, isOld });
  });
  if (location.outline.length < 3) return areas;
  const ground = { key: String(location.id), name: location.name, outline: location.outline };
  // where its areas are drawn they carry the heat: the peak of one is not that of all the ground
  if (areas.length) return [{ ...ground, state: "unmeasured", perM2: null, text: "" }, ...areas];
  const perM2 = believed?.peak_density_per_m2 ?? null;
  const isBlind = shares.length > 0 && shares.every(({ trust }) => trust === "unknown");
  const isLeast = shares.some(({ trust, peak_density_per_m2: peak }) => trust === "saturated" && peak !== null && peak === perM2);
  return [heatArea(ground, { trust: isBlind ? "unknown" : isLeast ? "saturated" : "ok", perM2, isOld }), ...areas];
}

/** @param {Pick<Location, "position">} location @returns {string|null} "earth", a plan's id, null for no map */
export function mapOf({ position }) {
  if (!position) return null;
  return position.floor_plan_id === null ? "earth" : String(position.floor_plan_id);
}

/**
 * The map to begin with: the one asked for, else the one most locations stand on, else a plan.
 *
 * @param {string|null} asked
 * @param {Pick<Location, "position">[]} locations
 * @param {Pick<FloorPlan, "id">[]} plans
 */
export function firstMap(asked, locations, plans) {
  const maps = [...plans.map(({ id }) => String(id)), "earth"];
  if (asked !== null && maps.includes(asked)) return asked;
  const crowd = (/** @type {string} */ map) => locations.filter((one) => mapOf(one) === map).length;
  return maps.reduce((best, map) => (crowd(map) > crowd(best) ? map : best));
}

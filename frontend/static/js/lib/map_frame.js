/**
 * From stored coordinates to the map's and back. On a floor plan these are shares of its width
 * and height from the upper left; on the earth, longitude and latitude.
 */
import { formatNumber } from "./format.js";

/** @typedef {import("../leaflet_types.js").LatLng} LatLng */
/** @typedef {import("../leaflet_types.js").LatLngPair} LatLngPair */
/** @typedef {import("../types.js").FloorPlan} FloorPlan */
/** @typedef {[number, number]} Point */

/**
 * @typedef {object} Frame
 * @property {number|null} planId null: the earth
 * @property {number} width of the plan in the map's own units; 0 on the earth
 * @property {number} height
 * @property {boolean} isMetric one unit is one metre
 */

const METRES_PER_DEGREE = 111_319.49; // of latitude, on the sphere the map computes with
const MOST_LINES = 80;

/** @param {FloorPlan|null} plan null: the earth @returns {Frame} */
export function frameOf(plan) {
  if (!plan) return { planId: null, width: 0, height: 0, isMetric: true };
  const isMetric = plan.width_m !== null;
  const width = plan.width_m ?? plan.width_px;
  return { planId: plan.id, width, height: (width * plan.height_px) / plan.width_px, isMetric };
}

/** @param {Frame} frame @param {Point} point @returns {LatLngPair} */
export function latLngOf({ planId, width, height }, [x, y]) {
  return planId === null ? [y, x] : [-y * height, x * width];
}

/** @param {number} value @param {number} low @param {number} high */
const between = (value, low, high) => Math.min(Math.max(value, low), high);

/** @param {number} value @param {number} digits */
const rounded = (value, digits) => Number(value.toFixed(digits));

/** @param {Frame} frame @param {LatLng} place @returns {Point} the nearest one there is, to a millimetre or a centimetre */
export function pointOf({ planId, width, height }, { lat, lng }) {
  if (planId === null) return [rounded(lng - 360 * Math.floor((lng + 180) / 360), 7), rounded(between(lat, -90, 90), 7)];
  return [rounded(between(lng / width, 0, 1), 5), rounded(between(-lat / height, 0, 1), 5)];
}

/** @param {Frame} frame @param {LatLng} place */
export function isInside({ planId, width, height }, { lat, lng }) {
  return planId === null || (lng >= 0 && lng <= width && lat <= 0 && lat >= -height);
}

/**
 * The side of a grid's squares: 1, 2 or 5 times a power of ten, at least the given length.
 *
 * @param {number} least metres
 */
export function gridStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((times) => times * power >= least * 0.999) ?? 10) * power;
}

/** @param {number} metres */
export const formatMetres = (metres) => (metres >= 1000 ? `${formatNumber(metres / 1000)} km` : `${formatNumber(metres, metres < 1 ? 1 : 0)} m`);

/** @param {number} from @param {number} to @param {number} step @returns {number[]} */
function multiples(from, to, step) {
  const first = Math.ceil(from / step);
  const count = Math.min(Math.max(Math.floor(to / step) - first + 1, 0), MOST_LINES);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/**
 * Where the lines of a grid run.
 *
 * @param {{south: number, west: number, north: number, east: number}} seen degrees
 * @param {number} stepM metres
 * @returns {{latitudes: number[], longitudes: number[]}} degrees
 */
export function gridLines({ south, west, north, east }, stepM) {
  const latStep = stepM / METRES_PER_DEGREE;
  const middle = between(Math.round(((south + north) / 2) * 10) / 10, -85, 85); // lines stay where they are while the map is moved a little
  const lngStep = latStep / Math.cos((middle * Math.PI) / 180);
  return { latitudes: multiples(Math.max(south, -85), Math.min(north, 85), latStep), longitudes: multiples(west, east, lngStep) };
}

/**
 * The metre grid as it lies on the ground in the picture: what shows whether a calibration is right.
 */
import { depth, metresPerPixel, project } from "./homography.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("./homography.js").Matrix} Matrix */
/** @typedef {{axis: "x"|"y", at: number, from: Point, to: Point}} GridLine a piece of "x = at" or "y = at" in pixels */

export const MAX_M_PER_PX = 0.25; // beyond, the server measures nothing either
const STEPS_M = [1, 5, 10, 50, 100];
const FINEST_M = 0.5; // for what is smaller than four metres
const MOST_LINES = 100;

/**
 * Part of a polygon where `value` is at least `limit`; `value` is affine in the picture.
 *
 * @param {Point[]} polygon
 * @param {(p: Point) => number} value
 * @param {number} limit
 * @returns {Point[]}
 */
function clip(polygon, value, limit) {
  return polygon.flatMap((corner, index) => {
    const before = /** @type {Point} */ (polygon.at(index - 1));
    const [was, is] = [value(before) - limit, value(corner) - limit];
    /** @type {Point[]} */
    const kept = is >= 0 ? [corner] : [];
    if (was < 0 === is < 0) return kept;
    const share = was / (was - is);
    return [[before[0] + share * (corner[0] - before[0]), before[1] + share * (corner[1] - before[1])], ...kept];
  });
}

/**
 * Part of a polygon near enough to be told apart: one pixel spans `maxMPerPx` metres at most.
 *
 * The span grows with the inverse square of the depth and hardly changes across a line of equal
 * depth, so that line is the border.
 *
 * @param {Matrix} matrix
 * @param {Point[]} polygon pixels
 * @param {number} [maxMPerPx]
 * @returns {Point[]} empty where nothing is left
 */
export function nearPart(matrix, polygon, maxMPerPx = MAX_M_PER_PX) {
  const nearest = polygon.reduce((best, p) => (depth(matrix, p) > depth(matrix, best) ? p : best), /** @type {Point} */ (polygon[0]));
  const deepest = depth(matrix, nearest);
  if (!(deepest > 0)) return [];
  const limit = deepest * Math.sqrt(metresPerPixel(matrix, nearest) / maxMPerPx);
  return clip(polygon, (p) => depth(matrix, p), limit);
}

/** @param {Matrix} matrix @param {Point[]} polygon pixels @param {0|1} axis @returns {[number, number]} metres */
function extent(matrix, polygon, axis) {
  const values = polygon.flatMap((p) => project(matrix, p)?.[axis] ?? []);
  return [Math.min(...values), Math.max(...values)];
}

/**
 * The pieces of one line of the ground inside a polygon of the picture.
 *
 * The line a·X + b·Y + c = 0 of the ground is the line Hᵀ(a, b, c) of the picture, so nothing
 * has to be inverted, and it stays exact right up to the horizon.
 *
 * @param {Matrix} matrix
 * @param {Point[]} polygon
 * @param {0|1} axis
 * @param {number} at
 * @returns {[Point, Point][]}
 */
function pieces(matrix, polygon, axis, at) {
  const [a = 0, b = 0, c = 0] = [0, 1, 2].map((k) => (matrix[axis]?.[k] ?? 0) - at * (matrix[2]?.[k] ?? 0));
  /** @param {Point} p */
  const side = ([x, y]) => a * x + b * y + c;
  /** @type {Point[]} */
  const cuts = polygon.flatMap((corner, index) => {
    const before = /** @type {Point} */ (polygon.at(index - 1));
    const [was, is] = [side(before), side(corner)];
    if (was < 0 === is < 0) return [];
    const share = was / (was - is);
    return [/** @type {Point} */ ([before[0] + share * (corner[0] - before[0]), before[1] + share * (corner[1] - before[1])])];
  });
  cuts.sort((p, q) => b * (p[0] - q[0]) - a * (p[1] - q[1])); // along the line
  return cuts.flatMap((from, index) => {
    const to = cuts[index + 1];
    return index % 2 === 0 && to ? [/** @type {[Point, Point]} */ ([from, to])] : [];
  });
}

/**
 * Metres between two lines: the finest step that keeps their number in bounds.
 *
 * @param {Matrix} matrix
 * @param {Point[]} polygon pixels, all of it in front of the camera
 */
export function gridStep(matrix, polygon) {
  const longer = Math.max(...[0, 1].map((axis) => extent(matrix, polygon, /** @type {0|1} */ (axis))).map(([low, high]) => high - low));
  if (longer < 4) return FINEST_M;
  return STEPS_M.find((step) => longer / step <= MOST_LINES) ?? /** @type {number} */ (STEPS_M.at(-1));
}

/**
 * @param {Matrix} matrix
 * @param {Point[]} polygon pixels, all of it in front of the camera
 * @param {number} stepM
 * @returns {GridLine[]}
 */
export function gridLines(matrix, polygon, stepM) {
  if (polygon.length < 3) return [];
  return /** @type {const} */ ([0, 1]).flatMap((axis) => {
    const [low, high] = extent(matrix, polygon, axis);
    const first = Math.ceil(low / stepM);
    const count = Math.min(Math.floor(high / stepM) - first + 1, 2 * MOST_LINES);
    return Array.from({ length: Math.max(count, 0) }, (_, k) => (first + k) * stepM).flatMap((at) =>
      pieces(matrix, polygon, axis, at).map(([from, to]) => ({ axis: /** @type {"x"|"y"} */ (axis ? "y" : "x"), at, from, to })),
    );
  });
}

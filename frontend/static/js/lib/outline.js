/**
 * Whether corners make a simple polygon, and at which of them they do not; the same rules and
 * words as the server's.
 */
import { formatNumber } from "./format.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {{corner: number|null, detail: string}} Fault corner: null for the outline as a whole */

const LEAST_AREA = 0.0004; // share of the picture: 2 % × 2 %
const SAME_SPOT = 1e-4;
const ON_LINE = 1e-9;

/** @param {Point} a @param {Point} b */
const cross = (a, b) => a[0] * b[1] - a[1] * b[0];

/** @param {Point} a @param {Point} b @returns {Point} */
const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];

/** @param {Point[]} points @param {number} index @returns {Point} */
const at = (points, index) => /** @type {Point} */ (points[index % points.length]);

/** @param {number} start @param {number} count */
const sideWord = (start, count) => `the side from corner ${start + 1} to corner ${((start + 1) % count) + 1}`;

/** @param {Point[]} points @returns {Fault[]} */
function repeated(points) {
  return points.flatMap((p, later) => {
    const first = points.findIndex((q, k) => k < later && Math.max(Math.abs(p[0] - q[0]), Math.abs(p[1] - q[1])) < SAME_SPOT);
    return first < 0 ? [] : [{ corner: later, detail: `Corner ${later + 1} lies on corner ${first + 1}. Move it away, or leave it out.` }];
  });
}

/** @param {Point[]} points none of which is repeated */
function lieOnOneLine(points) {
  const away = points.map((p) => minus(p, at(points, 0)));
  const far = away.reduce((best, p) => (Math.hypot(...p) > Math.hypot(...best) ? p : best));
  return away.every((p) => Math.abs(cross(far, p)) <= ON_LINE * Math.hypot(...far));
}

/**
 * On which side of a side's line a corner lies (0: on it), and how far along the side, in its own lengths.
 *
 * @param {Point[]} points
 * @param {number} side
 * @param {number} corner
 */
function besides(points, side, corner) {
  const along = minus(at(points, side + 1), at(points, side));
  const length = Math.hypot(...along);
  const from = minus(at(points, corner), at(points, side));
  const beside = cross(along, from) / length;
  const ahead = (along[0] * from[0] + along[1] * from[1]) / length;
  return { sign: Math.abs(beside) <= ON_LINE ? 0 : Math.sign(beside), isWithin: ahead >= -ON_LINE && ahead <= length + ON_LINE };
}

/** @param {Point[]} points none of which is repeated @returns {Fault[]} */
function crossings(points) {
  const count = points.length;
  const signs = points.map((_, side) => points.map((__, corner) => besides(points, side, corner)));
  /** @param {number} side @param {number} corner */
  const touches = (side, corner) => {
    const place = signs[side]?.[corner];
    return corner !== side && corner !== (side + 1) % count && place !== undefined && place.sign === 0 && place.isWithin;
  };
  /** @param {number} side @param {number} other whether both ends of the other lie on different sides */
  const parts = (side, other) => (signs[side]?.[other]?.sign ?? 0) * (signs[side]?.[(other + 1) % count]?.sign ?? 0) < 0;
  return points.flatMap((_, corner) => {
    const touched = points.findIndex((__, side) => touches(side, corner));
    if (touched >= 0) return [{ corner, detail: `Corner ${corner + 1} lies on ${sideWord(touched, count)}. Move it away from there.` }];
    const crossed = points.findIndex((__, side) => side < corner && parts(side, corner) && parts(corner, side));
    return crossed < 0 ? [] : [{ corner, detail: `After corner ${corner + 1} the outline crosses ${sideWord(crossed, count)}. Move one of their corners, or leave it out.` }];
  });
}

/** @param {Point[]} points share of the picture they enclose */
function areaOf(points) {
  const away = points.map((p) => minus(p, at(points, 0)));
  return Math.abs(away.reduce((sum, p, index) => sum + cross(p, at(away, index + 1)), 0)) / 2;
}

/**
 * @param {Point[]} corners at least 3, shares of the picture, in order
 * @returns {Fault[]} none for a good one
 */
export function outlineFaults(corners) {
  const same = repeated(corners);
  if (same.length) return same;
  if (lieOnOneLine(corners)) return [{ corner: null, detail: "All corners lie on one line. Move one of them away from it." }];
  const faults = crossings(corners);
  if (faults.length) return faults;
  const area = areaOf(corners);
  if (area >= LEAST_AREA) return [];
  return [{ corner: null, detail: `It covers ${formatNumber(area * 100, 2)} % of the picture; ${formatNumber(LEAST_AREA * 100, 2)} % is the least. Draw it larger.` }];
}

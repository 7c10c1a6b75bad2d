/**
 * Where zones and lines lie: shares of the picture and its pixels, whole shapes, and which way
 * across a line is in.
 */

/** @typedef {import("./homography.js").Point} Point */

const EXACT = 1e6; // a millionth of the picture is far below a pixel

/** @param {number} value */
const share = (value) => Math.round(Math.min(Math.max(value, 0), 1) * EXACT) / EXACT;

/** @param {Point} at @param {[number, number]} wh @returns {Point} */
export const shareOf = ([x, y], [width, height]) => [share(x / width), share(y / height)];

/** @param {Point} at @param {[number, number]} wh @returns {Point} pixels */
export const pixelsOf = ([x, y], [width, height]) => [x * width, y * height];

/**
 * Move a whole shape so that its first point comes to `to`, as far as all of it stays inside.
 *
 * @param {Point[]} points
 * @param {Point} to
 * @returns {Point[]}
 */
export function shifted(points, to) {
  const step = /** @type {const} */ ([0, 1]).map((axis) => {
    const values = points.map((p) => p[axis]);
    const wanted = to[axis] - (values[0] ?? 0);
    return Math.min(Math.max(wanted, -Math.min(...values)), 1 - Math.max(...values));
  });
  return points.map(([x, y]) => [share(x + (step[0] ?? 0)), share(y + (step[1] ?? 0))]);
}

/**
 * The four corners between two opposite ones.
 *
 * @param {Point} a
 * @param {Point} b
 * @returns {Point[]} going round from the upper left
 */
export function rectangleOf(a, b) {
  const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [top, bottom] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/**
 * The way in across a line: from the left to the right of somebody who looks from start to end.
 *
 * @param {Point} start pixels, y downwards
 * @param {Point} end
 * @returns {Point} of length 1; [0, 0] for a line without length
 */
export function inward(start, end) {
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const length = Math.hypot(dx, dy);
  return length ? [-dy / length, dx / length] : [0, 0];
}

const WAYS = ["to the right", "to the lower right", "downwards", "to the lower left", "to the left", "to the upper left", "upwards", "to the upper right"];

/** @param {Point} way pixels, y downwards */
export function wayWord([x, y]) {
  const eighth = Math.round(Math.atan2(y, x) / (Math.PI / 4));
  return /** @type {string} */ (WAYS[(eighth + 8) % 8]);
}

/**
 * A place for a name: the middle of all corners, good enough for a label.
 *
 * @param {Point[]} points
 * @returns {Point}
 */
export function middleOf(points) {
  const sum = points.reduce(([x, y], p) => [x + p[0], y + p[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/**
 * Polygons somebody draws on a picture: what is wrong with one, and which part of it is meant.
 */

/** @typedef {import("./homography.js").Point} Point */

/** @param {Point} a @param {Point} b @param {Point} c */
const turn = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

/** @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
const cross = (a, b, c, d) => turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;

/** @param {Point[]} corners */
export function isCrossed(corners) {
  const count = corners.length;
  return corners.some((a, i) =>
    corners.some((c, k) => {
      if (k <= i + 1 || (i === 0 && k === count - 1)) return false; // neighbours share a corner
      return cross(a, /** @type {Point} */ (corners[i + 1]), c, /** @type {Point} */ (corners[(k + 1) % count]));
    }),
  );
}

/**
 * Twice the signed area; its sign tells the sense of rotation.
 *
 * @param {Point[]} corners
 */
export function doubleArea(corners) {
  return corners.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = /** @type {Point} */ (corners[(index + 1) % corners.length]);
    return sum + x * nextY - nextX * y;
  }, 0);
}

/**
 * @param {Point[]} corners pixels
 * @returns {string} what is wrong, "" when nothing is
 */
export function polygonProblem(corners) {
  if (corners.length < 3) return corners.length === 2 ? "One more corner makes an area." : "An area needs at least three corners.";
  if (isCrossed(corners)) return "The outline crosses itself. Drag a corner back.";
  return Math.abs(doubleArea(corners)) < 200 ? "The corners lie on one line: this encloses no area." : "";
}

/**
 * @param {Point[]} points
 * @param {Point} at
 * @param {number} reach pixels
 * @returns {number} index of the nearest point within reach, -1 when none is
 */
export function nearestPoint(points, at, reach) {
  let [best, found] = [reach, -1];
  points.forEach(([x, y], index) => {
    const distance = Math.hypot(x - at[0], y - at[1]);
    if (distance <= best) [best, found] = [distance, index];
  });
  return found;
}

/**
 * Middles of the sides, from which a new corner can be drawn out.
 *
 * @param {Point[]} corners
 * @returns {Point[]}
 */
export function sideMiddles(corners) {
  return corners.length < 3 ? [] : corners.map(([x, y], index) => {
    const [nextX, nextY] = /** @type {Point} */ (corners[(index + 1) % corners.length]);
    return [(x + nextX) / 2, (y + nextY) / 2];
  });
}

/**
 * Keep a point inside the picture, to a tenth of a pixel.
 *
 * @param {Point} p
 * @param {[number, number]} pictureWh
 * @returns {Point}
 */
export function insidePicture([x, y], [width, height]) {
  /** @param {number} value @param {number} most */
  const kept = (value, most) => Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;
  return [kept(x, width), kept(y, height)];
}

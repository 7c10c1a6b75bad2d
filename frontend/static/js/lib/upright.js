/**
 * How tall somebody standing on the ground appears in the picture: the check everybody can make
 * by eye. Assumes square pixels and the optical axis in the middle of the picture.
 */
import { inverse } from "./homography.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("./homography.js").Matrix} Matrix */
/** @typedef {[number, number, number]} Vector */

/** @param {Vector} p @param {Vector} q @returns {Vector} */
const cross = ([a, b, c], [d, e, f]) => [b * f - c * e, c * d - a * f, a * e - b * d];

/**
 * Squared focal length from the two axes of the ground, which stand at a right angle and have
 * the same unit: two equations for one number, least squares.
 *
 * @param {Vector} a image of the X axis, pixels from the middle of the picture
 * @param {Vector} b image of the Y axis
 */
function focalSquared(a, b) {
  const angle = [a[0] * b[0] + a[1] * b[1], a[2] * b[2]];
  const length = [a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2, a[2] ** 2 - b[2] ** 2];
  const [p = 0, r = 0, q = 0, s = 0] = [...angle, ...length];
  return -(p * p + q * q) / (p * r + q * s);
}

/**
 * @param {Matrix} matrix pixels to metres
 * @param {[number, number]} pictureWh
 * @returns {((foot: Point, heightM: number) => Point|null)|null} pixel of the top of something
 *   upright that stands at a pixel; null where the matrix does not tell (a view from straight
 *   above, or a lens no camera has)
 */
export function uprights(matrix, [width, height]) {
  const back = inverse(matrix);
  if (!back) return null;
  const middle = [width / 2, height / 2, 0];
  const [a, b, t] = [0, 1, 2].map((column) => {
    const w = back[2]?.[column] ?? 0;
    return /** @type {Vector} */ ([0, 1, 2].map((row) => (back[row]?.[column] ?? 0) - (middle[row] ?? 0) * w));
  });
  if (!a || !b || !t) return null;
  const f = Math.sqrt(focalSquared(a, b));
  const fieldOfView = (2 * Math.atan(width / 2 / f) * 180) / Math.PI;
  if (!(fieldOfView > 5 && fieldOfView < 150)) return null;
  /** @param {Vector} v @returns {Vector} */
  const ray = ([x, y, z]) => [x / f, y / f, z];
  const [x, y, origin] = [ray(a), ray(b), ray(t)];
  const unit = Math.sqrt(Math.hypot(...x) * Math.hypot(...y)); // image units of one metre
  const normal = /** @type {Vector} */ (cross(x, y).map((value) => value / unit));
  // up is the side of the ground on which the camera is
  const isUp = normal[0] * origin[0] + normal[1] * origin[1] + normal[2] * origin[2] < 0;
  return ([px, py], heightM) => {
    const [mx, my] = [px - width / 2, py - height / 2];
    const w = matrix[2] ? (matrix[2][0] ?? 0) * px + (matrix[2][1] ?? 0) * py + (matrix[2][2] ?? 0) : 0;
    if (!(w > 0)) return null;
    const rise = (isUp ? heightM : -heightM) * w; // the foot's ray (mx, my, 1) has length 1 / w
    const z = 1 + rise * normal[2];
    if (!(z > 0.05)) return null;
    return [(mx + rise * normal[0] * f) / z + width / 2, (my + rise * normal[1] * f) / z + height / 2];
  };
}

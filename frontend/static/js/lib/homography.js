/**
 * The ground plane seen by a camera: picture pixels to metres with a 3 × 3 homography.
 *
 * A matrix is given row by row and scaled as the server does: the third coordinate of what it
 * makes of a pixel ("depth" below) is positive for ground in front of the camera.
 */

/** @typedef {[number, number]} Point */
/** @typedef {number[][]} Matrix */

/** @param {Matrix} m @param {number} row @param {Point} p */
function along(m, row, [x, y]) {
  const [a = 0, b = 0, c = 0] = m[row] ?? [];
  return a * x + b * y + c;
}

/**
 * Positive in front of the camera, zero on the horizon; falls evenly towards it.
 *
 * @param {Matrix} matrix
 * @param {Point} p pixels
 */
export function depth(matrix, p) {
  return along(matrix, 2, p);
}

/**
 * Where the matrix takes a point; pixels to metres, or metres to pixels with the inverse.
 *
 * @param {Matrix} matrix
 * @param {Point} p
 * @returns {Point|null} null on or behind the horizon
 */
export function project(matrix, p) {
  const w = depth(matrix, p);
  if (!(w > 1e-12)) return null;
  return [along(matrix, 0, p) / w, along(matrix, 1, p) / w];
}

/**
 * @param {Matrix} m
 * @returns {Matrix|null} null where there is none
 */
export function inverse(m) {
  const [[a = 0, b = 0, c = 0] = [], [d = 0, e = 0, f = 0] = [], [g = 0, h = 0, i = 0] = []] = m;
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * A + b * B + c * C;
  if (!Number.isFinite(determinant) || determinant === 0) return null;
  return [
    [A, c * h - b * i, b * f - c * e],
    [B, a * i - c * g, c * d - a * f],
    [C, b * g - a * h, a * e - b * d],
  ].map((row) => row.map((value) => value / determinant));
}

/**
 * Metres on the ground that one pixel spans at most, around a pixel.
 *
 * The largest singular value of the derivative of the projection.
 *
 * @param {Matrix} matrix
 * @param {Point} p pixels
 * @returns {number} Infinity at and above the horizon
 */
export function metresPerPixel(matrix, p) {
  const at = project(matrix, p);
  if (!at) return Infinity;
  const w = depth(matrix, p);
  /** @param {number} row @param {number} column */
  const slope = (row, column) => ((matrix[row]?.[column] ?? 0) - (at[row] ?? 0) * (matrix[2]?.[column] ?? 0)) / w;
  const [a, b, c, d] = [slope(0, 0), slope(0, 1), slope(1, 0), slope(1, 1)];
  const sum = a * a + b * b + c * c + d * d;
  const determinant = a * d - b * c;
  return Math.sqrt((sum + Math.sqrt(Math.max(sum * sum - 4 * determinant * determinant, 0))) / 2);
}

/**
 * Metres between two places clicked in the picture.
 *
 * @param {Matrix} matrix
 * @param {Point} first pixels
 * @param {Point} second pixels
 * @returns {number|null} null where one is at or above the horizon
 */
export function groundDistance(matrix, first, second) {
  const [a, b] = [project(matrix, first), project(matrix, second)];
  return a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : null;
}

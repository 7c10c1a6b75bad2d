/**
 * A shape while it is being drawn: corner by corner, or between two points.
 */
import { rectangleOf } from "./places_geometry.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {"select"|"polygon"|"rectangle"|"line"} Tool */
/** @typedef {{tool: Tool, points: Point[]}} Pen points: pixels */
/** @typedef {{pen: Pen, shape: Point[]|null}} Stroke shape: what is finished with it, null while nothing is */

/** @param {Tool} tool @returns {Pen} */
export const freshPen = (tool) => ({ tool, points: [] });

/** @param {Point|undefined} a @param {Point} b @param {number} reach */
const isNear = (a, b, reach) => a !== undefined && Math.hypot(a[0] - b[0], a[1] - b[1]) <= reach;

/**
 * Put one point down. A click on the first or, again, on the last corner closes an outline.
 *
 * @param {Pen} pen
 * @param {Point} at
 * @param {number} reach pixels within which two points are the same
 * @returns {Stroke}
 */
export function placed(pen, at, reach) {
  const { tool, points } = pen;
  const [first] = points;
  const isAgain = isNear(points.at(-1), at, reach);
  if (tool === "polygon") {
    if (points.length >= 3 && (isAgain || isNear(first, at, reach))) return { pen: freshPen(tool), shape: points };
    return { pen: isAgain ? pen : { tool, points: [...points, at] }, shape: null };
  }
  if (!first) return { pen: { tool, points: [at] }, shape: null };
  const isFlat = tool === "rectangle" && Math.min(Math.abs(first[0] - at[0]), Math.abs(first[1] - at[1])) <= reach;
  if (isAgain || isFlat) return { pen, shape: null };
  return { pen: freshPen(tool), shape: tool === "rectangle" ? rectangleOf(first, at) : [first, at] };
}

/** Close the outline with the corners it has. @param {Pen} pen @returns {Stroke} */
export function finished(pen) {
  const isDone = pen.tool === "polygon" && pen.points.length >= 3;
  return isDone ? { pen: freshPen(pen.tool), shape: pen.points } : { pen, shape: null };
}

/** Take the last point back. @param {Pen} pen @returns {Pen} */
export const stepBack = (pen) => ({ ...pen, points: pen.points.slice(0, -1) });

/**
 * What the shape would be with the next point where the pointer is.
 *
 * @param {Pen} pen
 * @param {Point|null} hover
 * @returns {Point[]}
 */
export function outlineOf({ tool, points }, hover) {
  const [first] = points;
  if (!first || !hover) return points;
  return tool === "rectangle" ? rectangleOf(first, hover) : [...points, hover];
}

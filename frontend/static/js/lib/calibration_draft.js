/**
 * A calibration as somebody works on it: what has been clicked and typed so far, and what can be
 * asked of the server with it. Never changed in place, so that every step can be undone.
 */
import { notANumber } from "./calibration_words.js";
import { formatNumber } from "./format.js";
import { polygonProblem } from "./polygon.js";
import { optionalNumber } from "./source_types.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("../types.js").Calibration} Calibration */
/** @typedef {import("../types.js").CalibrationMethod} Method */
/** @typedef {"marks"|"monitored"|"walkable"} Layer marks: points or corners, as the method wants */
/** @typedef {{image: Point, world: [string, string]}} Mark world: metres as typed */

/**
 * @typedef {object} Draft
 * @property {Method} method
 * @property {Mark[]} points
 * @property {Point[]} corners
 * @property {string} width_m
 * @property {string} length_m
 * @property {string} field_of_view_deg
 * @property {Point[]} monitored
 * @property {Point[]} walkable
 */

const MOST_PLACES = 100; // as the server takes them

/** @returns {Draft} */
export function emptyDraft() {
  return { method: "points", points: [], corners: [], width_m: "", length_m: "", field_of_view_deg: "", monitored: [], walkable: [] };
}

/** @param {number|null|undefined} value */
const typed = (value) => (value === null || value === undefined ? "" : String(Math.round(value * 1000) / 1000));

/**
 * Go on from a stored calibration, on a picture that may have another size than then.
 *
 * @param {Calibration} stored
 * @param {[number, number]} pictureWh
 * @returns {Draft}
 */
export function draftFrom(stored, pictureWh) {
  if (!stored.calibrated || !stored.picture_wh) return emptyDraft();
  const [byX, byY] = [pictureWh[0] / stored.picture_wh[0], pictureWh[1] / stored.picture_wh[1]];
  /** @param {Point} p @returns {Point} */
  const scaled = ([x, y]) => [Math.round(x * byX * 10) / 10, Math.round(y * byY * 10) / 10];
  return {
    method: stored.method ?? "points",
    points: (stored.points ?? []).map(({ image, world }) => ({ image: scaled(image), world: [typed(world[0]), typed(world[1])] })),
    corners: (stored.rectangle?.corners ?? []).map(scaled),
    width_m: typed(stored.rectangle?.width_m),
    length_m: typed(stored.rectangle?.length_m),
    field_of_view_deg: typed(stored.method === "heights" ? stored.field_of_view_deg : null),
    monitored: (stored.monitored_area ?? []).map(scaled),
    walkable: (stored.walkable_area ?? []).map(scaled),
  };
}

/** @param {Draft} draft @param {Layer} layer @returns {Point[]} */
export function placesOf(draft, layer) {
  if (layer !== "marks") return draft[layer];
  if (draft.method === "points") return draft.points.map(({ image }) => image);
  return draft.method === "rectangle" ? draft.corners : [];
}

/** @param {Draft} draft @param {Layer} layer how many places it may have */
export function mostPlaces(draft, layer) {
  if (layer !== "marks") return MOST_PLACES;
  return { points: MOST_PLACES, rectangle: 4, heights: 0 }[draft.method];
}

/**
 * @param {Draft} draft
 * @param {Layer} layer
 * @param {<T extends Point|Mark>(list: T[], make: (at: Point) => T) => T[]} change
 * @returns {Draft}
 */
function changed(draft, layer, change) {
  if (layer === "marks" && draft.method === "points") {
    return { ...draft, points: change(draft.points, (image) => ({ image, world: ["", ""] })) };
  }
  const key = layer === "marks" ? "corners" : layer;
  return { ...draft, [key]: change(draft[key], (at) => at) };
}

/**
 * @param {Draft} draft
 * @param {Layer} layer
 * @param {Point} at
 * @param {number} [index] before which one; last of all when left out
 */
export function withPlace(draft, layer, at, index = Infinity) {
  if (placesOf(draft, layer).length >= mostPlaces(draft, layer)) return draft;
  return changed(draft, layer, (list, make) => [...list.slice(0, index), make(at), ...list.slice(index)]);
}

/** @param {Draft} draft @param {Layer} layer @param {number} index @param {Point} at */
export function movedPlace(draft, layer, index, at) {
  return changed(draft, layer, (list, make) =>
    list.map((one, k) => (k !== index ? one : "image" in one ? { ...one, image: at } : make(at))),
  );
}

/** @param {Draft} draft @param {Layer} layer @param {number} index */
export function withoutPlace(draft, layer, index) {
  return changed(draft, layer, (list) => list.filter((_, k) => k !== index));
}

/** @param {Draft} draft @param {Layer} layer */
export function cleared(draft, layer) {
  return changed(draft, layer, () => []);
}

/** @param {Draft} draft @param {number} index @param {0|1} axis @param {string} text */
export function withWorld(draft, index, axis, text) {
  const points = draft.points.map((mark, k) => {
    if (k !== index) return mark;
    const [x, y] = mark.world;
    return { ...mark, world: /** @type {[string, string]} */ (axis === 0 ? [text, y] : [x, text]) };
  });
  return { ...draft, points };
}

/**
 * What still has to be given before the server can be asked.
 *
 * @param {Draft} draft
 * @returns {string} "" when nothing is missing
 */
export function missing(draft) {
  for (const [layer, word] of /** @type {const} */ ([["monitored", "Monitored area"], ["walkable", "Walkable area"]])) {
    const problem = draft[layer].length ? polygonProblem(draft[layer]) : "";
    if (problem) return `${word}: ${problem}`;
  }
  if (draft.method === "points") return missingPoints(draft.points);
  if (draft.method === "rectangle") return missingRectangle(draft);
  return optionalNumber(draft.field_of_view_deg) === undefined ? notANumber(draft.field_of_view_deg, "the field of view") : "";
}

/** @param {Mark[]} points */
function missingPoints(points) {
  if (points.length < 4) {
    const more = 4 - points.length;
    return `${points.length ? `${formatNumber(more)} more ${more === 1 ? "point" : "points"}` : "Four points"} on the ground ${more === 1 ? "is" : "are"} needed: click ${more === 1 ? "it" : "them"} in the picture.`;
  }
  const open = points.findIndex(({ world }) => world.some((text) => typeof optionalNumber(text) !== "number"));
  const wrong = points[open]?.world.find((text) => optionalNumber(text) === undefined);
  if (open < 0) return "";
  return wrong === undefined ? `Type where point ${open + 1} lies: X and Y in metres.` : notANumber(wrong, `point ${open + 1}`);
}

/** @param {Draft} draft */
function missingRectangle({ corners, width_m: width, length_m: length }) {
  if (corners.length < 4) return corners.length ? `Corner ${corners.length + 1}: the next one, going round the rectangle.` : "Click the four corners of the rectangle, going round it.";
  const given = [width, length].map(optionalNumber);
  if (given.includes(undefined)) return notANumber([width, length][given.indexOf(undefined)] ?? "", "the rectangle");
  return given.every((value) => typeof value === "number") ? "" : "Type the width and the length of the rectangle in metres.";
}

/**
 * The body of the request; only where nothing is missing.
 *
 * @param {Draft} draft
 * @param {[number, number]} pictureWh
 */
export function requestOf(draft, pictureWh) {
  const { method, monitored, walkable } = draft;
  /** @type {Record<string, unknown>} */
  const body = { method, picture_wh: pictureWh };
  if (method === "points") body.points = draft.points.map(({ image, world }) => ({ image, world: world.map(optionalNumber) }));
  if (method === "rectangle") body.rectangle = { corners: draft.corners, width_m: optionalNumber(draft.width_m), length_m: optionalNumber(draft.length_m) };
  const angle = optionalNumber(draft.field_of_view_deg);
  if (method === "heights" && typeof angle === "number") body.field_of_view_deg = angle;
  if (monitored.length) body.monitored_area = monitored;
  if (walkable.length) body.walkable_area = walkable;
  return body;
}

/**
 * Refusals sorted to where they belong: by point, by field, and what belongs to neither.
 *
 * @param {{detail: string, errors: {pointer: string, detail: string}[]}} problem
 */
export function refusals({ detail, errors }) {
  /** @type {Map<number, string>} */
  const points = new Map();
  /** @type {Map<string, string>} */
  const fields = new Map();
  for (const { pointer, detail: text } of errors) {
    const [root = "", ...rest] = pointer.split("/").filter(Boolean);
    const index = rest.map(Number).find(Number.isInteger);
    if ((root === "points" || rest[0] === "corners") && index !== undefined) points.set(index, text);
    else fields.set(rest.at(-1) && !/^\d+$/.test(rest.at(-1) ?? "") ? /** @type {string} */ (rest.at(-1)) : root, text);
  }
  const all = [...new Set(errors.map(({ detail: text }) => text))];
  return { points, fields, texts: all.length ? all : [detail] };
}

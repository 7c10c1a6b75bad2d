/**
 * A link between two places as it is filled in.
 */
import { placeKey, placeWords } from "./place_graph.js";

/** @typedef {import("../types.js").GraphLink} GraphLink */
/** @typedef {import("../types.js").LinkChoices} LinkChoices */
/** @typedef {"name"|"source"|"target"|"line"|"direction"|"walk_s"} FieldName */

/**
 * @typedef {object} LinkTexts what stands in the fields
 * @property {string} name
 * @property {string} source "zone-3"
 * @property {string} target
 * @property {string} line id; "": nobody counts
 * @property {string} direction "in" or "out"
 * @property {string} walk seconds; "": not known
 * @property {boolean} isGate
 */

/** @type {readonly FieldName[]} */
const FIELDS = ["name", "source", "target", "line", "direction", "walk_s"];

/**
 * What the fields begin with.
 *
 * @param {GraphLink|null} link
 * @param {string} from place a new one begins at
 * @returns {LinkTexts}
 */
export function linkFields(link, from) {
  if (!link) return { name: "", source: from, target: "", line: "", direction: "in", walk: "", isGate: false };
  return {
    name: link.name,
    source: placeKey(link.source),
    target: placeKey(link.target),
    line: link.line ? String(link.line.line_id) : "",
    direction: link.line?.is_reversed ? "out" : "in",
    walk: link.walk_s === null ? "" : String(link.walk_s),
    isGate: link.is_gate,
  };
}

/** @param {string} key "zone-3" */
function placeOf(key) {
  const [kind = "", id = ""] = key.split("-");
  return { kind, place_id: Number(id) };
}

/**
 * What is sent; a walking time that is no number is told here.
 *
 * @param {LinkTexts} texts
 */
export function linkBody({ name, source, target, line, direction, walk, isGate }) {
  const text = walk.trim().replace(",", ".");
  const walkS = text === "" ? null : Number(text);
  return {
    body: {
      name,
      source: placeOf(source),
      target: placeOf(target),
      line: line === "" ? null : { line_id: Number(line), is_reversed: direction === "out" },
      is_gate: isGate,
      walk_s: walkS,
    },
    problem: walkS !== null && !Number.isFinite(walkS) ? "Give a number of seconds, or leave it empty." : "",
  };
}

/** @param {LinkChoices} choices @returns {Record<string, string>} */
export function placeOptions({ places }) {
  return Object.fromEntries(places.map((place) => [placeKey(place), place.kind === "location" ? `${place.name} (location)` : placeWords(place)]));
}

/** @param {LinkChoices} choices @returns {Record<string, string>} */
export function lineOptions({ lines }) {
  return Object.fromEntries(lines.map((line) => [String(line.line_id), `${line.name} on ${line.camera_name}`]));
}

/**
 * The field a refusal belongs to; null for none of them.
 *
 * @param {string} pointer "/line/line_id"
 * @returns {FieldName|null}
 */
export function refusedField(pointer) {
  const first = pointer.split("/")[1];
  return FIELDS.find((name) => name === first) ?? null;
}

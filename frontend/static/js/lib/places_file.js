/**
 * Zones and lines in a file: the same shape as the API's, so that a program can use it too.
 */
import { draftOf, requestOf } from "./places.js";
import { PROFILES } from "./places_words.js";

/** @typedef {import("./places.js").PlacesDraft} PlacesDraft */
/** @typedef {import("../types.js").Places} Places */

const BIGGEST_BYTES = 2_000_000;
const TOO_LARGE = "it is far larger than any set of zones.";

/** @param {PlacesDraft} draft @param {{cameraId: number, version: number}} of */
export function fileText(draft, { cameraId, version }) {
  return `${JSON.stringify({ camera_id: cameraId, ...requestOf(draft, version) }, null, 2)}\n`;
}

/** @param {string} cameraName */
export function fileName(cameraName) {
  const plain = cameraName.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return `places-${plain || "camera"}.json`;
}

/** @param {string} text @returns {Error} */
const refusal = (text) => new Error(`This file cannot be used: ${text}`);

/** @param {{size: number, text: () => Promise<string>}} file read only where it can be one @returns {Promise<string>} */
export async function textOf(file) {
  if (file.size > BIGGEST_BYTES) throw refusal(TOO_LARGE);
  return file.text();
}

/** @param {unknown} value @param {string} where @returns {import("./homography.js").Point} */
function point(value, where) {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isFinite)) throw refusal(`${where} is not a pair of numbers.`);
  return [value[0], value[1]];
}

/** @param {unknown} value @param {string} where @returns {number|null} */
function limit(value, where) {
  if (value === undefined || value === null) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) throw refusal(`${where} is not a number.`);
  return value;
}

/** @param {unknown} value @param {string} where @param {string} fallback @returns {string} */
function colour(value, where, fallback) {
  if (value === undefined) return fallback;
  if (typeof value !== "string" || !/^#[0-9a-f]{6}$/i.test(value)) throw refusal(`${where} is not a colour such as #4ea1ff.`);
  return value.toLowerCase();
}

/** @param {any} one @param {string} where */
function named(one, where) {
  if (one === null || typeof one !== "object" || Array.isArray(one)) throw refusal(`${where} is not an object.`);
  if (typeof one.name !== "string") throw refusal(`${where} has no name.`);
}

/** @param {any} zone @param {number} index */
function zoneOf(zone, index) {
  const where = `zone ${index + 1}`;
  named(zone, where);
  if (!Array.isArray(zone.corners)) throw refusal(`${where} has no corners.`);
  const profile = zone.profile ?? "standing";
  if (!Object.hasOwn(PROFILES, profile)) throw refusal(`${where} has a profile that is unknown here: ${profile}.`);
  return {
    id: zone.id,
    name: zone.name,
    corners: zone.corners.map((/** @type {unknown} */ p, /** @type {number} */ k) => point(p, `corner ${k + 1} of ${where}`)),
    profile,
    colour: colour(zone.colour, `the colour of ${where}`, "#4ea1ff"),
    count_limit: limit(zone.count_limit, `the limit of ${where}`),
    density_limit_per_m2: limit(zone.density_limit_per_m2, `the density limit of ${where}`),
  };
}

/** @param {any} line @param {number} index */
function lineOf(line, index) {
  const where = `line ${index + 1}`;
  named(line, where);
  return {
    id: line.id,
    name: line.name,
    start: point(line.start, `the start of ${where}`),
    end: point(line.end, `the end of ${where}`),
    colour: colour(line.colour, `the colour of ${where}`, "#ffb454"),
    width_m: limit(line.width_m, `the width of ${where}`),
  };
}

/**
 * Read a file. What it holds keeps its history only where it comes from this very camera and
 * still stands there; everything else is new.
 *
 * @param {string} text
 * @param {{cameraId: number, stored: Pick<Places, "zones"|"lines">, newKey: () => string}} of
 * @returns {PlacesDraft}
 * @throws {Error} with what is wrong with the file; whether the outlines are good is judged later
 */
export function readFile(text, { cameraId, stored, newKey }) {
  if (text.length > BIGGEST_BYTES) throw refusal(TOO_LARGE);
  /** @type {any} */
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw refusal("it is not JSON.");
  }
  if (!Array.isArray(body?.zones) || !Array.isArray(body?.lines)) throw refusal("it has no lists of zones and lines.");
  const isOwn = body.camera_id === cameraId;
  /** @template {{id: number|null, key: string}} T @param {T[]} list @param {{id: number}[]} known @returns {T[]} */
  const adopt = (list, known) => {
    /** @type {Set<number>} */
    const seen = new Set();
    return list.map((one) => {
      const keeps = isOwn && one.id !== null && !seen.has(one.id) && known.some(({ id }) => id === one.id);
      if (keeps && one.id !== null) seen.add(one.id);
      return keeps ? one : { ...one, id: null, key: newKey() };
    });
  };
  const draft = draftOf({ zones: body.zones.map(zoneOf), lines: body.lines.map(lineOf) });
  return { zones: adopt(draft.zones, stored.zones), lines: adopt(draft.lines, stored.lines) };
}

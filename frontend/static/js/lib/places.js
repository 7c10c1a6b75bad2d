/**
 * Zones and counting lines of a camera as somebody works on them. Never changed in place, so
 * that every step can be undone; positions are shares of the picture in [0, 1].
 */
import { nameKey, tidyName } from "./place_names.js";
import { optionalNumber, optionalWhole } from "./source_types.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("../types.js").Places} Places */
/** @typedef {import("../types.js").ZoneProfile} ZoneProfile */
/** @typedef {"zone"|"line"} Kind */

/**
 * @typedef {object} ZoneDraft
 * @property {string} key the same through all its changes
 * @property {number|null} id null until it is stored
 * @property {string} name
 * @property {Point[]} corners
 * @property {ZoneProfile} profile
 * @property {string} colour
 * @property {string} count_limit as typed
 * @property {string} density_limit_per_m2 as typed
 *
 * @typedef {object} LineDraft
 * @property {string} key
 * @property {number|null} id
 * @property {string} name
 * @property {Point} start
 * @property {Point} end
 * @property {string} colour
 * @property {string} width_m as typed
 *
 * @typedef {{zones: ZoneDraft[], lines: LineDraft[]}} PlacesDraft
 * @typedef {{kind: "zone", index: number, place: ZoneDraft}|{kind: "line", index: number, place: LineDraft}} Found
 */

/** Colours told apart by people of any colour vision; yellow and red are left to what is wrong. */
export const COLOURS = ["#4ea1ff", "#ffb454", "#2dd4a7", "#d98cff", "#9be15d", "#ff8fb1", "#5ee7f7", "#c9b18a"];

/** @param {number|null|undefined} value */
const typed = (value) => (value === null || value === undefined ? "" : String(value));

/** @param {Pick<Places, "zones"|"lines">} stored @returns {PlacesDraft} */
export function draftOf({ zones, lines }) {
  return {
    zones: zones.map(({ id, name, corners, profile, colour, count_limit, density_limit_per_m2 }) => ({
      key: `zone-${id}`, id, name, corners, profile, colour, count_limit: typed(count_limit), density_limit_per_m2: typed(density_limit_per_m2),
    })),
    lines: lines.map(({ id, name, start, end, colour, width_m }) => ({ key: `line-${id}`, id, name, start, end, colour, width_m: typed(width_m) })),
  };
}

/**
 * The body of the request; only where no rule is broken.
 *
 * @param {PlacesDraft} draft
 * @param {number} version the one it is built on
 */
export function requestOf({ zones, lines }, version) {
  /** @param {number|null} id */
  const known = (id) => (id === null ? {} : { id });
  return {
    version,
    zones: zones.map(({ id, name, corners, profile, colour, count_limit, density_limit_per_m2 }) => ({
      ...known(id), name: tidyName(name), corners, profile, colour, count_limit: optionalWhole(count_limit), density_limit_per_m2: optionalNumber(density_limit_per_m2),
    })),
    lines: lines.map(({ id, name, start, end, colour, width_m }) => ({ ...known(id), name: tidyName(name), start, end, colour, width_m: optionalNumber(width_m) })),
  };
}

/** @param {PlacesDraft} draft @param {string|null} key @returns {Found|null} */
export function placeOf({ zones, lines }, key) {
  const zone = zones.findIndex((one) => one.key === key);
  if (zone >= 0) return { kind: "zone", index: zone, place: /** @type {ZoneDraft} */ (zones[zone]) };
  const line = lines.findIndex((one) => one.key === key);
  return line >= 0 ? { kind: "line", index: line, place: /** @type {LineDraft} */ (lines[line]) } : null;
}

/** @param {ZoneDraft|LineDraft} place @returns {Point[]} corners, or start and end */
export const pointsOf = (place) => ("corners" in place ? place.corners : [place.start, place.end]);

/**
 * @param {PlacesDraft} draft
 * @param {string} key
 * @param {Partial<ZoneDraft>|Partial<LineDraft>} fields
 * @returns {PlacesDraft}
 */
export function patched(draft, key, fields) {
  /** @template {ZoneDraft|LineDraft} T @param {T[]} list @returns {T[]} */
  const change = (list) => list.map((one) => (one.key === key ? { ...one, ...fields } : one));
  return { zones: change(draft.zones), lines: change(draft.lines) };
}

/** @param {PlacesDraft} draft @param {string} key @param {Point[]} points @returns {PlacesDraft} */
export function withPoints(draft, key, points) {
  const found = placeOf(draft, key);
  if (!found) return draft;
  const [start, end] = points;
  return patched(draft, key, found.kind === "zone" ? { corners: points } : { start, end });
}

/** @param {PlacesDraft} draft @param {string} key @returns {PlacesDraft} */
export function without(draft, key) {
  return { zones: draft.zones.filter((one) => one.key !== key), lines: draft.lines.filter((one) => one.key !== key) };
}

/** The one after it in the list, else the one before. @param {PlacesDraft} draft @param {string} key @returns {string|null} its key */
export function neighbourOf({ zones, lines }, key) {
  const keys = [...zones, ...lines].map((one) => one.key);
  const index = keys.indexOf(key);
  return index < 0 ? null : keys[index + 1] ?? keys[index - 1] ?? null;
}

/**
 * One step up or down among its own kind.
 *
 * @param {PlacesDraft} draft
 * @param {string} key
 * @param {1|-1} direction
 * @returns {PlacesDraft} the same one where it stands at the end already
 */
export function reordered(draft, key, direction) {
  const found = placeOf(draft, key);
  if (!found) return draft;
  const name = /** @type {"zones"|"lines"} */ (`${found.kind}s`);
  const to = found.index + direction;
  if (to < 0 || to >= draft[name].length) return draft;
  /** @type {any[]} */
  const list = draft[name].filter((one) => one.key !== key);
  return { ...draft, [name]: [...list.slice(0, to), found.place, ...list.slice(to)] };
}

/** @param {PlacesDraft} draft @param {string} word "Zone 1", "Zone 2" … the first one that is free */
function freeName({ zones, lines }, word) {
  const taken = new Set([...zones, ...lines].map(({ name }) => nameKey(name)));
  let number = 1;
  while (taken.has(nameKey(`${word} ${number}`))) number += 1;
  return `${word} ${number}`;
}

/** @param {PlacesDraft} draft the colour that is used least, the earlier one first */
function freeColour({ zones, lines }) {
  const used = [...zones, ...lines].map(({ colour }) => colour.toLowerCase());
  const uses = COLOURS.map((colour) => used.filter((one) => one === colour).length);
  return /** @type {string} */ (COLOURS[uses.indexOf(Math.min(...uses))]);
}

/** @param {PlacesDraft} draft @param {string} key @param {Point[]} corners @returns {PlacesDraft} */
export function withZone(draft, key, corners) {
  /** @type {ZoneDraft} */
  const zone = { key, id: null, name: freeName(draft, "Zone"), corners, profile: "standing", colour: freeColour(draft), count_limit: "", density_limit_per_m2: "" };
  return { ...draft, zones: [...draft.zones, zone] };
}

/** @param {PlacesDraft} draft @param {string} key @param {Point} start @param {Point} end @returns {PlacesDraft} */
export function withLine(draft, key, start, end) {
  const line = { key, id: null, name: freeName(draft, "Line"), start, end, colour: freeColour(draft), width_m: "" };
  return { ...draft, lines: [...draft.lines, line] };
}

/**
 * For a save over somebody else's change: what they have deleted meanwhile becomes new again.
 *
 * @param {PlacesDraft} draft
 * @param {Pick<Places, "zones"|"lines">} theirs
 * @returns {PlacesDraft}
 */
export function rebased(draft, theirs) {
  /** @template {ZoneDraft|LineDraft} T @param {T[]} list @param {{id: number}[]} known @returns {T[]} */
  const keep = (list, known) => list.map((one) => (known.some(({ id }) => id === one.id) ? one : { ...one, id: null }));
  return { zones: keep(draft.zones, theirs.zones), lines: keep(draft.lines, theirs.lines) };
}

/**
 * After a save: places that were sent get the ids they are stored under, and what is stored no
 * longer is new again. The same draft always becomes the same one.
 *
 * @param {Pick<Places, "zones"|"lines">} stored in the order they were sent in
 * @param {PlacesDraft} sent
 * @returns {(draft: PlacesDraft) => PlacesDraft}
 */
export function adopter(stored, sent) {
  const pairs = /** @type {const} */ (["zones", "lines"]).flatMap((kind) => sent[kind].map(({ key }, index) => /** @type {const} */ ([key, stored[kind][index]?.id ?? null])));
  const ids = new Map(pairs);
  /** @template {ZoneDraft|LineDraft} T @param {T[]} list @returns {T[]} */
  const known = (list) => list.map((one) => ({ ...one, id: ids.get(one.key) ?? one.id }));
  /** @type {Map<PlacesDraft, PlacesDraft>} */
  const done = new Map();
  return (draft) => {
    const next = done.get(draft) ?? rebased({ zones: known(draft.zones), lines: known(draft.lines) }, stored);
    done.set(draft, next);
    return next;
  };
}

/**
 * A location as its form holds it: what is typed and ticked, what is sent of it, and where the
 * server's objections belong.
 */
import { optionalNumber, optionalWhole } from "./source_types.js";

/** @typedef {import("../types.js").AreaRef} AreaRef */
/** @typedef {import("../types.js").Location} Location */
/** @typedef {"in"|"out"} Leads where people go who go *in* over a line */

/**
 * @typedef {object} LocationDraft
 * @property {string} name
 * @property {string} description
 * @property {string} capacity
 * @property {boolean} seesAll
 * @property {string} minutes an entered number counts
 * @property {string} latitude
 * @property {string} longitude
 * @property {Set<string>} areas keys of `areaKey`, in the order they were chosen
 * @property {Map<string, Leads>} lines by "camera:line"
 * @property {string[][]} overlaps groups of keys of areas
 */

/** @typedef {{id: number, name: string, source_type: string, zones: {id: number, name: string}[]}} Sight a camera and its zones, where they are known */

const DEFAULT_MINUTES = 15;

/** @param {AreaRef} area */
export const areaKey = ({ camera_id: camera, zone_id: zone }) => `${camera}:${zone ?? 0}`;

/** @param {string} key @returns {AreaRef} */
export function areaOf(key) {
  const [camera = 0, zone = 0] = key.split(":").map(Number);
  return { camera_id: camera, zone_id: zone || null };
}

/** @param {Location|null} location @returns {LocationDraft} */
export function draftOf(location) {
  const onEarth = location?.position && location.position.floor_plan_id === null ? location.position : null;
  return {
    name: location?.name ?? "",
    description: location?.description ?? "",
    capacity: location?.capacity ? String(location.capacity) : "",
    seesAll: location?.cameras_see_all ?? true,
    minutes: location ? String(Math.round(location.entry_valid_s / 6) / 10) : String(DEFAULT_MINUTES),
    latitude: onEarth ? String(onEarth.y) : "",
    longitude: onEarth ? String(onEarth.x) : "",
    areas: new Set((location?.areas ?? []).map(areaKey)),
    lines: new Map((location?.lines ?? []).map(({ camera_id, line_id, is_reversed }) => [`${camera_id}:${line_id}`, is_reversed ? "out" : "in"])),
    overlaps: (location?.overlaps ?? []).map((group) => group.map(areaKey)),
  };
}

/** @param {LocationDraft} draft @returns {Set<number>} cameras it takes anything from */
export function camerasOf({ areas, lines }) {
  return new Set([...areas, ...lines.keys()].map((key) => Number(key.split(":")[0])));
}

/**
 * The whole picture holds its zones already; choosing one gives up the other.
 *
 * @param {Set<string>} areas
 * @param {string} key
 * @param {boolean} isChosen
 */
export function withArea(areas, key, isChosen) {
  const { camera_id: camera, zone_id: zone } = areaOf(key);
  const others = [...areas].filter((other) => other !== key);
  if (!isChosen) return new Set(others);
  const isBeside = (/** @type {AreaRef} */ area) => area.camera_id !== camera || (zone !== null && area.zone_id !== null);
  return new Set([...others.filter((other) => isBeside(areaOf(other))), key]);
}

/**
 * What may be said to see the same ground: its areas, and zones of pictures that are one.
 *
 * @param {LocationDraft} draft
 * @param {Sight[]} sights
 * @returns {{key: string, word: string}[]}
 */
export function overlapChoices({ areas }, sights) {
  return sights.flatMap(({ id, name, zones }) => {
    const whole = `${id}:0`;
    const isWhole = areas.has(whole);
    const own = zones.map((zone) => ({ key: `${id}:${zone.id}`, word: `${zone.name} on ${name}` })).filter(({ key }) => isWhole || areas.has(key));
    return isWhole ? [{ key: whole, word: `${name}, whole picture` }, ...own] : own;
  });
}

/** Without what is chosen no more. @param {string[][]} overlaps @param {{key: string}[]} choices */
export function keptOverlaps(overlaps, choices) {
  const known = new Set(choices.map(({ key }) => key));
  return overlaps.map((group) => group.filter((key) => known.has(key)));
}

/** @param {string[]} group @returns {string} what is wrong with it, "" when nothing is */
export function overlapProblem(group) {
  const cameras = group.map((key) => areaOf(key).camera_id);
  if (cameras.length < 2) return "Choose at least two, each of another camera, or remove the group.";
  return new Set(cameras).size < cameras.length ? "Two of them are of one camera: a camera does not see the same ground twice." : "";
}

/**
 * Real and simulated people are never added up.
 *
 * @param {LocationDraft} draft
 * @param {Sight[]} sights
 * @returns {"simulated"|"real"|null} null while nothing is chosen
 */
export function kindOf(draft, sights) {
  const used = camerasOf(draft);
  const first = sights.find(({ id }) => used.has(id));
  return first ? (first.source_type === "simulated" ? "simulated" : "real") : null;
}

/** @param {LocationDraft} draft @param {Record<string, string>} problems @returns {{floor_plan_id: null, x: number, y: number}|null|undefined} undefined: not to be read */
function positionOf({ latitude, longitude }, problems) {
  const [y, x] = [optionalNumber(latitude), optionalNumber(longitude)];
  if (y === undefined || (y !== null && Math.abs(y) > 90)) problems.latitude = "Degrees from −90 to 90, for instance 53.5503.";
  if (x === undefined || (x !== null && Math.abs(x) > 180)) problems.longitude = "Degrees from −180 to 180, for instance 9.9937.";
  if (x === null && y !== null) problems.longitude = "Give both, or neither.";
  if (y === null && x !== null) problems.latitude = "Give both, or neither.";
  return x === null && y === null ? null : x === undefined || y === undefined || x === null || y === null ? undefined : { floor_plan_id: null, x, y };
}

/**
 * What is sent; the position only where the form holds it (one on a floor plan is not here).
 *
 * @param {LocationDraft} draft
 * @param {{withPosition: boolean}} about
 * @returns {{body: Record<string, unknown>, problems: Record<string, string>}} problems by field
 */
export function bodyOf(draft, { withPosition }) {
  /** @type {Record<string, string>} */
  const problems = {};
  const capacity = optionalWhole(draft.capacity);
  const minutes = optionalNumber(draft.minutes);
  if (!draft.name.trim()) problems.name = "Give it a name.";
  if (capacity === undefined || capacity === 0) problems.capacity = "A whole number of people from 1 on, or nothing.";
  if (!minutes || minutes < 0) problems.entry_valid_s = "A number of minutes above zero.";
  const position = withPosition ? positionOf(draft, problems) : null;
  const body = {
    name: draft.name.trim(),
    description: draft.description.trim(),
    capacity,
    cameras_see_all: draft.seesAll,
    entry_valid_s: Math.round((minutes ?? 0) * 60),
    areas: [...draft.areas].map(areaOf),
    lines: [...draft.lines].map(([key, leads]) => {
      const [camera_id, line_id] = key.split(":").map(Number);
      return { camera_id, line_id, is_reversed: leads === "out" };
    }),
    overlaps: draft.overlaps.map((group) => group.map(areaOf)),
    ...(withPosition ? { position } : {}),
  };
  return { body, problems };
}

/** @type {Record<string, string>} parts of an address that stand in a field of another name */
const FIELDS = { "position/y": "latitude", "position/x": "longitude", position: "latitude" };

/**
 * Where the server's objections belong.
 *
 * @param {{pointer: string, detail: string}[]} errors
 * @param {LocationDraft} draft as it was sent
 * @returns {{fields: Record<string, string>, cameras: Map<number, string>, overlaps: Map<number, string>}}
 *   fields by name, cameras by id, overlaps by their place in the list; the first of each
 */
export function placeErrors(errors, draft) {
  /** @type {{fields: Record<string, string>, cameras: Map<number, string>, overlaps: Map<number, string>}} */
  const placed = { fields: {}, cameras: new Map(), overlaps: new Map() };
  const [areas, lines] = [[...draft.areas], [...draft.lines.keys()]];
  for (const { pointer, detail } of errors) {
    const parts = pointer.split("/").filter(Boolean);
    const [root = "", second] = parts;
    const key = root === "areas" ? areas[Number(second)] : root === "lines" ? lines[Number(second)] : undefined;
    const camera = key === undefined ? undefined : Number(key.split(":")[0]);
    if (camera !== undefined) placed.cameras.set(camera, placed.cameras.get(camera) ?? detail);
    else if (root === "overlaps" && second !== undefined) placed.overlaps.set(Number(second), placed.overlaps.get(Number(second)) ?? detail);
    else placed.fields[FIELDS[parts.join("/")] ?? FIELDS[root] ?? root] ??= detail;
  }
  return placed;
}

/**
 * Changes of where locations stand and what their ground is: what is sent, and what takes it back.
 */
import { areaKey } from "./location_draft.js";
import { doubleArea, isCrossed } from "./polygon.js";

/** @typedef {import("../types.js").Location} Location */
/** @typedef {import("../types.js").MapPosition} MapPosition */
/** @typedef {[number, number]} Point */
/** @typedef {{position: MapPosition|null, outline: Point[], areas?: {camera_id: number, zone_id: number|null, map_outline: Point[]}[]}} Ground */

const WHOLE = "location";

/**
 * What brings a location back to where it was. Its areas are those it has now: somebody may have
 * chosen others meanwhile. They are sent only where an outline of theirs differs.
 *
 * @param {Location} before
 * @param {Location} now
 * @returns {Ground}
 */
export function groundBack(before, now) {
  const { position, outline } = before;
  const was = new Map(before.areas.map((area) => [areaKey(area), area.map_outline]));
  const isElsewhere = !now.position || position?.floor_plan_id !== now.position.floor_plan_id; // outlines are lost with the map
  const areas = now.areas.map((area) => ({ camera_id: area.camera_id, zone_id: area.zone_id, map_outline: was.get(areaKey(area)) ?? (isElsewhere ? [] : area.map_outline) }));
  const differs = areas.some(({ map_outline: corners }, at) => isElsewhere ? corners.length > 0 : JSON.stringify(corners) !== JSON.stringify(now.areas[at]?.map_outline));
  return { position, outline, ...(differs ? { areas } : {}) };
}

/** @param {Location} location @returns {{key: string, word: string, isDrawn: boolean}[]} what an outline can be drawn of */
export function outlineTargets({ outline, areas }) {
  const whole = { key: WHOLE, word: "The location as a whole", isDrawn: outline.length > 0 };
  return [
    whole,
    ...areas.map((area) => ({ key: areaKey(area), word: area.zone_name === null ? `What ${area.camera_name} sees` : `${area.zone_name} on ${area.camera_name}`, isDrawn: area.map_outline.length > 0 })),
  ];
}

/** @param {Location} location @param {string} target @param {Point[]} corners empty: takes it away @returns {Partial<Ground>} */
export function outlineChange({ areas }, target, corners) {
  if (target === WHOLE) return { outline: corners };
  return { areas: areas.map((area) => ({ camera_id: area.camera_id, zone_id: area.zone_id, map_outline: areaKey(area) === target ? corners : area.map_outline })) };
}

/** @param {Point[]} corners @returns {string} what keeps them from being an outline, "" for nothing */
export function outlineProblem(corners) {
  if (corners.length < 3) return "An outline needs at least three corners.";
  if (isCrossed(corners)) return "The outline crosses itself. Take corners back until it does not.";
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const box = (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
  return Math.abs(doubleArea(corners)) < 0.01 * box || box === 0 ? "The corners lie on one line: this encloses no ground." : "";
}

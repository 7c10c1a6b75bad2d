/**
 * The totals of the wall: a place whose incident stands needs somebody, also while its camera
 * says nothing (off, or the server has just been started).
 */
import { levelRank, riskView } from "./risk.js";

/** @typedef {import("../types.js").Alert} Alert */
/** @typedef {import("../types.js").Metrics} Metrics */

/**
 * A camera by its id, with its zones; a location, or a place that is gone, by itself.
 * @param {Alert} alert
 */
const placeKey = ({ camera_id: cameraId, location_id: locationId, place_name: name }) =>
  locationId != null ? `location ${locationId}` : cameraId != null ? String(cameraId) : `gone ${name}`;

/**
 * @param {{id: number, metrics: Metrics|null, isRecorded?: boolean}[]} shown what may be believed
 *   of each; recordings say nothing of now and do not count
 * @param {Alert[]} open incidents that are not resolved
 * @param {{isSimulated?: boolean}} [about] whether simulated places are spoken of, or real ones
 * @returns {{word: string|null, places: number}} highest level in words, null where nothing is
 *   known; number of places at warning or above
 */
export function attention(shown, open, { isSimulated = false } = {}) {
  const cameras = shown.filter(({ isRecorded }) => !isRecorded);
  const live = open.filter(({ origin }) => origin !== "RECORDED" && (origin === "SIMULATED") === isSimulated);
  const [worst] = cameras.flatMap(({ metrics }) => (metrics ? [metrics] : [])).sort((a, b) => levelRank(b.risk_level) - levelRank(a.risk_level));
  const [gravest] = [...live].sort((a, b) => levelRank(b.level) - levelRank(a.level));
  const isGraver = gravest && levelRank(gravest.level) > levelRank(worst?.risk_level);
  const warning = levelRank("WARNING");
  const places = new Set([
    ...cameras.filter(({ metrics }) => levelRank(metrics?.risk_level) >= warning).map(({ id }) => String(id)),
    ...live.filter(({ level }) => levelRank(level) >= warning).map(placeKey),
  ]);
  const word = isGraver ? riskView({ risk_level: gravest.level, trust: "ok" }).word : worst ? riskView(worst).word : null;
  return { word, places: places.size };
}

/**
 * Which cameras the totals of the wall speak of. Real and simulated people are never added up.
 */
import { isRecorded, isSimulated } from "./camera.js";

/**
 * Real cameras as soon as there is one, be it switched off; before that the simulated ones, and
 * then everything says so.
 *
 * @template {Pick<import("../types.js").Camera, "source_type">} C
 * @param {C[]} cameras
 * @param {{isRealOpen?: boolean}} [facts] isRealOpen: an incident of a real camera stands; it is
 *   spoken of also when the camera is gone
 * @returns {{counted: C[], isSimulated: boolean, leftOut: number}} leftOut: simulated cameras
 *   that are not in the totals
 */
export function subjects(cameras, { isRealOpen = false } = {}) {
  const live = cameras.filter((camera) => !isRecorded(camera));
  const real = live.filter((camera) => !isSimulated(camera));
  const simulated = live.filter((camera) => isSimulated(camera));
  if (real.length || isRealOpen || !simulated.length) return { counted: real, isSimulated: false, leftOut: simulated.length };
  return { counted: simulated, isSimulated: true, leftOut: 0 };
}

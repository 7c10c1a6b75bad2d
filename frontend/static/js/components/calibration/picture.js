/**
 * The picture to calibrate on: without anything drawn, as large as the camera gives it.
 */
import { formatAge } from "../../lib/format.js";
import { pictureUrl } from "../../lib/overlays.js";
import { messageOf } from "../state.js";

/** @typedef {import("../../types.js").Camera} Camera */
/** @typedef {{url: string, wh: [number, number], note: string}} Picture note: what is wrong with it, "" when nothing is */

const WIDEST = 3840;
const STALE_S = 4;
const TEST_TIMEOUT_MS = 45_000;

/** @param {string} url @returns {Promise<[number, number]>} */
async function sizeOf(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}

/**
 * The newest frame; of a camera that is off, one that its source is opened for.
 *
 * @param {import("../../api/client.js").Api} api
 * @param {number} cameraId
 * @param {AbortSignal} signal
 * @returns {Promise<Picture>}
 */
export async function takePicture(api, cameraId, signal) {
  const newest = await api
    .picture(pictureUrl(cameraId, "snapshot", { overlays: [], width: WIDEST }), { signal })
    .catch((error) => (error?.status === 503 ? null : Promise.reject(error)));
  if (newest && (newest.ageS ?? 0) < STALE_S) return ofBlob(newest.blob, "");
  // an old frame has "no live picture" written over it: better one from the source itself
  const tried = await api.post(`/api/cameras/${cameraId}/test`, {}, { signal, timeoutMs: TEST_TIMEOUT_MS }).catch((error) => ({ ok: false, message: messageOf(error) }));
  if (tried.ok && tried.picture && tried.width && tried.height) {
    const note = "The camera is off: this picture was taken from its source just now, in lower resolution. Start the camera for a sharp one.";
    return { url: tried.picture, wh: [tried.width, tried.height], note };
  }
  if (newest) return ofBlob(newest.blob, `This picture is ${formatAge(newest.ageS)} old: the camera gives no newer one.`);
  throw new Error(tried.message || "The camera has not delivered a picture yet. Start it, then take a new picture.");
}

/** @param {Blob} blob @param {string} note @returns {Promise<Picture>} */
async function ofBlob(blob, note) {
  const url = URL.createObjectURL(blob);
  return { url, wh: await sizeOf(url), note };
}

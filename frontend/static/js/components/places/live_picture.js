/**
 * The picture to draw on, and the same view a second later, again and again, until it is held.
 */
import { formatAge } from "../../lib/format.js";
import { pictureUrl } from "../../lib/overlays.js";
import { takePicture } from "../calibration/picture.js";

/** @typedef {import("../calibration/picture.js").Picture} Picture */

const PERIOD_MS = 1000;
const RARE_MS = 5000;
const STALE_S = 4;
const WIDTH = 1280;

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {number} deps.cameraId
 * @param {boolean} deps.mayEdit whoever may not cannot open the source either
 * @param {AbortSignal} deps.signal
 * @param {(url: string) => void} deps.show
 */
export function openLivePicture({ api, cameraId, mayEdit, signal, show }) {
  const address = pictureUrl(cameraId, "snapshot", { overlays: [], width: WIDTH });
  let isHeld = false;
  let shown = "";

  /** @param {Blob} blob */
  async function turnTo(blob) {
    const url = URL.createObjectURL(blob);
    const image = new Image();
    image.src = url;
    await image.decode();
    if (isHeld || signal.aborted) return URL.revokeObjectURL(url);
    show(url);
    if (shown) URL.revokeObjectURL(shown);
    shown = url;
  }

  /** @returns {Promise<boolean>} whether there was a fresh one */
  async function look() {
    if (isHeld || document.visibilityState === "hidden") return true;
    try {
      const { blob, ageS } = await api.picture(address, { signal, timeoutMs: 8000 });
      if ((ageS ?? 0) >= STALE_S) return false; // it has "no live picture" written over it
      await turnTo(blob);
      return true;
    } catch {
      return false; // none now (503), or unreachable: the next turn tries again
    }
  }

  async function go() {
    const isFresh = await look();
    if (!signal.aborted) setTimeout(() => void go(), isFresh ? PERIOD_MS : RARE_MS);
  }

  return {
    /** The first one; of a camera that is off, the best there is. @returns {Promise<Picture>} */
    async first() {
      if (mayEdit) return takePicture(api, cameraId, signal);
      const { blob, ageS } = await api.picture(address, { signal });
      const url = URL.createObjectURL(blob);
      const image = new Image();
      image.src = url;
      await image.decode();
      return { url, wh: [image.naturalWidth, image.naturalHeight], note: (ageS ?? 0) < STALE_S ? "" : `This picture is ${formatAge(ageS)} old.` };
    },
    start: () => void setTimeout(() => void go(), PERIOD_MS),
    /** @returns {boolean} whether it stands now */
    toggle: () => (isHeld = !isHeld),
  };
}

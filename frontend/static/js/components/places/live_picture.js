/**
 * The picture to draw on, and the same view a second later, again and again, until it is held.
 */
import { pictureUrl } from "../../lib/overlays.js";
import { agedText, STALE_S } from "../../lib/places_words.js";
import { takePicture } from "../calibration/picture.js";

/** @typedef {import("../calibration/picture.js").Picture} Picture */

const PERIOD_MS = 1000;
const RARE_MS = 5000;
const WIDTH = 1280;

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {number} deps.cameraId
 * @param {boolean} deps.mayEdit whoever may not cannot open the source either
 * @param {AbortSignal} deps.signal
 * @param {(url: string) => void} deps.show
 * @param {(text: string) => void} deps.tell how old the picture is, "" while it is fresh
 */
export function openLivePicture({ api, cameraId, mayEdit, signal, show, tell }) {
  const address = pictureUrl(cameraId, "snapshot", { overlays: [], width: WIDTH });
  let isHeld = false;
  let isBehind = false;
  let shown = "";
  /** @type {number|null} `performance.now()` of the picture's capture */
  let takenMs = null;

  function tellAge() {
    if (document.visibilityState === "visible") tell(isBehind && !isHeld && takenMs !== null ? agedText((performance.now() - takenMs) / 1000) : "");
  }

  /** @param {Blob} blob @param {number} ageS */
  async function turnTo(blob, ageS) {
    const url = URL.createObjectURL(blob);
    const image = new Image();
    image.src = url;
    await image.decode();
    if (isHeld || signal.aborted) return URL.revokeObjectURL(url);
    show(url);
    if (shown) URL.revokeObjectURL(shown);
    shown = url;
    takenMs = performance.now() - ageS * 1000;
  }

  /** @returns {Promise<boolean>} whether there was a fresh one */
  async function look() {
    if (isHeld || document.visibilityState === "hidden") return true;
    try {
      const { blob, ageS } = await api.picture(address, { signal, timeoutMs: 8000 });
      if ((ageS ?? 0) >= STALE_S) return false; // it has "no live picture" written over it
      await turnTo(blob, ageS ?? 0);
      return true;
    } catch {
      return false; // none now (503), or unreachable: the next turn tries again
    }
  }

  async function go() {
    isBehind = !(await look());
    tellAge();
    if (!signal.aborted) setTimeout(() => void go(), isBehind ? RARE_MS : PERIOD_MS);
  }

  /** @returns {Promise<Picture>} */
  async function fetched() {
    const { blob, ageS } = await api.picture(address, { signal });
    const url = URL.createObjectURL(blob);
    const image = new Image();
    image.src = url;
    await image.decode();
    return { url, wh: [image.naturalWidth, image.naturalHeight], note: agedText(ageS) };
  }

  return {
    /** The first one; of a camera that is off, the best there is. @returns {Promise<Picture>} */
    async first() {
      const picture = await (mayEdit ? takePicture(api, cameraId, signal) : fetched());
      shown = picture.url.startsWith("blob:") ? picture.url : "";
      takenMs = picture.note ? null : performance.now(); // the note tells how old it is
      return picture;
    },
    start() {
      setTimeout(() => void go(), PERIOD_MS);
      const telling = setInterval(tellAge, PERIOD_MS);
      signal.addEventListener("abort", () => clearInterval(telling));
    },
    /** @returns {boolean} whether it stands now */
    toggle: () => (isHeld = !isHeld),
  };
}

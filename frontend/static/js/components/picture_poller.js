/**
 * A camera's picture, fetched about once a second. One request at a time, none while the tab
 * is hidden or the tile is off the screen, so a wall of tiles never exhausts the browser's six
 * connections. A new picture is decoded before it replaces the old one: no flicker.
 */
import { h, icon, setText } from "../dom.js";
import { formatAge } from "../lib/format.js";

/** @typedef {import("../api/client.js").Api} Api */

const SLOW = 5; // periods between looks at a camera that has nothing new

/**
 * @param {object} deps
 * @param {Api} deps.api
 * @param {string} deps.alt
 * @param {() => string} deps.url
 * @param {() => "fresh"|"old"|"none"} deps.expected what the camera can give now
 * @param {number} [deps.periodMs]
 * @param {number} [deps.delayMs] stagger between tiles
 */
export function mountPicture({ api, alt, url, expected, periodMs = 1000, delayMs = 0 }) {
  const mark = h("span", { class: "picture__mark picture__mark--corner", hidden: true });
  const emptyText = h("span", {}, "Waiting for a picture");
  const empty = h("div", { class: "picture__empty" }, icon("bi-camera-video-off"), emptyText);
  const root = h("div", { class: "picture" }, empty, mark);
  const stop = new AbortController();
  /** @type {HTMLImageElement|null} */
  let image = null;
  /** @type {number|null} `performance.now()` of the picture's capture */
  let takenMs = null;
  let isOnScreen = true;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  const observer = new IntersectionObserver((entries) => {
    isOnScreen = entries.some((entry) => entry.isIntersecting);
  }, { rootMargin: "200px" });
  observer.observe(root);

  /** @param {Blob} blob */
  async function show(blob) {
    const address = URL.createObjectURL(blob);
    const fresh = h("img", { class: "picture__image", src: address, alt });
    try {
      await fresh.decode();
      if (image) image.replaceWith(fresh);
      else root.prepend(fresh);
      image = fresh;
      empty.hidden = true;
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  function showAge() {
    const age = takenMs === null ? null : (performance.now() - takenMs) / 1000;
    const stale = age !== null && age > 4 && expected() !== "none";
    root.classList.toggle("picture--stale", stale);
    mark.hidden = !stale;
    if (stale) setText(mark, `Picture ${formatAge(age)} old`);
    if (!image) setText(emptyText, expected() === "fresh" ? "Waiting for a picture" : "No picture");
  }

  let triedOld = false;

  /** A camera that is off is asked once: it may still have its last picture. */
  function isDue() {
    const now = expected();
    const isFirstOld = now === "old" && !image && !triedOld;
    triedOld = now === "old" && (triedOld || isFirstOld);
    return now === "fresh" || isFirstOld;
  }

  async function poll() {
    if (document.visibilityState === "visible" && isOnScreen && isDue()) {
      try {
        const { blob, ageS } = await api.picture(url(), { signal: stop.signal, timeoutMs: 8000 });
        takenMs = performance.now() - (ageS ?? 0) * 1000;
        await show(blob);
      } catch {
        // no picture now (503), or unreachable: the age mark tells, the next turn tries again
      }
    }
    showAge();
    if (!stop.signal.aborted) timer = setTimeout(poll, expected() === "old" ? SLOW * periodMs : periodMs);
  }
  timer = setTimeout(poll, delayMs);

  return {
    root,
    destroy() {
      stop.abort();
      clearTimeout(timer);
      observer.disconnect();
    },
  };
}

/**
 * The live annotated picture: an MJPEG stream in an <img>, opened with the overlays this viewer
 * chose, closed while the tab is hidden, opened again by itself when it breaks off.
 */
import { h, icon, setText } from "../dom.js";
import { chosenOverlays, keptOverlays, OVERLAYS, pictureUrl } from "../lib/overlays.js";

const REOPEN_MS = 2000;
const STORED = "crowdsafe.overlays";

/** @returns {string[]} what this viewer has chosen, else what is on for everybody */
export function storedOverlays() {
  try {
    return chosenOverlays(JSON.parse(localStorage.getItem(STORED) ?? "null"));
  } catch {
    return chosenOverlays(null); // storage switched off or written by something else
  }
}

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {number} deps.cameraId
 * @param {string} deps.alt
 * @param {string[]} deps.overlays
 * @param {AbortSignal} deps.signal
 */
export function mountStream({ api, cameraId, alt, overlays, signal }) {
  const emptyText = h("span", {}, "No picture");
  const empty = h("div", { class: "picture__empty" }, icon("bi-camera-video-off"), emptyText);
  const root = h("div", { class: "picture picture--wide" }, empty);
  /** @type {HTMLImageElement|null} */
  let image = null;
  let chosen = overlays;
  let wanted = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let reopen;

  function close() {
    clearTimeout(reopen);
    if (!image) return;
    image.removeAttribute("src"); // ends the request; removing the element alone does not
    image.remove();
    image = null;
    empty.hidden = false;
  }

  function open() {
    close();
    if (!wanted || document.visibilityState === "hidden" || signal.aborted) return;
    const width = Math.min(1920, Math.max(480, Math.ceil((root.clientWidth * devicePixelRatio) / 160) * 160));
    const fresh = h("img", { class: "picture__image", alt });
    fresh.addEventListener("load", () => {
      empty.hidden = true;
    });
    fresh.addEventListener("error", () => {
      empty.hidden = false;
      setText(emptyText, "Waiting for the picture …");
      reopen = setTimeout(async () => {
        await api.get("/api/auth/me", { signal }).catch(() => undefined); // renews an old session
        if (image === fresh) open();
      }, REOPEN_MS);
    });
    root.append(fresh);
    image = fresh;
    fresh.src = pictureUrl(cameraId, "stream", { overlays: chosen, width });
  }

  document.addEventListener("visibilitychange", open, { signal });
  signal.addEventListener("abort", close);

  return {
    root,
    /** @param {boolean} isWanted @param {string} reason shown while there is no picture */
    setWanted(isWanted, reason) {
      if (isWanted === wanted) return isWanted ? undefined : setText(emptyText, reason);
      wanted = isWanted;
      setText(emptyText, isWanted ? "Waiting for the picture …" : reason);
      return open();
    },
    /** @param {string[]} names */
    setOverlays(names) {
      chosen = names;
      open();
    },
    /**
     * Show one still picture instead, for a recording that is done.
     *
     * @param {Blob} blob
     */
    showStill(blob) {
      close();
      const still = h("img", { class: "picture__image", alt, src: URL.createObjectURL(blob) });
      still.addEventListener("load", () => URL.revokeObjectURL(still.src), { once: true });
      root.append(still);
      image = still;
      empty.hidden = true;
    },
  };
}

/**
 * Switches for the parts of the drawing; remembered in this browser only.
 *
 * @param {string[]} chosen
 * @param {(names: string[]) => void} onChange
 */
export function overlaySwitches(chosen, onChange) {
  const boxes = OVERLAYS.map(({ name, word }) => {
    const box = h("input", { type: "checkbox", class: "switches__box", name, checked: chosen.includes(name) });
    return { name, box, label: h("label", { class: "switches__item" }, box, word) };
  });
  return h(
    "fieldset",
    {
      class: "switches",
      on: {
        change: () => {
          const names = boxes.filter(({ box }) => box.checked).map(({ name }) => name);
          localStorage.setItem(STORED, JSON.stringify(keptOverlays(names)));
          onChange(names);
        },
      },
    },
    h("legend", { class: "visually-hidden" }, "Drawn on the picture, for you only"),
    ...boxes.map(({ label }) => label),
  );
}

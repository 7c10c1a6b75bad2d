/**
 * A picture one can place things on, to the pixel: zoom, loupe, mouse, finger and keyboard.
 *
 * What is drawn comes from outside; elements with `data-handle` can be dragged, moved with the
 * arrow keys and deleted. All positions are pixels of the picture.
 */
import { h, setProperties, svg } from "../../dom.js";
import { insidePicture } from "../../lib/polygon.js";
import { mountLoupe } from "./loupe.js";
import { mountZoom } from "./stage_zoom.js";

/** @typedef {import("../../lib/homography.js").Point} Point */

const CLICK_PX = 6;
const WORDS = "Picture. Arrow keys move the cross by one pixel, with Shift by ten; Enter places what the chosen tool places.";
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {object} does
 * @param {(at: Point, how: {byMouse: boolean}) => void} does.place
 * @param {(handle: string, at: Point, gesture: string) => string} does.move returns the handle that is held now
 * @param {(handle: string) => string|void} does.remove may return the handle to go on from
 * @param {(handle: string) => Point|null} does.whereIs
 * @param {() => boolean} does.canPlace
 * @param {() => void} does.redraw the scale has changed
 * @param {string} [does.words] what the keys do, for screen readers
 * @param {() => boolean} [does.canStretch] whether a drag places both ends of something, instead of moving the picture
 * @param {(at: Point|null) => void} [does.hover] where the pointer or the cross is
 * @param {(key: string, handle: string|null) => boolean} [does.press] whether a key meant something of its own
 */
export function mountStage(does) {
  const image = h("img", { class: "stage__image", alt: "" });
  const scene = svg("g");
  const cross = svg("path", { class: "stage__cross", visibility: "hidden" });
  const layer = svg("svg", { class: "stage__layer", tabindex: 0, role: "application", "aria-label": does.words ?? WORDS }, scene, cross);
  const sheet = h("div", { class: "stage__sheet" }, image, layer);
  const view = h("div", { class: "stage__view" }, sheet);
  const loupe = mountLoupe(image);
  const root = h("div", { class: "stage" }, view, loupe.root);
  /** @type {[number, number]} */
  let wh = [1, 1];
  let gestures = 0;
  /** @type {Point} */
  let cursor = [0, 0];
  /** @type {{handle: string, offset: Point, gesture: string}|null} */
  let drag = null;
  /** @type {{x: number, y: number, left: number, top: number, isStretch: boolean}|null} */
  let press = null;

  const scale = () => layer.getBoundingClientRect().width / wh[0] || 1;

  /** @param {{clientX: number, clientY: number}} event @returns {Point} */
  function pointAt({ clientX, clientY }) {
    const box = layer.getBoundingClientRect();
    return insidePicture([((clientX - box.left) / box.width) * wh[0], ((clientY - box.top) / box.height) * wh[1]], wh);
  }

  /** @param {Point} at */
  function look(at) {
    const box = layer.getBoundingClientRect();
    const frame = view.getBoundingClientRect();
    const isLeft = box.left + (at[0] / wh[0]) * box.width < frame.left + frame.width / 2;
    loupe.show(at, { wh, scale: scale(), isRight: isLeft });
  }

  /** @param {EventTarget|null} target */
  const handleOf = (target) => (target instanceof Element ? target.closest("[data-handle]")?.getAttribute("data-handle") : null) ?? null;

  /** @param {PointerEvent} event */
  function pointerDown(event) {
    if (event.button !== 0) return;
    const handle = handleOf(event.target);
    const from = handle && does.whereIs(handle);
    if (handle && from) {
      event.preventDefault();
      const at = pointAt(event);
      gestures += 1;
      drag = { handle, offset: [from[0] - at[0], from[1] - at[1]], gesture: `drag ${gestures}` };
      layer.setPointerCapture(event.pointerId);
      focusHandle(handle);
      look(from);
    } else {
      press = { x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop, isStretch: does.canStretch?.() ?? false };
      if (!press.isStretch) return;
      layer.setPointerCapture(event.pointerId);
      does.place(pointAt(event), { byMouse: event.pointerType === "mouse" });
    }
  }

  /** @param {PointerEvent} event */
  function pointerMove(event) {
    const at = pointAt(event);
    if (drag) {
      const to = insidePicture([at[0] + drag.offset[0], at[1] + drag.offset[1]], wh);
      drag.handle = does.move(drag.handle, to, drag.gesture);
      focusHandle(drag.handle);
      look(to);
    } else if (event.pointerType === "mouse" || press?.isStretch) {
      does.hover?.(at);
      if (press && event.buttons && !press.isStretch) view.scrollTo(press.left + press.x - event.clientX, press.top + press.y - event.clientY);
      else if (does.canPlace()) look(at);
    }
  }

  /** @param {PointerEvent} event */
  function pointerUp(event) {
    const isClick = press && Math.hypot(event.clientX - press.x, event.clientY - press.y) < CLICK_PX;
    const isMeant = press?.isStretch ? !isClick && does.canStretch?.() : isClick; // a stretch has its first end already
    if (isMeant && event.type === "pointerup") {
      cursor = pointAt(event);
      does.place(cursor, { byMouse: event.pointerType === "mouse" });
    }
    [drag, press] = [null, null];
    if (event.pointerType !== "mouse") loupe.hide();
  }

  /** @param {string} handle */
  function focusHandle(handle) {
    const node = scene.querySelector(`[data-handle="${handle}"]`);
    if (node instanceof SVGElement) node.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  function keyDown(event) {
    const step = ARROWS[event.key];
    const handle = handleOf(event.target);
    const from = handle ? does.whereIs(handle) : cursor;
    if (does.press?.(event.key, handle)) {
      event.preventDefault();
    } else if (step && from) {
      event.preventDefault();
      const size = event.shiftKey ? 10 : 1;
      const to = insidePicture([from[0] + size * step[0], from[1] + size * step[1]], wh);
      if (handle) focusHandle(does.move(handle, to, `keys ${handle}`));
      else does.hover?.((cursor = to));
      showCross(!handle);
      look(to);
    } else if (handle && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      const next = does.remove(handle);
      if (next) focusHandle(next);
      else layer.focus();
    } else if (!handle && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      does.place(cursor, { byMouse: false });
    }
  }

  /** @param {boolean} isShown */
  function showCross(isShown) {
    const arm = 14 / scale();
    const [x, y] = cursor;
    setProperties(cross, { visibility: isShown ? "visible" : "hidden", d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}` });
  }

  const { stepZoom } = mountZoom({ view, sheet }, does.redraw);
  layer.addEventListener("pointerdown", (event) => pointerDown(/** @type {PointerEvent} */ (event)));
  layer.addEventListener("pointermove", (event) => pointerMove(/** @type {PointerEvent} */ (event)));
  for (const name of ["pointerup", "pointercancel"]) layer.addEventListener(name, (event) => pointerUp(/** @type {PointerEvent} */ (event)));
  // a finger on a handle drags it, anywhere else it scrolls; touch-action knows no parts of an SVG
  layer.addEventListener("touchstart", (event) => handleOf(event.target) && event.preventDefault(), { passive: false });
  layer.addEventListener("pointerleave", () => {
    if (drag || press) return;
    loupe.hide();
    does.hover?.(null);
  });
  layer.addEventListener("keydown", (event) => keyDown(/** @type {KeyboardEvent} */ (event)));
  layer.addEventListener("blur", () => showCross(false));
  layer.addEventListener("focusout", () => loupe.hide());
  layer.addEventListener("focus", () => showCross(layer.matches(":focus-visible")));

  return {
    root,
    scale,
    stepZoom,
    /** @param {string} url @param {[number, number]} size pixels that positions are given in */
    setPicture(url, size) {
      wh = size;
      cursor = [Math.round(wh[0] / 2), Math.round(wh[1] / 2)];
      setProperties(layer, { viewBox: `0 0 ${wh[0]} ${wh[1]}` });
      view.style.setProperty("--stage-ratio", String(wh[0] / wh[1]));
      image.src = url;
    },
    /** The same view, a moment later. @param {string} url */
    setMoment(url) {
      image.src = url;
    },
    /** @param {SVGElement[]} nodes */
    draw(nodes) {
      const held = handleOf(document.activeElement);
      scene.replaceChildren(...nodes);
      if (held) focusHandle(held);
    },
    focusHandle,
    focus: () => layer.focus(),
  };
}

/**
 * A magnifier in the corner of the picture, so that a click or a drag hits the pixel meant.
 */
import { h } from "../../dom.js";

/** @typedef {import("../../lib/homography.js").Point} Point */

const TIMES = 4;
const LEAST_PX_PER_PX = 2;

/** @param {HTMLImageElement} image */
export function mountLoupe(image) {
  const canvas = h("canvas", { class: "stage__loupe", hidden: true, "aria-hidden": "true" });
  const context = canvas.getContext("2d");

  return {
    root: canvas,
    /**
     * @param {Point} at pixels of the picture as positions are given
     * @param {{wh: [number, number], scale: number, isRight: boolean}} view scale: screen pixels per picture pixel
     */
    show(at, { wh, scale, isRight }) {
      canvas.hidden = false;
      canvas.classList.toggle("stage__loupe--right", isRight);
      const side = canvas.clientWidth;
      const sharp = Math.min(devicePixelRatio, 2);
      const times = Math.max(scale * TIMES, LEAST_PX_PER_PX);
      canvas.width = side * sharp;
      canvas.height = side * sharp;
      if (!context || !image.naturalWidth) return;
      context.scale(sharp, sharp);
      context.imageSmoothingEnabled = times < 6;
      context.translate(side / 2 - at[0] * times, side / 2 - at[1] * times);
      context.drawImage(image, 0, 0, wh[0] * times, wh[1] * times);
      context.resetTransform();
      context.scale(sharp, sharp);
      for (const [colour, width] of /** @type {[string, number][]} */ ([["--stage-halo", 3], ["--stage-mark", 1]])) {
        context.strokeStyle = getComputedStyle(canvas).getPropertyValue(colour);
        context.lineWidth = width;
        context.beginPath();
        for (const [x, y] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          context.moveTo(side / 2 + Number(x) * 5, side / 2 + Number(y) * 5);
          context.lineTo(side / 2 + (Number(x) * side) / 3, side / 2 + (Number(y) * side) / 3);
        }
        context.stroke();
      }
    },
    hide() {
      canvas.hidden = true;
    },
  };
}

/**
 * How far the analysis of a recording has come.
 */
import { h, setProperties, setText } from "../dom.js";
import { stateView } from "../lib/camera.js";
import { formatDuration, formatNumber, formatPercent } from "../lib/format.js";

/** @typedef {import("../types.js").Camera} Camera */

/** @param {string} label */
export function mountMeter(label) {
  const fill = h("div", { class: "meter__fill" });
  const root = h("div", { class: "meter", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  return {
    root,
    /** @param {number|null} fraction null: length unknown */
    update(fraction) {
      root.classList.toggle("meter--unknown", fraction === null);
      fill.style.width = fraction === null ? "" : `${(fraction * 100).toFixed(1)}%`;
      setProperties(root, { "aria-valuenow": fraction === null ? null : Math.round(fraction * 100) });
    },
  };
}

/** @param {Camera} camera */
export function jobText({ job }) {
  if (!job || job.state === "empty") return "Upload a video to have it analysed.";
  const done = job.frames_total
    ? `${formatNumber(job.frames_done)} of ${formatNumber(job.frames_total)} frames`
    : `${formatNumber(job.frames_done)} frames`;
  const time = job.duration_s ? `${formatDuration(job.stream_time_s)} of ${formatDuration(job.duration_s)}` : formatDuration(job.stream_time_s);
  return `${formatPercent(job.fraction)}, ${done}, ${time}`;
}

/** @param {{withWord?: boolean}} [options] */
export function mountJobProgress({ withWord = true } = {}) {
  const meter = mountMeter("Analysis");
  const word = h("strong");
  const text = h("span", { class: "hint" });
  const root = h("div", { class: "stack stack--tight" }, h("div", { class: "row-line row-line--spread" }, withWord && word, text), meter.root);
  return {
    root,
    /** @param {Camera} camera */
    update(camera) {
      const { job } = camera;
      setText(word, stateView(camera).word);
      setText(text, jobText(camera));
      meter.root.classList.toggle("meter--good", job?.state === "finished");
      meter.root.classList.toggle("meter--bad", job?.state === "failed");
      meter.root.hidden = !job || job.state === "empty";
      meter.update(job ? (job.state === "queued" ? 0 : job.fraction) : 0);
    },
  };
}

/**
 * The figures of one camera, each with its unit, and the technical facts behind them.
 */
import { h, setText } from "../dom.js";
import { calibrationSummary } from "../lib/calibration_words.js";
import { isSimulated, SOURCE_WORDS } from "../lib/camera.js";
import { modelText, trackerText } from "../lib/detection_words.js";
import { countView, formatAge, formatNumber, formatQuantity, NONE } from "../lib/format.js";
import { exitsText } from "../lib/exits.js";
import { decodingText, lagText, loadText } from "../lib/load_words.js";
import { numberGroups } from "../lib/number_groups.js";
import { isCountKnown } from "../lib/quantities.js";
import { mountReadings } from "./readings.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").Metrics} Metrics */

/** @param {Node} trust what the numbers as a whole are worth */
export function mountNumbers(trust) {
  const count = h("span", { class: "tile__count" }, NONE);
  const interval = h("span", { class: "tile__interval" });
  const score = h("p", { class: "hint" });
  const readings = mountReadings("reading-note");
  const root = h("div", { class: "stack" }, h("div", {}, h("div", {}, count), interval, score), trust, readings.root);
  return {
    root,
    /** @param {Camera} camera @param {Metrics|null} metrics as they may be believed */
    update(camera, metrics) {
      const isUnknown = !metrics || metrics.trust === "unknown";
      const isCounted = isCountKnown(metrics);
      count.classList.toggle("faint", !isCounted);
      const view = countView(metrics);
      setText(count, view.figure);
      setText(interval, metrics && !isCounted ? `${view.note}: not to be relied on now` : view.note);
      setText(score, isUnknown ? "" : metrics.risk_score === null ? "No score: set an area, a people limit or calibrate" : `Score ${formatNumber(metrics.risk_score)} of 100`);
      readings.update(metrics ? numberGroups(camera, metrics) : [], metrics);
    },
  };
}

/** @type {[string, (camera: Camera) => string][]} */
const TECHNICAL = [
  ["Source", (camera) => `${SOURCE_WORDS[camera.source_type].word}: ${camera.job?.original_name ?? camera.source_display}`],
  ["Picture", ({ status }) => (status.width ? `${status.width} × ${status.height} px` : NONE)],
  ["Frame rate", ({ status }) => `${formatQuantity(status.fps, "frames/s analysed")}${status.nominal_fps ? `, ${formatNumber(status.nominal_fps, 1)} declared` : ""}`],
  ["Decoding", (camera) => (isSimulated(camera) ? "none: it is drawn" : decodingText(camera.status))],
  ["Analysis", ({ status }) => loadText(status.analysis_load)],
  ["Lag", ({ status }) => lagText(status.analysis_load)],
  ["Last frame", ({ status }) => (status.last_frame_age_s === null ? NONE : `${formatAge(status.last_frame_age_s)} ago`)],
  ["Reconnects", ({ status }) => formatNumber(status.reconnects)],
  ["Frames skipped", ({ status }) => formatNumber(status.dropped_frames)],
  ["Restarts", ({ status }) => formatNumber(status.restarts)],
  ["Detector", modelText],
  ["Tracker", trackerText],
  ["Calibration", ({ calibration }) => calibrationSummary(calibration)],
  ["Area by hand", (camera) => isSimulated(camera) ? "not needed" : `${formatQuantity(camera.area_m2, "m²")}${camera.area_m2 && camera.calibration ? " (not used: calibrated)" : ""}`],
  ["Exits", ({ exits }) => exitsText(exits ?? [])],
  ["Recording", (camera) => (camera.record ? "on" : "off")],
];

export function mountTechnical() {
  const values = TECHNICAL.map(([word, text]) => ({ word, text, value: h("dd", {}, NONE) }));
  return {
    root: h("dl", { class: "facts" }, ...values.flatMap(({ word, value }) => [h("dt", {}, word), value])),
    /** @param {Camera} camera */
    update(camera) {
      for (const { text, value } of values) setText(value, text(camera));
    },
  };
}

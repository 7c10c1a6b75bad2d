/**
 * The figures of one camera, each with its unit, and the technical facts behind them.
 */
import { h, setText } from "../dom.js";
import { SOURCE_WORDS } from "../lib/camera.js";
import { countView, formatAge, formatDensity, formatNumber, formatPercent, formatQuantity, NONE } from "../lib/format.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").Metrics} Metrics */

/** @param {[string, (camera: Camera, metrics: Metrics) => string][]} rows @param {string} name */
function mountRows(rows, name) {
  const values = rows.map(([word, text]) => ({ word, text, value: h("dd", {}, NONE) }));
  const root = h("dl", { class: name }, ...values.flatMap(({ word, value }) => [h("dt", {}, word), value]));
  return { root, values };
}

/** @param {Metrics} metrics */
function speedText({ mean_speed_mps: mps, mean_speed_px_per_s: px }) {
  if (mps !== null) return formatQuantity(mps, "m/s", 2);
  return px === null ? NONE : `${formatQuantity(px, "px/s", 0)} (not calibrated)`;
}

export function mountNumbers() {
  const count = h("span", { class: "tile__count" }, NONE);
  const interval = h("span", { class: "tile__interval" });
  const { root: list, values } = mountRows(
    [
      ["Score", (_, m) => (m.risk_score === null ? "none: set an area or a people limit" : `${formatNumber(m.risk_score)} of 100`)],
      ["Density", (camera, m) => (m.density_per_m2 === null ? (camera.area_m2 ? NONE : "no area set") : formatDensity(m.density_per_m2))],
      ["Peak density", (_, m) => (m.peak_density_per_m2 === null ? "not calibrated" : formatDensity(m.peak_density_per_m2))],
      ["Of the limit", (camera, m) => (camera.people_limit ? `${formatPercent(m.count / camera.people_limit)} of ${formatNumber(camera.people_limit)} people` : "no limit set")],
      ["Mean speed", (_, m) => speedText(m)],
      ["Change", (_, m) => (m.surge === null ? NONE : `${m.surge > 0 ? "+" : ""}${formatPercent(m.surge)}`)],
      ["Clusters", (_, m) => (m.cluster_count ? `${formatNumber(m.cluster_count)}, largest ${formatNumber(m.largest_cluster)} people` : "none")],
      ["Close pairs", (_, m) => formatNumber(m.proximity_pairs)],
      ["Same direction", (_, m) => formatPercent(m.coherence)],
      ["Crowd pressure", (_, m) => formatQuantity(m.crowd_pressure_per_s2, "1/s²", 3)],
    ],
    "facts",
  );
  const root = h("div", { class: "stack" }, h("div", {}, h("div", {}, count), interval), list);
  return {
    root,
    /** @param {Camera} camera @param {Metrics|null} metrics */
    update(camera, metrics) {
      count.classList.toggle("faint", !metrics || metrics.trust === "unknown");
      const view = countView(metrics);
      setText(count, view.figure);
      setText(interval, view.note);
      for (const { text, value } of values) setText(value, metrics ? text(camera, metrics) : NONE);
    },
  };
}

/** @param {Camera} camera */
function modelText({ status: { model } }) {
  if (!model) return NONE;
  const tiles = model.tiles > 1 ? `, ${model.tiles} tiles` : "";
  return `${model.name}, ${model.runtime} ${model.precision}, ${model.input_hw.join(" × ")} px${tiles}`;
}

export function mountTechnical() {
  const { root, values } = mountRows(
    [
      ["Source", (camera) => `${SOURCE_WORDS[camera.source_type].word}: ${camera.job?.original_name ?? camera.source_display}`],
      ["Picture", ({ status }) => (status.width ? `${status.width} × ${status.height} px` : NONE)],
      ["Frame rate", ({ status }) => `${formatQuantity(status.fps, "frames/s analysed")}${status.nominal_fps ? `, ${formatNumber(status.nominal_fps, 1)} declared` : ""}`],
      ["Last frame", ({ status }) => (status.last_frame_age_s === null ? NONE : `${formatAge(status.last_frame_age_s)} ago`)],
      ["Reconnects", ({ status }) => formatNumber(status.reconnects)],
      ["Frames skipped", ({ status }) => formatNumber(status.dropped_frames)],
      ["Restarts", ({ status }) => formatNumber(status.restarts)],
      ["Detector", modelText],
      ["Area", (camera) => formatQuantity(camera.area_m2, "m²")],
      ["Recording", (camera) => (camera.record ? "on" : "off")],
    ],
    "facts",
  );
  return {
    root,
    /** @param {Camera} camera */
    update(camera) {
      for (const { text, value } of values) setText(value, text(camera, /** @type {any} */ (camera.current)));
    },
  };
}

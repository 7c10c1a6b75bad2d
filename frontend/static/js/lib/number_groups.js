/**
 * Which numbers of a camera are shown, under which heading. What cannot exist here is left out
 * and said once, instead of a wall of dashes.
 */
import { formatNumber, formatPercent } from "./format.js";
import { digitsOf, isCountKnown, quantityOf, quantityText, quantityView, signedPercent } from "./quantities.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").Metrics} Metrics */
/** @typedef {import("./quantities.js").QuantityView} QuantityView */
/** @typedef {QuantityView & {name: string, help: string}} Row */
/** @typedef {{title: string, rows: Row[], note: string}} Group */

/** @param {string} name @param {QuantityView} view @param {string} [help] @returns {Row} */
const row = (name, view, help = "") => ({ ...view, name, help });

/** @param {Metrics} m @param {keyof Metrics} field @param {(value: any) => string} write */
const counted = (m, field, write) => quantityView(m, field, { write });

/** @param {Camera} camera @param {Metrics} m @returns {Row[]} */
function countRows(camera, m) {
  const limit = camera.people_limit;
  return [
    ...(limit ? [row("Of the limit", counted(m, "count", (count) => `${formatPercent(count / limit)} of ${formatNumber(limit)} people`))] : []),
    row("Change", quantityView(m, "surge", { write: signedPercent, missing: "not yet known" }), "Last 30 s against the minute before"),
    row("Clusters", counted(m, "cluster_count", (count) => (count ? `${formatNumber(count)}, largest ${formatNumber(m.largest_cluster)} people` : "none"))),
    row("Close pairs", counted(m, "proximity_pairs", (count) => formatNumber(count))),
  ];
}

/** @param {Metrics} m @returns {string} what counted, "" where boxes did as usual */
function countedBy(m) {
  if (m.count_method === "map") return "Counted on the density map: people can no longer be told apart.";
  if (m.count_method !== "blend") return "";
  return `${formatPercent(m.map_share ?? 0)} counted on the density map, where people can no longer be told apart.`;
}

/** @param {Metrics} m @param {boolean} isCalibrated @returns {Row[]} */
function densityRows(m, isCalibrated) {
  const mean = row("Mean", quantityView(m, "density_per_m2"), "People divided by the monitored area");
  const service = row("Level of service", quantityView(m, "level_of_service", { write: (letter) => `${letter}, on Fruin's scale to F` }), "For walkways, from A (free) to F (jammed)");
  if (!isCalibrated) return [mean, ...(m.level_of_service ? [service] : [])];
  return [
    row("Highest local", quantityView(m, "peak_density_per_m2"), "Where it is densest, smoothed over 1 m"),
    mean,
    row("Voronoi", quantityView(m, "voronoi_density_per_m2"), "From the space each person has"),
    service,
    row("Trend of the mean", quantityView(m, "density_ema_per_m2")),
  ];
}

/** @param {Metrics} m @param {boolean} isCalibrated @returns {Row[]} */
function motionRows(m, isCalibrated) {
  const few = "fewer than 5 people moving";
  const common = [
    row("Moving", counted(m, "moving_count", (count) => `${formatNumber(count)} people`)),
    row("Same direction", quantityView(m, "coherence", { kind: "share", missing: few })),
    ...(m.coherence === null ? [] : [
      row("Two directions", quantityView(m, "bidirectionality", { kind: "share" })),
      row("Disorder", quantityView(m, "disorder", { kind: "share" })),
    ]),
    row("Unusual speed", counted(m, "anomaly_count", (count) => `${formatNumber(count)} people`), "Far from the median of those in view"),
  ];
  if (!isCalibrated) return [row("Mean speed", quantityView(m, "mean_speed_px_per_s", { write: (value) => `${formatNumber(value)} px/s in the picture`, missing: "nobody to measure" })), ...common];
  return [
    row("Mean speed", quantityView(m, "mean_speed_mps", { missing: "nobody to measure" })),
    row("Of the usual speed", quantityView(m, "speed_ratio", { kind: "share", missing: "not defined" }), "Against free walkers at this density (Weidmann)"),
    ...common,
    row("Faster than 2.5 m/s", quantityView(m, "rapid_count", { write: (count) => `${formatNumber(count)} people` })),
  ];
}

const SENSES = { clockwise: "clockwise", anticlockwise: "anticlockwise", linear: "to and fro" };

/** @param {Metrics} m */
function swayText(m) {
  const sense = m.oscillation_handedness ? `, ${SENSES[m.oscillation_handedness]}` : "";
  const strength = m.oscillation_strength === null ? "" : `, ${formatNumber(m.oscillation_strength, digitsOf(m.oscillation_strength))} × the background`;
  return `every ${formatNumber(m.oscillation_period_s, 1)} s${sense}${strength}`;
}

/** @param {Metrics} m @returns {Row[]} */
function dangerRows(m) {
  const where = m.pressure_density_per_m2;
  const at = where === null ? "" : `, at ${formatNumber(where, digitsOf(where))} people/m²`;
  return [
    row("Standing still", quantityView(m, "stagnant", { write: (is) => (is ? "yes: dense and below 0.2 m/s" : "no") })),
    row("Crowd pressure", quantityView(m, "crowd_pressure_per_s2", { write: (_, quantity) => quantityText(/** @type {any} */ (quantity)) + at, missing: "not yet known" }), "Density × variance of velocity (Helbing)"),
    row("Pressure index", quantityView(m, "pressure_index", { write: (value) => `${formatNumber(value, 2)} of 1`, missing: "not yet known" })),
    row("Swaying as one", quantityView(m, "oscillation_period_s", { write: () => swayText(m), missing: "none found" })),
  ];
}

/** @param {Camera} camera @param {Metrics} m @returns {Row[]} */
function outlookRows(camera, m) {
  const rows = [row("Net inflow", quantityView(m, "net_inflow_per_s", { missing: "not yet known" }), "Change of the count over the last minute")];
  if (camera.people_limit) {
    rows.push(row("Limit reached", quantityView(m, "time_to_capacity_s", {
      missing: "not approached",
      write: (seconds, quantity) => (seconds === 0 ? "now" : `in ${quantityText(/** @type {any} */ (quantity), "time")}`),
    })));
  }
  if (camera.exits?.length) rows.push(row("To clear the place", quantityView(m, "egress_time_s", { kind: "time" }), "Through its exits"));
  return rows;
}

/**
 * Collapse a group that is unknown throughout for one reason: the reason is said, not each number.
 *
 * @param {string} title
 * @param {Row[]} rows
 * @param {string} [note]
 * @returns {Group}
 */
function group(title, rows, note = "") {
  const [first] = rows;
  const isUnknown = rows.length > 1 && rows.every(({ trust, reason }) => trust === "unknown" && reason === first?.reason);
  return isUnknown && first ? { title, rows: [], note: `Unknown: ${first.reason}` } : { title, rows, note };
}

/**
 * @param {Camera} camera
 * @param {Metrics} metrics as they may be believed
 * @returns {Group[]} none while nothing may be believed
 */
export function numberGroups(camera, metrics) {
  const isCalibrated = metrics.calibration_version !== null && metrics.calibration_version !== undefined;
  if (!isCountKnown(metrics)) return [];
  const hasDensity = isCalibrated || metrics.density_per_m2 !== null;
  const source = metrics.motion_source === "optical_flow" ? "Measured by optical flow: people can no longer be told apart." : "Measured on tracked people.";
  const speed = quantityOf(metrics, isCalibrated ? "mean_speed_mps" : "mean_speed_px_per_s");
  return [
    group("Count", countRows(camera, metrics), countedBy(metrics)),
    ...(hasDensity ? [group("Density", densityRows(metrics, isCalibrated))] : []),
    group("Motion", motionRows(metrics, isCalibrated), speed.value === null ? "" : source),
    ...(isCalibrated ? [group("Danger", dangerRows(metrics))] : []),
    group("Outlook", outlookRows(camera, metrics)),
  ];
}

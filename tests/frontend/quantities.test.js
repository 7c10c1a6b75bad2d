import assert from "node:assert/strict";
import test from "node:test";
import { numberGroups } from "../../frontend/static/js/lib/number_groups.js";
import { quantityText, quantityView } from "../../frontend/static/js/lib/quantities.js";

const quantity = (fields) => ({ value: 2.4, unit: "1/m²", low: null, high: null, trust: "ok", reason: "", ...fields });

const bare = {
  camera_id: 1, count: 12, count_low: 11, count_high: 14, area_m2: null, density_per_m2: null, voronoi_density_per_m2: null,
  peak_density_per_m2: null, level_of_service: null, mean_speed_mps: null, mean_speed_px_per_s: 31.2, speed_ratio: null,
  motion_source: "tracks", moving_count: 7, coherence: 0.42, bidirectionality: 0.1, disorder: 0.58, anomaly_count: 0,
  rapid_count: null, cluster_count: 2, largest_cluster: 5, proximity_pairs: 3, crowd_pressure_per_s2: null,
  pressure_density_per_m2: null, pressure_index: null, oscillation_period_s: null, oscillation_strength: null,
  oscillation_handedness: null, surge: null, stagnant: false, density_ema_per_m2: null, net_inflow_per_s: 0.4,
  time_to_capacity_s: null, egress_time_s: null, calibration_version: null, trust: "ok", trust_reason: "",
};
const calibrated = {
  ...bare, calibration_version: 3, density_per_m2: 1.2, voronoi_density_per_m2: 1.3, peak_density_per_m2: 2.4, level_of_service: "E",
  mean_speed_mps: 0.81, speed_ratio: 0.7, rapid_count: 0, crowd_pressure_per_s2: 0.013, pressure_density_per_m2: 2.1, pressure_index: 0.24,
  density_ema_per_m2: 1.1,
  quantities: {
    peak_density_per_m2: quantity({ low: 2.0, high: 2.9 }),
    mean_speed_mps: quantity({ value: 0.81, unit: "m/s", low: 0.7, high: 0.92, trust: "estimated", reason: "Rests on people's heights." }),
    crowd_pressure_per_s2: quantity({ value: 0.013, unit: "1/s²" }),
  },
};
const camera = { people_limit: null, exits: [] };
const rowsOf = (metrics, of = camera) => Object.fromEntries(numberGroups(of, metrics).flatMap(({ rows }) => rows.map((row) => [row.name, row])));

test("a number carries unit and interval, with two significant digits", () => {
  assert.equal(quantityText(quantity({ low: 2, high: 2.9 })), "2.4 people/m² (2.0–2.9)");
  assert.equal(quantityText(quantity({ value: 0.0123, unit: "1/s²" })), "0.012 1/s²");
  assert.equal(quantityText(quantity({ value: 14.6, unit: "s", low: 12, high: null })), "15 s (at least 12)");
  assert.equal(quantityText(quantity({ value: 0.7, unit: "", low: 0.6, high: 0.8 }), "share"), "70 % (60–80)");
  assert.equal(quantityText(quantity({ value: 300, unit: "s", low: 180, high: 600 }), "time"), "5 min (3 min–10 min)");
});

test("what is no plain measurement says so", () => {
  assert.equal(quantityText(quantity({ trust: "estimated", low: 2, high: 2.9 })), "≈ 2.4 people/m² (2.0–2.9)");
  assert.equal(quantityText(quantity({ trust: "saturated", low: 4.1 })), "at least 4.1 people/m²");
});

test("unknown is a word and a reason, never the number", () => {
  const moved = { ...calibrated, quantities: { peak_density_per_m2: quantity({ trust: "unknown", reason: "The camera has been moved." }) } };
  const view = quantityView(moved, "peak_density_per_m2");
  assert.deepEqual([view.text, view.word, view.reason], ["unknown", "Unknown", "The camera has been moved."]);
  const gone = quantityView({ ...calibrated, quantities: undefined, trust: "unknown", trust_reason: "No picture." }, "mean_speed_mps");
  assert.deepEqual([gone.text, gone.reason], ["unknown", "No picture."]);
});

test("a stored second without qualities takes the state of all its numbers", () => {
  const view = quantityView({ ...calibrated, quantities: undefined, trust: "degraded", trust_reason: "Fallback." }, "peak_density_per_m2");
  assert.deepEqual([view.text, view.word, view.reason], ["≈ 2.4", "Degraded", "Fallback."]);
});

test("without calibration no row is made up", () => {
  assert.deepEqual(numberGroups(camera, bare).map(({ title }) => title), ["Count", "Motion", "Outlook"]);
  assert.equal(rowsOf(bare)["Mean speed"].text, "31 px/s in the picture");
  assert.equal(rowsOf(bare)["Of the limit"], undefined);
  const byHand = { ...bare, density_per_m2: 0.3, level_of_service: "A" };
  assert.deepEqual(numberGroups(camera, byHand)[1].rows.map(({ name }) => name), ["Mean", "Level of service"]);
});

test("what counted is said where it was not boxes alone", () => {
  const noteOf = (fields) => numberGroups(camera, { ...bare, ...fields })[0].note;
  assert.equal(noteOf({}), "");
  assert.equal(noteOf({ count_method: "boxes", map_share: 0 }), "");
  assert.equal(noteOf({ count_method: "blend", map_share: 0.4 }), "40 % counted on the density map, where people can no longer be told apart.");
  assert.equal(noteOf({ count_method: "map", map_share: 1 }), "Counted on the density map: people can no longer be told apart.");
});

test("calibrated: density, motion and danger with units, and where the pressure was found", () => {
  const rows = rowsOf(calibrated, { people_limit: 40, exits: [{ width_m: 2, kind: "level" }] });
  assert.equal(rows["Highest local"].text, "2.4 people/m² (2.0–2.9)");
  assert.equal(rows["Mean speed"].text, "≈ 0.81 m/s (0.70–0.92)");
  assert.equal(rows["Mean speed"].word, "Estimate");
  assert.equal(rows["Crowd pressure"].text, "0.013 1/s², at 2.1 people/m²");
  assert.equal(rows["Level of service"].text, "E, on Fruin's scale to F");
  assert.equal(rows["Swaying as one"].text, "none found");
  assert.equal(rows["Of the limit"].text, "30 % of 40 people");
  assert.equal(rows["Limit reached"].text, "not approached");
  assert.ok(rows["To clear the place"]);
});

test("an oscillation is told with period, sense and strength", () => {
  const swaying = { ...calibrated, oscillation_period_s: 18.2, oscillation_strength: 4.24, oscillation_handedness: "clockwise" };
  assert.equal(rowsOf(swaying)["Swaying as one"].text, "every 18.2 s, clockwise, 4.2 × the background");
});

test("a group unknown for one reason gives the reason once", () => {
  const unknown = quantity({ value: null, trust: "unknown", reason: "The camera has been moved." });
  const fields = ["peak_density_per_m2", "density_per_m2", "voronoi_density_per_m2", "level_of_service", "density_ema_per_m2"];
  const moved = { ...calibrated, quantities: Object.fromEntries(fields.map((field) => [field, unknown])) };
  const density = numberGroups(camera, moved)[1];
  assert.deepEqual(density, { title: "Density", rows: [], note: "Unknown: The camera has been moved." });
  assert.deepEqual(numberGroups(camera, { ...calibrated, trust: "unknown", quantities: undefined }), []);
  const counted = numberGroups(camera, { ...moved, trust: "unknown", quantities: { ...moved.quantities, count: quantity({ value: 12, unit: "people" }) } });
  assert.equal(counted[1]?.note, "Unknown: The camera has been moved.");
  assert.equal(counted[0]?.title, "Count");
});

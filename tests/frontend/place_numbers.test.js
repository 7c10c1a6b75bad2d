import assert from "node:assert/strict";
import test from "node:test";
import { believedReading, limitViews, lineRows, zoneRows } from "../../frontend/static/js/lib/place_numbers.js";

const zone = {
  zone_id: 1, name: "Front", count: 11.6, count_low: 10.2, count_high: 13.8, trust: "ok", trust_reason: "", peak_count: 14, visitors: 31,
  dwell_median_s: 42, dwell_p90_s: 130, dwell_longest_s: 200, queue_length: null, metres_trust: "ok", metres_reason: "", area_m2: null, density_per_m2: null,
  peak_density_per_m2: null, mean_speed_mps: null, crowd_pressure_per_s2: null, risk_level: "SAFE", risk_score: null, causes: [],
};
const ground = { area_m2: 24, density_per_m2: 0.48, peak_density_per_m2: 2.1, mean_speed_mps: 0.31, crowd_pressure_per_s2: null };
const line = { line_id: 1, name: "Gate", count_in: 12, count_out: 17, balance: -5, in_per_s: 0.2, out_per_s: 0.05, in_specific_per_m_s: null, out_specific_per_m_s: null, trust: "ok", trust_reason: "" };
const byName = (rows) => Object.fromEntries(rows.map(({ name, text, word }) => [name, word ? `${text} [${word}]` : text]));

test("a zone without calibration: people and stays, nothing in metres", () => {
  assert.deepEqual(byName(zoneRows(zone)), {
    "Most at once": "14 people", Visitors: "31 people", "Stay, median": "42 s", "Stay, 9 of 10 below": "2 min", "Longest stay": "3 min",
  });
  const fresh = zoneRows({ ...zone, visitors: 1, dwell_median_s: null, dwell_p90_s: null, dwell_longest_s: null });
  assert.deepEqual(byName(fresh), { "Most at once": "14 people", Visitors: "1 person", "Stay, median": "nobody yet" });
});

test("a calibrated zone has densities with units; a queue its length first", () => {
  const rows = zoneRows({ ...zone, ...ground, queue_length: 6 });
  assert.equal(rows[0].name, "In the queue");
  const texts = byName(rows);
  assert.equal(texts.Density, "0.48 people/m²");
  assert.equal(texts["Highest local density"], "2.1 people/m²");
  assert.equal(texts["Mean speed"], "0.31 m/s");
  assert.equal(texts["Crowd pressure"], "not yet known");
});

test("a number in metres is worth no more than its calibration", () => {
  const estimated = byName(zoneRows({ ...zone, ...ground, metres_trust: "estimated", metres_reason: "From heights." }));
  assert.deepEqual([estimated.Density, estimated.Visitors], ["≈ 0.48 people/m² [Estimate]", "31 people"]);
  const moved = byName(zoneRows({ ...zone, ...ground, metres_trust: "unknown", metres_reason: "The camera has been moved." }));
  assert.equal(moved["Mean speed"], "unknown [Unknown]");
});

test("a line: balance with its sign, flows with units, what a width is missing for", () => {
  assert.deepEqual(byName(lineRows(line)), { Balance: "−5", "Flow in": "0.20 people/s", "Flow out": "0.050 people/s", "Specific flow": "needs a width or a calibration" });
  assert.equal(byName(lineRows({ ...line, in_specific_per_m_s: 0.08, out_specific_per_m_s: 0.02 }))["Specific flow in"], "0.080 people/(m·s)");
  assert.equal(byName(lineRows({ ...line, in_per_s: null, out_per_s: null }))["Flow in"], "after 10 s");
});

test("old numbers are unknown and say why", () => {
  assert.equal(believedReading(zone, null), zone);
  const old = believedReading(zone, "No fresh numbers from this camera.");
  assert.deepEqual([old.trust, old.trust_reason], ["unknown", "No fresh numbers from this camera."]);
  assert.deepEqual(limitViews({ count_limit: 1, density_limit_per_m2: null }, old), []);
});

test("limits: reached, perhaps reached, below, each in words and with a shape of its own", () => {
  const keys = (limits, reading) => limitViews({ count_limit: null, density_limit_per_m2: null, ...limits }, reading).map(({ key, text }) => [key, text]);
  assert.deepEqual(keys({ count_limit: 12 }, zone), [["perhaps", "11.6 of 12 people"]]);
  assert.deepEqual(keys({ count_limit: 13 }, zone), [["perhaps", "12 of 13 people"]]);
  assert.deepEqual(keys({ count_limit: 15 }, zone), [["under", "12 of 15 people"]]);
  assert.deepEqual(keys({ count_limit: 90 }, { ...zone, count_high: null }), [["perhaps", "12 of 90 people"]]);
  assert.deepEqual(keys({ count_limit: 12 }, { ...zone, count: 12 }), [["over", "12 of 12 people"]]);
  assert.deepEqual(keys({ count_limit: 12 }, { ...zone, count: 11.97 }), [["perhaps", "11.9 of 12 people"]]);
  assert.deepEqual(keys({ count_limit: 14 }, { ...zone, count_high: 13.9 }), [["under", "12 of 14 people"]]);
  assert.deepEqual(keys({ density_limit_per_m2: 2 }, { ...zone, ...ground }), [["over", "2.1 of 2.0 people/m²"]]);
  assert.equal(keys({ density_limit_per_m2: 2 }, zone)[0][0], "unknown", "uncalibrated nothing is compared with it");
  const [over, under] = [12, 15].map((count_limit) => limitViews({ count_limit, density_limit_per_m2: null }, zone)[0]);
  assert.notEqual(over.icon, under.icon);
});

test("a limit of density that the calibration does not support now is not judged", () => {
  const views = (reading) => limitViews({ count_limit: 99, density_limit_per_m2: 3 }, { ...zone, ...ground, ...reading }).map(({ key, word, text }) => [key, word, text]);
  const count = ["under", "Below its limit", "12 of 99 people"];
  const moved = { metres_trust: "unknown", metres_reason: "The camera has moved." };
  assert.deepEqual(views(moved), [count, ["unknown", "Not to be judged now", "3.0 people/m² at most. The camera has moved."]]);
  assert.deepEqual(views({ ...moved, peak_density_per_m2: null }).map(([key]) => key), ["under", "unknown"]);
  assert.deepEqual(views({ ...moved, peak_density_per_m2: 5 }).map(([key]) => key), ["under", "unknown"]);
  assert.deepEqual(views({ metres_trust: "saturated" }).map(([key]) => key), ["under", "perhaps"]);
  assert.deepEqual(views({ metres_trust: "estimated" }).at(-1), ["under", "Below its limit", "2.1 of 3.0 people/m²"]);
  assert.deepEqual(views({ area_m2: null, peak_density_per_m2: null }).at(-1), ["unknown", "Not to be judged now", "3.0 people/m² at most. It needs a calibration, and some of the zone in the monitored area."]);
  assert.equal(views({ peak_density_per_m2: null }).at(-1)[0], "unknown");
  assert.equal(views({ peak_density_per_m2: 2.98 }).at(-1)[2], "2.98 of 3.0 people/m²");
});

import assert from "node:assert/strict";
import test from "node:test";
import { calibrationSummary } from "../../frontend/static/js/lib/calibration_words.js";
import { joinScenario, seedProblem, splitScenario } from "../../frontend/static/js/lib/scenario.js";
import { subjects } from "../../frontend/static/js/lib/totals.js";

const [gate, drawn, upload] = ["rtsp", "simulated", "upload"].map((source_type) => ({ source_type }));

test("real people and simulated ones are never added up", () => {
  assert.deepEqual(subjects([gate, drawn, upload]), { counted: [gate], isSimulated: false, leftOut: 1 });
  assert.deepEqual(subjects([drawn, upload]), { counted: [drawn], isSimulated: true, leftOut: 0 });
  assert.deepEqual(subjects([upload]), { counted: [], isSimulated: false, leftOut: 0 });
});

test("a scenario with its seed, there and back", () => {
  assert.deepEqual(splitScenario("crush:7"), { name: "crush", seed: "7" });
  assert.deepEqual(splitScenario("Peak"), { name: "peak", seed: "" });
  assert.equal(joinScenario("crush", " 7 "), "crush:7");
  assert.equal(joinScenario("peak", "0"), "peak");
  assert.equal(joinScenario("peak", ""), "peak");
});

test("what is no seed is said before it is sent", () => {
  assert.equal(seedProblem(""), "");
  assert.equal(seedProblem("2147483647"), "");
  for (const wrong of ["2147483648", "-1", "1.5", "x"]) assert.match(seedProblem(wrong), /whole number/);
});

test("a known ground has no version and no date", () => {
  const known = { version: 1, method: "simulation", area_m2: 51.2, trust: "ok", created_at: "2026-01-01T00:00:00Z" };
  assert.match(calibrationSummary(known), /^known by construction, 51/);
});

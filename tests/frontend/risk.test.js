import assert from "node:assert/strict";
import test from "node:test";
import { compareByRisk, isStale, levelView, LEVELS, riskView, trustView } from "../../frontend/static/js/lib/risk.js";

const camera = (id, level, score, name = `camera ${id}`) => ({
  id,
  name,
  current: level && { risk_level: level, risk_score: score, trust: "ok" },
});

test("every level has its own word, icon and key", () => {
  for (const part of ["word", "icon", "key"]) {
    assert.equal(new Set(LEVELS.map((level) => levelView(level)[part])).size, 4);
  }
});

test("unknown is its own state and names a held level above safe", () => {
  assert.equal(riskView(null).key, "unknown");
  assert.equal(riskView({ risk_level: "WARNING", trust: "unknown" }).word, "Unknown, held at Warning");
  assert.equal(riskView({ risk_level: "SAFE", trust: "unknown" }).word, "Unknown");
  assert.equal(riskView({ risk_level: "WARNING", trust: "saturated" }).word, "Warning");
});

test("worst first: level, score, name; cameras without numbers last", () => {
  const sorted = [camera(1, "SAFE", 20), camera(2, null), camera(3, "CRITICAL", 80), camera(4, "WARNING", 55), camera(5, "WARNING", 70), camera(6, "SAFE", null)]
    .sort(compareByRisk)
    .map(({ id }) => id);
  assert.deepEqual(sorted, [3, 5, 4, 1, 6, 2]);
});

test("scores that differ by less than a point do not shuffle the wall", () => {
  const sorted = [camera(1, "SAFE", 10.6, "b"), camera(2, "SAFE", 10.2, "a")].sort(compareByRisk).map(({ id }) => id);
  assert.deepEqual(sorted, [2, 1]);
});

test("trust gives a reason even when the server sends none", () => {
  assert.match(trustView("saturated").reason, /more people than shown/);
  assert.equal(trustView("degraded", "Lagging 4 s.").reason, "Lagging 4 s.");
});

test("numbers are stale after 3 s, or three planned intervals of a slow camera", () => {
  assert.equal(isStale(2.9, 10), false);
  assert.equal(isStale(3.1, 10), true);
  assert.equal(isStale(9, 0.2), false);
  assert.equal(isStale(16, 0.2), true);
  assert.equal(isStale(3.1, null), true);
});

import assert from "node:assert/strict";
import test from "node:test";
import { brokenLine, pointOf, Series, sparkPath } from "../../frontend/static/js/lib/series.js";

const point = (at, count = 1) => ({ at, count, low: count, high: count, density: null, score: null });

test("one point a second at most, the latest value wins", () => {
  const series = new Series({ maxPoints: 10 });
  for (const [at, count] of [[1000, 1], [1400, 2], [1900, 3], [2000, 4]]) series.push(point(at, count));
  assert.deepEqual(series.points.map(({ count }) => count), [3, 4]);
});

test("bounded by number and by window", () => {
  const few = new Series({ maxPoints: 3 });
  const brief = new Series({ maxPoints: 100, windowMs: 5000 });
  for (let s = 0; s < 10; s += 1) {
    few.push(point(s * 1000));
    brief.push(point(s * 1000));
  }
  assert.deepEqual(few.points.map(({ at }) => at), [7000, 8000, 9000]);
  assert.deepEqual(brief.points.map(({ at }) => at), [4000, 5000, 6000, 7000, 8000, 9000]);
});

test("history goes in front, without what live already has", () => {
  const series = new Series({ maxPoints: 10 });
  series.push(point(5000, 5));
  series.prepend([point(5000, 0), point(3000, 3), point(4000, 4)]);
  assert.deepEqual(series.points.map(({ count }) => count), [3, 4, 5]);
});

test("a recording started again clears the series; a late point does not", () => {
  const series = new Series({ maxPoints: 100 });
  series.push(point(60_000));
  series.push(point(58_500));
  assert.equal(series.points.length, 1);
  series.push(point(500));
  assert.deepEqual(series.points.map(({ at }) => at), [500]);
});

test("a point takes the peak density, and the axis it is drawn on", () => {
  const metrics = { time: "2026-01-01T00:00:00Z", stream_time_s: 2.5, count: 3, count_low: 2, count_high: null, density_per_m2: 1, peak_density_per_m2: 2, risk_score: 9, mean_speed_mps: 1.2 };
  assert.deepEqual(pointOf(metrics, "stream"), { at: 2500, count: 3, low: 2, high: null, density: 2, score: 9, speed: 1.2 });
  assert.equal(pointOf({ ...metrics, peak_density_per_m2: null }, "wall").density, 1);
});

test("sparkline spans the box and starts at zero", () => {
  assert.deepEqual(sparkPath([4], 100, 20), { line: "", area: "" });
  assert.equal(sparkPath([0, 5, 10], 100, 20).line, "M0.0 20.0L50.0 10.0L100.0 0.0");
  assert.equal(sparkPath([0, 0], 100, 20).line, "M0.0 20.0L100.0 20.0");
});

test("no line is drawn through time nobody measured", () => {
  const point = (at, count) => ({ at, count, low: count, high: count, density: null, score: null });
  const line = brokenLine([point(0, 1), point(1000, 2), point(60_000, 3)], (p) => p.count);
  assert.deepEqual(line, [[0, 1], [1000, 2], [1001, null], [60_000, 3]]);
});

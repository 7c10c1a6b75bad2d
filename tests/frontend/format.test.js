import assert from "node:assert/strict";
import test from "node:test";
import * as f from "../../frontend/static/js/lib/format.js";

test("undefined is a dash, never zero", () => {
  assert.equal(f.formatNumber(null), "–");
  assert.equal(f.formatDensity(undefined), "–");
  assert.equal(f.formatNumber(NaN), "–");
  assert.equal(f.formatNumber(0), "0");
});

test("numbers carry their unit", () => {
  assert.equal(f.formatDensity(1.256), "1.26 people/m²");
  assert.equal(f.formatQuantity(0.5, "m/s", 2), "0.50 m/s");
  assert.equal(f.formatPercent(0.456), "46 %");
  assert.equal(f.formatNumber(12345), "12,345");
});

test("interval: range, nothing to add, or at least", () => {
  assert.equal(f.formatInterval(10.8, 14.2), "11–14");
  assert.equal(f.formatInterval(3, 3), "");
  assert.equal(f.formatInterval(40.2, null), "at least 40");
  assert.equal(f.formatInterval(0.4, null), "cannot be counted");
});

test("count as figure and note, a lower bound when saturated", () => {
  assert.deepEqual(f.countView({ count: 12.4, count_low: 11, count_high: 14 }), { figure: "12", note: "people, 11–14" });
  assert.deepEqual(f.countView({ count: 60, count_low: 40.2, count_high: null }), { figure: "≥ 40", note: "people, at least" });
  assert.deepEqual(f.countView({ count: 3, count_low: 0.4, count_high: null }), { figure: "?", note: "people, cannot be counted" });
  assert.deepEqual(f.countView({ count: 0, count_low: 0, count_high: 0 }), { figure: "0", note: "people" });
  assert.equal(f.countView({ count: 1.04, count_low: 0.8, count_high: 1.4 }).note, "person");
  assert.equal(f.countView(null).figure, "–");
});

test("ages and durations", () => {
  assert.deepEqual([0.2, 59.4, 61, 3600, 7500, 200_000].map(f.formatAge), ["0 s", "59 s", "1 min", "1 h", "2 h 5 min", "2 d"]);
  assert.deepEqual([65, 3605, 0].map(f.formatDuration), ["1:05", "1:00:05", "0:00"]);
  assert.equal(f.formatAge(null), "–");
});

test("bytes in powers of ten", () => {
  assert.deepEqual([0, 999, 1500, 48_200_000].map(f.formatBytes), ["0 B", "999 B", "1.5 kB", "48 MB"]);
});

test("stamps are shown in the viewer's zone", () => {
  const at = "2026-01-02T23:30:00+00:00";
  assert.match(f.formatDateTime(at, { zone: "Europe/Berlin", locale: "en-GB" }), /03 Jan 2026.*00:30:00/);
  assert.match(f.formatDateTime(at, { zone: "America/New_York", locale: "en-GB" }), /02 Jan 2026.*18:30:00/);
  assert.equal(f.formatDateTime("nonsense"), "–");
  assert.equal(f.formatClock(null), "–");
});

test("a cause names number and limit", () => {
  assert.equal(f.formatAgainstLimit(4.61, 4, "1/m²"), "4.61 people/m², limit 4 people/m²");
  assert.equal(f.formatAgainstLimit(0.35, null, ""), "0.35");
  assert.equal(f.formatAgainstLimit(null, 4, "1/m²"), "");
});

import assert from "node:assert/strict";
import test from "node:test";
import { ApiError } from "../../frontend/static/js/api/errors.js";
import { calibrationSummary, lengthText, resultRows, spreadText } from "../../frontend/static/js/lib/calibration_words.js";
import { exitsText, readExits } from "../../frontend/static/js/lib/exits.js";

test("exits: empty rows are left out, wrong widths named by their row", () => {
  const { exits, problems } = readExits([{ width: "2,4", kind: "level" }, { width: " ", kind: "stairs" }, { width: "-1", kind: "level" }, { width: "x", kind: "level" }]);
  assert.deepEqual(exits, [{ width_m: 2.4, kind: "level" }]);
  assert.deepEqual([...problems.keys()], [2, 3]);
});

test("exits in one line", () => {
  assert.equal(exitsText([]), "–");
  assert.equal(exitsText([{ width_m: 2, kind: "level" }, { width_m: 1.2, kind: "level" }, { width_m: 1, kind: "stairs" }]), "4.2 m wide in all: 2 on the level, 1 over stairs");
});

test("a refusal anywhere inside a value is found under its root", () => {
  const error = new ApiError({ status: 422, errors: [{ pointer: "/exits/1/width_m", detail: "At most 100 m." }] });
  assert.equal(error.under("exits"), "At most 100 m.");
  assert.equal(error.under("name"), "");
});

test("errors of a calibration are told with what they mean", () => {
  const found = { method: "points", area_m2: 153.2, rms_error_m: null, length_spread: 0.007, area_spread: 0.012 };
  const rows = Object.fromEntries(resultRows(found));
  assert.equal(rows["Monitored area"], "153 m² ± 1 %");
  assert.equal(rows["Lengths and speeds"], "± 0.7 %");
  assert.match(rows["Error of the points"], /not known with four/);
  assert.match(Object.fromEntries(resultRows({ ...found, rms_error_m: 0.034 }))["Error of the points"], /^3 cm/);
  assert.equal(Object.fromEntries(resultRows({ ...found, method: "heights" }))["Error of the points"], undefined);
  const evidence = /** @type {any} */ ({ field_of_view_assumed: false });
  assert.match(resultRows({ ...found, method: "heights", evidence })[1][2], /the given field of view/);
});

test("lengths and shares as people say them", () => {
  assert.deepEqual([0.004, 0.42, 3.456, 250, null].map(lengthText), ["under 1 cm", "42 cm", "3.46 m", "250 m", "–"]);
  assert.equal(spreadText(null), "–");
});

test("the calibration in force in one line", () => {
  assert.equal(calibrationSummary(null), "none");
  assert.match(calibrationSummary({ version: 3, method: "heights", area_m2: 41.26, trust: "estimated", created_at: "2026-03-01T10:00:00Z" }), /^version 3, from people's heights, 41 m², .*2026/);
});

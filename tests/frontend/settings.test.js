import assert from "node:assert/strict";
import test from "node:test";
import { cameraRows, healthRows, statRows } from "../../frontend/static/js/lib/health.js";
import { readSetting, settingGroups, settingHelp } from "../../frontend/static/js/lib/settings.js";

const number = { key: "density_caution", kind: "number", value: 2, default: 2, minimum: 0.1, maximum: 20, unit: "1/m²", effect: "Caution from here." };

test("settings come in the server's sections, none is lost", () => {
  const settings = [["a", "Limits"], ["b", "Alerts"], ["c", "Limits"]].map(([key, section]) => ({ key, section }));
  assert.deepEqual(settingGroups(settings), [{ title: "Limits", keys: ["a", "c"] }, { title: "Alerts", keys: ["b"] }]);
});

test("help tells effect, range and default with its unit", () => {
  assert.equal(settingHelp(number), "Caution from here. From 0.1 to 20. Default 2 people/m².");
  assert.equal(settingHelp({ ...number, kind: "boolean", value: true, default: false, minimum: null, maximum: null, unit: "" }), "Caution from here. Default off.");
});

test("numbers are read, checked against their range, and only changes are sent", () => {
  assert.deepEqual(readSetting(number, "2"), { value: 2, problem: "", isChanged: false });
  assert.deepEqual(readSetting(number, "2,5"), { value: 2.5, problem: "", isChanged: true });
  assert.equal(readSetting(number, "21").problem, "A number from 0.1 to 20.");
  assert.equal(readSetting(number, "").problem, "A number from 0.1 to 20.");
  assert.match(readSetting({ ...number, kind: "integer" }, "2.5").problem, /whole/);
});

test("a secret left empty stays as it is", () => {
  const secret = { ...number, kind: "secret", value: null };
  assert.equal(readSetting(secret, "").isChanged, false);
  assert.equal(readSetting(secret, "abc").isChanged, true);
});

test("a text that is emptied goes back to its default", () => {
  const text = { ...number, kind: "text", value: "https://tiles.example.org", default: null };
  assert.deepEqual(readSetting(text, " "), { value: null, problem: "", isChanged: true });
  assert.equal(readSetting({ ...text, value: null }, "").isChanged, false);
});

test("health: worst first, with reasons", () => {
  const { overall, rows } = healthRows({ status: "degraded", checks: [{ name: "database", status: "ok" }, { name: "alert_queue", status: "failed", reason: "Full." }] });
  assert.equal(overall, "degraded");
  assert.deepEqual(rows[0], { name: "Alert queue", state: "failed", reason: "Full." });
});

test("figures are flattened and carry their units", () => {
  const rows = statRows({ uptime_s: 61, pipeline: { encode_ms: 2.25, frames: 1200 }, disk_bytes: 1500 });
  assert.deepEqual(rows.map(({ value }) => value), ["1 min", "2.3 ms", "1,200", "1.5 kB"]);
});

test("cameras by name, each figure below its head, missing ones as a dash", () => {
  const { heads, rows } = cameraRows({ 2: { name: "B", fps: 9.75, wanted_fps: 25, shed_percent: 61.2, shed_reason: "Busy.", detect_ms: 16 }, 1: { name: "A" } });
  assert.deepEqual(rows.map(([name]) => name), ["A", "B"]);
  assert.equal(rows[1][heads.indexOf("Frames/s")], "9.75");
  assert.equal(rows[1][heads.indexOf("Detect")], "16.0 ms");
  assert.equal(rows[1][heads.indexOf("Left out")], "61 %");
  assert.equal(rows[1][heads.indexOf("Why")], "Busy.");
  assert.equal(rows[0][heads.indexOf("Restarts")], "–");
});

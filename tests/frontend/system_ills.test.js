import assert from "node:assert/strict";
import test from "node:test";
import { systemIlls } from "../../frontend/static/js/lib/system_ills.js";

const FINE = {
  model: { reduced_accuracy: false, remedy: "", error: "" },
  notifications: { failing_since: null, last_error: "", failed: 0 },
  alerts: { unwritten: 0, is_running: true },
};

test("nothing is said while everything is fine, or nothing is known", () => {
  assert.deepEqual(systemIlls(FINE), []);
  assert.deepEqual(systemIlls({}), []);
});

test("reduced accuracy comes with its remedy", () => {
  const [ill] = systemIlls({ ...FINE, model: { reduced_accuracy: true, remedy: "Set YOLO_MODEL.", error: "" } });
  assert.deepEqual(ill, { tone: "caution", title: "Reduced accuracy.", text: "Set YOLO_MODEL." });
});

test("what keeps alarms from people comes first", () => {
  const ills = systemIlls({
    model: { reduced_accuracy: true, remedy: "x", error: "" },
    notifications: { failing_since: "2026-01-01T00:00:00Z", last_error: "Telegram does not answer.", failed: 1 },
    alerts: { unwritten: 0, is_running: false },
  });
  assert.deepEqual(ills.map(({ title }) => title), ["No alerts are raised.", "Notifications reach nobody.", "Reduced accuracy."]);
  assert.equal(ills[1].text, "Telegram does not answer.");
});

import assert from "node:assert/strict";
import test from "node:test";
import { attention } from "../../frontend/static/js/lib/attention.js";

const camera = (id, level, trust = "ok") => ({ id, metrics: level && { risk_level: level, trust } });
const alert = (cameraId, level, origin = "LIVE") => ({ camera_id: cameraId, place_name: `place ${cameraId}`, level, origin });

test("the worst camera sets the level", () => {
  assert.deepEqual(attention([camera(1, "SAFE"), camera(2, "CRITICAL")], []), { word: "Critical", places: 1 });
  assert.deepEqual(attention([camera(1, null)], []), { word: null, places: 0 });
});

test("an open incident counts while its camera says nothing", () => {
  assert.deepEqual(attention([camera(1, "SAFE"), camera(2, null)], [alert(2, "WARNING")]), { word: "Warning", places: 1 });
});

test("a place counts once; recordings and cautions do not", () => {
  const open = [alert(1, "WARNING"), alert(1, "WARNING"), alert(2, "CAUTION"), alert(3, "CRITICAL", "RECORDED")];
  assert.deepEqual(attention([camera(1, "WARNING", "unknown")], open), { word: "Unknown, held at Warning", places: 1 });
});

test("incidents of a deleted camera count by their place", () => {
  assert.equal(attention([], [{ ...alert(null, "WARNING"), place_name: "Gate" }]).places, 1);
});

test("a location is a place of its own, whatever its number", () => {
  const hall = { ...alert(null, "WARNING"), location_id: 1, place_name: "Hall" };
  assert.equal(attention([camera(1, "WARNING")], [alert(1, "WARNING"), hall, hall]).places, 2);
});

test("the level of a recording is not the level of now", () => {
  const recorded = { ...camera(1, "CRITICAL"), isRecorded: true };
  assert.deepEqual(attention([recorded], []), { word: null, places: 0 });
  assert.deepEqual(attention([recorded, camera(2, "SAFE")], []), { word: "Safe", places: 0 });
});

test("simulated and real incidents are never spoken of together", () => {
  const open = [alert(1, "CRITICAL", "SIMULATED"), alert(2, "WARNING")];
  assert.deepEqual(attention([camera(2, "SAFE")], open), { word: "Warning", places: 1 });
  assert.deepEqual(attention([camera(1, "SAFE")], open, { isSimulated: true }), { word: "Critical", places: 1 });
});

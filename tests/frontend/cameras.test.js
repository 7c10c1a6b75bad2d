import assert from "node:assert/strict";
import test from "node:test";
import { openCameraStore } from "../../frontend/static/js/realtime/cameras.js";

const PLACES = { version: 4, zones: [{ zone_id: 1, count: 7 }], lines: [] };

/** A store of one running camera whose socket and clock the test drives. */
function openStore(t) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  const handlers = new Map();
  const socket = { on: (name, handler) => (handlers.set(name, handler), () => undefined), onConnection: () => () => undefined };
  const ending = new AbortController();
  t.after(() => ending.abort());
  const store = openCameraStore({ api: { get: async () => ({ items: [] }) }, socket, signal: ending.signal });
  const hear = (name, payload) => handlers.get(name)(payload);
  return { store, hear, pass: (ms) => (nowMs += ms) };
}

const camera = (current) => ({ id: 1, source_type: "rtsp", status: { status: "live", fps: 5 }, current });
const metrics = (rest = {}) => ({ camera_id: 1, age_s: 0, trust: "ok", trust_reason: "", count: 9, ...rest });

test("numbers that say nothing of zones leave them as they were told last", (t) => {
  const { store, hear } = openStore(t);
  store.put(camera(metrics({ places: PLACES })));
  hear("metrics", metrics({ count: 10 }));
  assert.deepEqual([store.get(1).current.count, store.get(1).current.places], [10, PLACES]);
  hear("initial_state", { cameras: [camera(metrics({ places: null }))] });
  assert.deepEqual(store.get(1).current.places, PLACES);
  hear("places", { camera_id: 1, age_s: 0, places: { ...PLACES, version: 5 } });
  assert.equal(store.get(1).current.places.version, 5);
});

test("zones grow old by their own age, however fresh the other numbers are", (t) => {
  const { store, hear, pass } = openStore(t);
  store.put(camera(metrics({ places: PLACES })));
  assert.equal(store.whyPlacesAreOld(store.get(1)), null);
  pass(3100);
  hear("metrics", metrics());
  assert.equal(store.believed(store.get(1)).trust, "ok");
  assert.match(store.whyPlacesAreOld(store.get(1)), /No fresh numbers of zones/);
  hear("places", { camera_id: 1, age_s: 0.2, places: PLACES });
  assert.equal(store.whyPlacesAreOld(store.get(1)), null);
  pass(3100);
  assert.match(store.whyPlacesAreOld(store.get(1)), /No fresh numbers from this camera/);
});

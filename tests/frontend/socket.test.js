import assert from "node:assert/strict";
import test from "node:test";
import { openSocket } from "../../frontend/static/js/realtime/socket.js";

/** A Socket.IO client as far as our module uses it, driven by the test. */
function makeWire({ refresh = "alive" } = {}) {
  const handlers = new Map();
  const wire = {
    connected: false,
    active: true,
    sent: [],
    connects: 0,
    on: (name, handler) => handlers.set(name, handler),
    emit: (...message) => wire.sent.push(message),
    connect: () => (wire.connects += 1),
    close: () => undefined,
    hear: (name, payload) => handlers.get(name)(payload),
    open() {
      wire.connected = true;
      wire.hear("connect");
    },
  };
  const lost = [];
  const socket = openSocket({ io: () => wire, refreshSession: async () => refresh, onSessionLost: () => lost.push(true) });
  return { wire, socket, lost };
}

test("joins its rooms, and again after every reconnect", () => {
  const { wire, socket } = makeWire();
  socket.subscribe([3]);
  assert.deepEqual(wire.sent, []);
  wire.open();
  wire.connected = false;
  wire.hear("disconnect", "transport close");
  wire.open();
  assert.deepEqual(wire.sent, [["subscribe", { cameras: [3] }], ["subscribe", { cameras: [3] }]]);
  socket.close();
});

test("drops late numbers per camera, and starts afresh after a reconnect", () => {
  const { wire, socket } = makeWire();
  const heard = [];
  socket.on("metrics", ({ camera_id: camera, seq }) => heard.push([camera, seq]));
  wire.open();
  for (const [camera, seq] of [[1, 2], [1, 1], [2, 1], [1, 3]]) wire.hear("metrics", { camera_id: camera, run_id: 1, seq });
  wire.open();
  wire.hear("metrics", { camera_id: 1, run_id: 1, seq: 1 });
  assert.deepEqual(heard, [[1, 2], [2, 1], [1, 3], [1, 1]]);
  socket.close();
});

test("asks for locations only once a page wants them, and again after a reconnect", () => {
  const { wire, socket } = makeWire();
  wire.open();
  socket.subscribeLocations("all");
  socket.subscribe([]);
  wire.open();
  const both = ["subscribe", { cameras: [], locations: "all" }];
  assert.deepEqual(wire.sent, [["subscribe", { cameras: "all" }], ["subscribe", { cameras: "all", locations: "all" }], both, both]);
  socket.close();
});

test("drops late numbers per location, while the newest may come again as it ages", () => {
  const { wire, socket } = makeWire();
  const heard = [];
  socket.on("crowd_update", ({ location_id: location, seq }) => heard.push([location, seq]));
  wire.open();
  for (const [location, seq] of [[1, 2], [1, 2], [1, 1], [2, 1]]) wire.hear("crowd_update", { location_id: location, seq });
  assert.deepEqual(heard, [[1, 2], [1, 2], [2, 1]]);
  socket.close();
});

test("tells the state of the connection and when it last heard something", () => {
  const { wire, socket } = makeWire();
  const states = [];
  socket.onConnection(({ state, heardMs }) => states.push([state, heardMs === null]));
  wire.open();
  wire.hear("alert", { seq: 1 });
  wire.hear("disconnect", "transport close");
  assert.deepEqual(states, [["connecting", true], ["live", true], ["reconnecting", false]]);
  socket.close();
});

test("a listener that has left hears nothing", () => {
  const { wire, socket } = makeWire();
  let count = 0;
  const stop = socket.on("alert", () => (count += 1));
  wire.hear("alert", { seq: 1 });
  stop();
  wire.hear("alert", { seq: 2 });
  assert.equal(count, 1);
  socket.close();
});

for (const [refresh, outcome] of [["alive", "reconnects"], ["ended", "asks for a log-in"], ["unreachable", "reconnects"]]) {
  test(`refused by the server with the session ${refresh}: ${outcome}`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { wire, socket, lost } = makeWire({ refresh });
    wire.active = false;
    wire.hear("connect_error", new Error("not authorised"));
    t.mock.timers.tick(5000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(wire.connects, refresh === "ended" ? 1 : 2);
    assert.equal(lost.length, refresh === "ended" ? 1 : 0);
    socket.close();
  });
}

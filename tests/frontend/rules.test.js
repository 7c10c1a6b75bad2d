import assert from "node:assert/strict";
import test from "node:test";
import { availableCommands, isActive, stateView } from "../../frontend/static/js/lib/camera.js";
import { loginMessage, safeNext } from "../../frontend/static/js/lib/login.js";
import { orderedOverlays, OVERLAYS, pictureUrl } from "../../frontend/static/js/lib/overlays.js";
import { addableSourceTypes, hasRole, mayAddCamera, mayControl, mayEditCamera } from "../../frontend/static/js/lib/permissions.js";
import { optionalNumber, sourceProblem, uploadProblem } from "../../frontend/static/js/lib/source_types.js";

const upload = (state, owner = 7) => ({ source_type: "upload", owner_id: owner, status: { status: "offline", message: "" }, job: { state, error: "" } });
const live = (status) => ({ source_type: "rtsp", owner_id: 1, status: { status, message: "" }, job: null });

test("commands follow the state", () => {
  assert.deepEqual(availableCommands(live("live")), ["stop"]);
  assert.deepEqual(availableCommands(live("reconnecting")), ["stop"]);
  assert.deepEqual(availableCommands(live("failed")), ["start"]);
  assert.deepEqual(availableCommands(upload("analysing")), ["pause", "cancel"]);
  assert.deepEqual(availableCommands(upload("paused")), ["resume", "cancel"]);
  assert.deepEqual(availableCommands(upload("finished")), ["start"]);
  assert.deepEqual(availableCommands(upload("empty")), []);
});

test("a recording shows its job, a camera its connection", () => {
  assert.equal(stateView(upload("queued")).word, "Queued");
  assert.equal(stateView(live("reconnecting")).word, "Reconnecting");
  assert.equal(isActive(upload("paused")), false);
  assert.equal(isActive(live("connecting")), true);
});

test("roles: a viewer has no buttons, an operator his own recordings, an administrator all", () => {
  const [viewer, operator, admin] = ["viewer", "operator", "admin"].map((role) => ({ role, id: 7 }));
  assert.equal(mayAddCamera(viewer), false);
  assert.deepEqual(addableSourceTypes(viewer), []);
  assert.deepEqual(addableSourceTypes(operator), ["upload"]);
  assert.equal(addableSourceTypes(admin).length, 6);
  assert.equal(mayControl(operator, live("live")), true);
  assert.equal(mayControl(viewer, live("live")), false);
  assert.equal(mayControl(operator, upload("paused", 7)), true);
  assert.equal(mayControl(operator, upload("paused", 8)), false);
  assert.equal(mayEditCamera(operator, live("live")), false);
  assert.equal(mayEditCamera(admin, upload("paused", 8)), true);
  assert.equal(hasRole(null, "viewer"), false);
});

test("what is wrong with a source is said before it is sent", () => {
  assert.match(sourceProblem("rtsp", "http://x/"), /rtsp:\/\//);
  assert.equal(sourceProblem("rtsp", "rtsp://user:pass@192.0.2.1/x"), "");
  assert.match(sourceProblem("http", "file:///etc/passwd"), /http/);
  assert.match(sourceProblem("usb", "/dev/video0"), /0, 1, 2/);
  assert.equal(sourceProblem("upload", ""), "");
  assert.equal(sourceProblem("simulated", ""), "");
  assert.match(sourceProblem("file", " "), /Say what/);
});

test("uploads: a name that is no video, an empty file, a good one", () => {
  assert.match(uploadProblem({ name: "notes.txt", size: 3 }), /notes.txt does not/);
  assert.match(uploadProblem({ name: "a.mp4", size: 0 }), /empty/);
  assert.equal(uploadProblem({ name: "A.MP4", size: 9 }), "");
  assert.match(uploadProblem(null), /Choose/);
});

test("optional numbers, with a comma too", () => {
  assert.deepEqual(["", " 12,5 ", "x"].map(optionalNumber), [null, 12.5, undefined]);
  assert.deepEqual(["0,125", "1,25", "1,0005", "1000,5", ".5", "2.", "-1.000", "+3"].map(optionalNumber), [0.125, 1.25, 1.0005, 1000.5, 0.5, 2, -1, 3]);
  for (const text of ["1,000", "-12,500", "999,999", "1,000,000", "1,000.5", "1.000,5", "1 000", "1e3", "0x10", "Infinity", ".", "--1"]) assert.equal(optionalNumber(text), undefined, text);
});

test("after the log-in only to a page of this site", () => {
  assert.equal(safeNext("/cameras/3?x=1"), "/cameras/3?x=1");
  for (const evil of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", null, "", "/login?next=/", "/a\\b", "/a\nb"]) {
    assert.equal(safeNext(evil), "/");
  }
});

test("log-in refusals as sentences", () => {
  assert.match(loginMessage({ status: 429, detail: "", retryAfterS: 41.2 }), /Wait 42 s/);
  assert.match(loginMessage({ status: 0, detail: "", retryAfterS: null }), /does not answer/);
  assert.equal(loginMessage({ status: 401, detail: "Wrong.", retryAfterS: null }), "Wrong.");
});

test("the same overlays are the same variant in any order", () => {
  assert.equal(new Set(OVERLAYS.map(({ name }) => name)).size, OVERLAYS.length);
  assert.deepEqual(orderedOverlays(["hud", "boxes", "nonsense"]), ["boxes", "hud"]);
  assert.equal(pictureUrl(3, "stream", { overlays: ["heat", "boxes"], width: 960 }), "/api/cameras/3/stream?overlays=boxes,heat&width=960");
});

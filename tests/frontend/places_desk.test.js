import assert from "node:assert/strict";
import test from "node:test";
import { fileName, fileText, readFile, textOf } from "../../frontend/static/js/lib/places_file.js";
import { requestOf } from "../../frontend/static/js/lib/places.js";
import { PlacesDesk } from "../../frontend/static/js/lib/places_desk.js";

const WH = [1000, 500];
const SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]];
const stored = {
  camera_id: 3,
  version: 7,
  zones: [{ id: 4, name: "Front", corners: SQUARE, profile: "queue", colour: "#4ea1ff", count_limit: 12, density_limit_per_m2: null }],
  lines: [{ id: 2, name: "Gate", start: [0.2, 0.8], end: [0.8, 0.8], colour: "#ffb454", width_m: null }],
};

function makeDesk() {
  const said = [];
  let made = 0;
  const desk = new PlacesDesk({ say: (text) => said.push(text), newKey: () => `new-${(made += 1)}` });
  desk.wh = WH;
  desk.load(stored);
  return { desk, said };
}

test("a zone is drawn, selected, told, and taken back in one step", () => {
  const { desk, said } = makeDesk();
  desk.setTool("polygon");
  for (const at of [[500, 50], [700, 50], [600, 250]]) desk.place(at, 5);
  assert.equal(desk.isUnsaved, false);
  desk.finish();
  assert.deepEqual(desk.chosen?.place.corners, [[0.5, 0.1], [0.7, 0.1], [0.6, 0.5]]);
  assert.equal(said.at(-1), "Zone 1 drawn, 3 corners.");
  assert.deepEqual([desk.isDrawing, desk.isUnsaved, desk.history.problems.length], [false, true, 0]);
  desk.step("undo");
  assert.deepEqual([desk.draft.zones.length, desk.isUnsaved, desk.canRedo], [1, false, true]);
});

test("while drawing, undo takes back points, and cancelling takes all", () => {
  const { desk, said } = makeDesk();
  desk.setTool("polygon");
  for (const at of [[500, 50], [700, 50]]) desk.place(at, 5);
  desk.finish();
  assert.equal(said.at(-1), "A zone needs at least three corners.");
  desk.step("undo");
  assert.equal(desk.pen.points.length, 1);
  desk.cancel();
  assert.deepEqual([desk.pen.points.length, desk.isDrawing, desk.isUnsaved], [0, false, false]);
});

test("a line is drawn with its direction said, and reversed", () => {
  const { desk, said } = makeDesk();
  desk.setTool("line");
  desk.place([100, 250], 5);
  desk.place([900, 250], 5);
  assert.equal(said.at(-1), "Line 1 drawn, in is downwards.");
  desk.reverse();
  assert.deepEqual([desk.chosen?.place.start, said.at(-1)], [[0.9, 0.5], "In is upwards now."]);
});

test("corners are moved, put in and taken out, never below three", () => {
  const { desk, said } = makeDesk();
  desk.choose("zone-4");
  assert.deepEqual(desk.whereIs("point:2"), [400, 200]);
  assert.equal(desk.move("point:2", [500, 250], "drag 1"), "point:2");
  assert.deepEqual(desk.chosen?.place.corners[2], [0.5, 0.5]);
  assert.deepEqual(desk.whereIs("middle:1"), [250, 50]);
  assert.equal(desk.move("middle:1", [250, 20], "drag 2"), "point:1");
  assert.equal(desk.chosen?.place.corners.length, 5);
  for (const handle of ["point:1", "point:1", "point:1"]) desk.remove(handle);
  assert.equal(desk.chosen?.place.corners.length, 3);
  assert.match(said.at(-1), /at least three corners/);
  desk.move("body:zone-4", [0, 0], "drag 3");
  assert.deepEqual(desk.chosen?.place.corners[0], [0, 0]);
  assert.equal(desk.whereIs("body:zone-9"), null);
});

test("a drag is one step, typing a word is one step", () => {
  const { desk } = makeDesk();
  desk.choose("zone-4");
  for (const x of [410, 420, 430]) desk.move("point:2", [x, 200], "drag 1");
  for (const name of ["F", "Fr", "Fro"]) desk.patch({ name }, "type name");
  desk.step("undo");
  assert.equal(desk.chosen?.place.name, "Front");
  desk.step("undo");
  assert.deepEqual(desk.chosen?.place.corners, SQUARE);
});

test("what is deleted comes back with undo, a line's end is not deleted alone", () => {
  const { desk, said } = makeDesk();
  desk.choose("line-2");
  desk.remove("point:0");
  assert.match(said.at(-1), /two ends/);
  desk.remove("body:line-2");
  assert.deepEqual([desk.draft.lines.length, desk.chosen, said.at(-1)], [0, null, "Gate deleted. Undo brings it back."]);
  desk.step("undo");
  assert.equal(desk.draft.lines[0].id, 2);
});

test("the server's objection stands until the next change, then the rules judge again", () => {
  const { desk } = makeDesk();
  desk.history.refuse([{ pointer: "/zones/0/name", detail: "Not this one." }], desk.draft);
  assert.equal(desk.history.problems[0].detail, "Not this one.");
  desk.choose("zone-4");
  desk.patch({ name: "Other" }, "type name");
  assert.deepEqual(desk.history.problems, []);
});

test("after saving, the same place stays selected under its new id", () => {
  const { desk } = makeDesk();
  desk.setTool("rectangle");
  desk.place([500, 50], 5);
  desk.place([700, 250], 5);
  desk.load({ ...stored, zones: [...stored.zones, { ...stored.zones[0], id: 9, name: "Zone 1" }] });
  assert.deepEqual([desk.chosen?.place.id, desk.isUnsaved, desk.canUndo], [9, false, false]);
});

/** What the server answers to a draft: its places in their order, new ones with new ids. */
function answerTo(draft, firstId) {
  let id = firstId;
  const { zones, lines } = requestOf(draft, 7);
  const known = (one) => ({ ...one, id: one.id ?? id++ });
  return { zones: zones.map(known), lines: lines.map(known) };
}

function drawRectangle(desk, x) {
  desk.setTool("rectangle");
  desk.place([x, 300], 5);
  desk.place([x + 100, 400], 5);
}

test("what is drawn while a save is under way stays, with every step of it", () => {
  const { desk } = makeDesk();
  drawRectangle(desk, 500);
  const sent = desk.draft;
  drawRectangle(desk, 700);
  desk.removePlace("zone-4");
  desk.load(answerTo(sent, 9), sent);
  assert.deepEqual(desk.draft.zones.map(({ id, name }) => [id, name]), [[9, "Zone 1"], [null, "Zone 2"]]);
  assert.deepEqual([desk.isUnsaved, desk.chosen?.place.name], [true, "Zone 2"]);
  desk.step("undo");
  desk.step("undo");
  assert.deepEqual([desk.draft.zones.map(({ id }) => id), desk.isUnsaved], [[4, 9], false]); // as it is stored
  desk.step("undo");
  assert.deepEqual([desk.draft.zones.map(({ id }) => id), desk.isUnsaved], [[4], true]);
  desk.step("redo");
  assert.equal(desk.isUnsaved, false);
});

test("what was deleted with a save is new where a step brings it back", () => {
  const { desk } = makeDesk();
  desk.removePlace("zone-4");
  const sent = desk.draft;
  drawRectangle(desk, 500);
  desk.load(answerTo(sent, 9), sent);
  for (const _ of [1, 2]) desk.step("undo");
  assert.deepEqual(desk.draft.zones.map(({ id, name }) => [id, name]), [[null, "Front"]]);
});

test("a half-drawn outline outlives a save, and is known to be unsaved", () => {
  const { desk } = makeDesk();
  desk.setTool("polygon");
  for (const at of [[500, 50], [700, 50]]) desk.place(at, 5);
  desk.load(stored, desk.draft);
  assert.deepEqual([desk.pen.points.length, desk.isHalfDrawn, desk.isUnsaved], [2, true, false]);
  desk.place([600, 250], 5);
  desk.finish();
  assert.deepEqual([desk.isHalfDrawn, desk.isUnsaved], [false, true]);
});

test("mine over theirs: every step is built on theirs, and can be sent again and again", () => {
  const { desk } = makeDesk();
  desk.choose("zone-4");
  desk.patch({ name: "Mine" }, "type name");
  desk.history.rebase({ zones: [{ ...stored.zones[0], id: 8 }], lines: [] });
  const ids = () => [...desk.draft.zones, ...desk.draft.lines].map(({ id }) => id);
  assert.deepEqual([ids(), desk.isUnsaved, desk.chosen?.place.name], [[null, null], true, "Mine"]);
  desk.step("undo");
  assert.deepEqual([ids(), desk.isUnsaved], [[null, null], true]);
});

test("what the server says of a draft is not said of another", () => {
  const { desk } = makeDesk();
  const sent = desk.draft;
  drawRectangle(desk, 500);
  desk.history.refuse([{ pointer: "/zones/0/name", detail: "Not this one." }], sent);
  assert.deepEqual(desk.history.problems, []);
});

test("problems are found once for a draft", () => {
  const { desk } = makeDesk();
  const before = desk.history.problems;
  assert.equal(desk.history.problems, before);
  drawRectangle(desk, 500);
  assert.notEqual(desk.history.problems, before);
});

test("keys that move two zones are two steps", () => {
  const { desk } = makeDesk();
  drawRectangle(desk, 500);
  desk.move("point:0", [510, 300], "keys point:0");
  desk.move("point:0", [520, 300], "keys point:0");
  desk.choose("zone-4");
  desk.move("point:0", [110, 60], "keys point:0");
  desk.step("undo");
  assert.deepEqual(desk.draft.zones.map(({ corners }) => corners[0]), [[0.1, 0.1], [0.52, 0.6]]);
});

test("after a deletion one goes on from the next one, else from the one before", () => {
  const { desk } = makeDesk();
  drawRectangle(desk, 500);
  assert.equal(desk.removePlace("zone-4"), "new-1");
  assert.equal(desk.removePlace("line-2"), "new-1");
  assert.equal(desk.removePlace("new-1"), null);
});

test("a file far too large is not even read", async () => {
  const file = (size) => ({ size, text: () => Promise.resolve("{}") });
  assert.equal(await textOf(file(2)), "{}");
  await assert.rejects(textOf({ size: 3_000_000, text: () => assert.fail("read") }), /far larger/);
});

test("a file holds what the API takes, and comes back the same on its own camera", () => {
  const { desk } = makeDesk();
  const text = fileText(desk.draft, { cameraId: 3, version: 7 });
  assert.deepEqual(JSON.parse(text), stored);
  let made = 0;
  const newKey = () => `new-${(made += 1)}`;
  assert.deepEqual(readFile(text, { cameraId: 3, stored, newKey }), desk.draft);
  const elsewhere = readFile(text, { cameraId: 5, stored, newKey });
  assert.deepEqual([...elsewhere.zones, ...elsewhere.lines].map(({ id, key }) => [id, key]), [[null, "new-1"], [null, "new-2"]]);
  assert.equal(fileName("Gate B / north"), "places-gate-b-north.json");
});

test("a file that cannot be meant is refused with the reason", () => {
  const read = (body) => () => readFile(typeof body === "string" ? body : JSON.stringify(body), { cameraId: 3, stored, newKey: () => "new" });
  assert.throws(read("{"), /not JSON/);
  assert.throws(read({ zones: [] }), /no lists/);
  assert.throws(read("null"), /no lists/);
  const zone = (fields) => ({ zones: [{ ...stored.zones[0], ...fields }], lines: [] });
  assert.throws(read(zone({ corners: [[0, "1"]] })), /corner 1 of zone 1 is not a pair of numbers/);
  assert.throws(read(zone({ profile: "toString" })), /profile that is unknown here: toString/);
  assert.throws(read(zone({ colour: "red" })), /colour of zone 1/);
  assert.throws(read(zone({ count_limit: "12" })), /limit of zone 1 is not a number/);
  assert.throws(read(zone({ name: 5 })), /zone 1 has no name/);
  assert.throws(read({ zones: [], lines: [{ name: "Gate", start: [0, 0] }] }), /the end of line 1/);
});

import assert from "node:assert/strict";
import test from "node:test";
import { cleared, draftFrom, emptyDraft, missing, movedPlace, placesOf, refusals, requestOf, withoutPlace, withPlace, withWorld } from "../../frontend/static/js/lib/calibration_draft.js";
import { UndoStack } from "../../frontend/static/js/lib/undo.js";

const WH = [1280, 720];
const corners = [[100, 100], [500, 100], [500, 400], [100, 400]];
const worlds = [["0", "0"], ["4", "0"], ["4", "3,5"], ["0", "3.5"]];

function fourPoints() {
  const placed = corners.reduce((draft, corner) => withPlace(draft, "marks", corner), emptyDraft());
  return worlds.reduce((draft, [x, y], k) => withWorld(withWorld(draft, k, 0, x), k, 1, y), placed);
}

test("points: said step by step what is missing, then asked with numbers", () => {
  let draft = emptyDraft();
  assert.match(missing(draft), /Four points/);
  draft = corners.slice(0, 3).reduce((so, corner) => withPlace(so, "marks", corner), draft);
  assert.match(missing(draft), /1 more point on the ground is needed/);
  draft = withPlace(draft, "marks", corners[3]);
  assert.match(missing(draft), /where point 1 lies/);
  assert.equal(missing(fourPoints()), "");
  assert.deepEqual(requestOf(fourPoints(), WH), {
    method: "points",
    picture_wh: WH,
    points: corners.map((image, k) => ({ image, world: [[0, 0], [4, 0], [4, 3.5], [0, 3.5]][k] })),
  });
});

test("a rectangle takes four corners and no fifth, and both sides", () => {
  let draft = { ...emptyDraft(), method: "rectangle" };
  draft = [...corners, [9, 9]].reduce((so, corner) => withPlace(so, "marks", corner), draft);
  assert.equal(placesOf(draft, "marks").length, 4);
  assert.match(missing(draft), /width and the length/);
  draft = { ...draft, width_m: "4", length_m: "3,5" };
  assert.deepEqual(requestOf(draft, WH).rectangle, { corners, width_m: 4, length_m: 3.5 });
});

test("from people's heights nothing has to be given; a field of view may be", () => {
  const draft = { ...emptyDraft(), method: "heights" };
  assert.equal(missing(draft), "");
  assert.deepEqual(requestOf(draft, WH), { method: "heights", picture_wh: WH });
  assert.equal(requestOf({ ...draft, field_of_view_deg: "72" }, WH).field_of_view_deg, 72);
  assert.equal(withPlace(draft, "marks", [1, 1]), draft);
});

test("places are moved, inserted, taken away and cleared without touching what was", () => {
  const before = fourPoints();
  const after = movedPlace(before, "marks", 1, [510, 90]);
  assert.deepEqual(after.points[1], { image: [510, 90], world: ["4", "0"] });
  assert.deepEqual(before.points[1].image, [500, 100]);
  assert.equal(withoutPlace(after, "marks", 0).points.length, 3);
  const area = withPlace({ ...before, monitored: corners }, "monitored", [300, 90], 1);
  assert.deepEqual(area.monitored[1], [300, 90]);
  assert.equal(cleared(area, "monitored").monitored.length, 0);
  assert.equal(cleared(area, "monitored").points.length, 4);
});

test("an area that crosses itself is said before anything is sent", () => {
  const crossed = { ...fourPoints(), walkable: [corners[0], corners[2], corners[1], corners[3]] };
  assert.match(missing(crossed), /^Walkable area: .*crosses/);
});

test("a stored calibration is worked on in the size of the picture shown now", () => {
  const stored = { calibrated: true, method: "points", picture_wh: [640, 360], points: [{ image: [50, 60], world: [1.5, -2] }], rectangle: null, field_of_view_deg: null, monitored_area: [[0, 0], [10, 0], [10, 10]], walkable_area: null };
  const draft = draftFrom(stored, WH);
  assert.deepEqual(draft.points, [{ image: [100, 120], world: ["1.5", "-2"] }]);
  assert.deepEqual(draft.monitored[2], [20, 20]);
  assert.deepEqual(draftFrom({ calibrated: false }, WH), emptyDraft());
});

test("a refusal goes to the point or field it names", () => {
  const { points, fields, texts } = refusals({ detail: "Wrong.", errors: [{ pointer: "/points/2/world", detail: "Too far." }, { pointer: "/rectangle/width_m", detail: "Above 0." }, { pointer: "/points", detail: "On one line." }] });
  assert.equal(points.get(2), "Too far.");
  assert.equal(fields.get("width_m"), "Above 0.");
  assert.equal(fields.get("points"), "On one line.");
  assert.equal(texts.length, 3);
  assert.deepEqual(refusals({ detail: "No.", errors: [] }).texts, ["No."]);
});

test("undo and redo; a drag or a word typed is one step", () => {
  const steps = new UndoStack("a");
  steps.set("b");
  steps.set("c", "drag 1");
  steps.set("d", "drag 1");
  steps.undo();
  assert.equal(steps.now, "b");
  steps.redo();
  assert.equal(steps.now, "d");
  steps.undo();
  steps.undo();
  assert.deepEqual([steps.now, steps.canUndo, steps.canRedo], ["a", false, true]);
  steps.set("e", "drag 1");
  assert.equal(steps.canRedo, false);
  steps.reset("z");
  steps.undo();
  assert.equal(steps.now, "z");
});

test("what is no number is named, hexadecimal too, and never left out of the question", () => {
  assert.match(missing(withWorld(fourPoints(), 1, 0, "1.4 m")), /“1.4 m” at point 2 is not a number/);
  assert.match(missing(withWorld(fourPoints(), 1, 0, "0x10")), /“0x10” at point 2/);
  assert.equal(missing(withWorld(fourPoints(), 1, 0, " 1,5 ")), "");
  assert.match(missing({ ...emptyDraft(), method: "heights", field_of_view_deg: "wide" }), /“wide” at the field of view/);
  /** @type {import("../../frontend/static/js/lib/homography.js").Point[]} */
  const corners = [[10, 90], [90, 90], [60, 40], [40, 40]];
  assert.match(missing({ ...emptyDraft(), method: "rectangle", corners, width_m: "3", length_m: "4m" }), /“4m” at the rectangle/);
});

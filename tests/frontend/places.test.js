import assert from "node:assert/strict";
import test from "node:test";
import { outlineFaults } from "../../frontend/static/js/lib/outline.js";
import { finished, freshPen, outlineOf, placed, stepBack } from "../../frontend/static/js/lib/pen.js";
import { draftOf, patched, placeOf, pointsOf, rebased, reordered, requestOf, without, withLine, withPoints, withZone } from "../../frontend/static/js/lib/places.js";
import { inward, pixelsOf, rectangleOf, shareOf, shifted, wayWord } from "../../frontend/static/js/lib/places_geometry.js";
import { problemsAt, problemsOf } from "../../frontend/static/js/lib/places_rules.js";
import { nameKey, nameProblem, tidyName } from "../../frontend/static/js/lib/place_names.js";
import { agedText, brokenText, firstSentence, inWord, wayText } from "../../frontend/static/js/lib/places_words.js";

const SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]];
const stored = {
  camera_id: 3,
  version: 7,
  zones: [
    { id: 4, name: "Front", corners: SQUARE, profile: "standing", colour: "#4ea1ff", count_limit: 12, density_limit_per_m2: null },
    { id: 6, name: "Stairs", corners: [[0.5, 0.5], [0.9, 0.5], [0.7, 0.9]], profile: "walkway", colour: "#2dd4a7", count_limit: null, density_limit_per_m2: 3.5 },
  ],
  lines: [{ id: 2, name: "Gate", start: [0.2, 0.8], end: [0.8, 0.8], colour: "#ffb454", width_m: 2.4 }],
};
const draft = draftOf(stored);

test("what is stored goes back unchanged, with the version it was made from", () => {
  const { camera_id: _, ...body } = stored;
  assert.deepEqual(requestOf(draft, 7), body);
  assert.deepEqual(problemsOf(draft), []);
});

test("a new zone and a new line have names, colours and no id", () => {
  const more = withLine(withZone(draft, "new-1", SQUARE), "new-2", [0, 0], [1, 1]);
  const again = withZone(more, "new-3", SQUARE);
  assert.deepEqual(again.zones.slice(2).map(({ name }) => name), ["Zone 1", "Zone 2"]);
  assert.equal(again.lines[1].name, "Line 1");
  const colours = [...again.zones, ...again.lines].map(({ colour }) => colour);
  assert.equal(new Set(colours).size, colours.length);
  assert.ok(!("id" in requestOf(again, 7).zones[2]));
  assert.equal(draft.zones.length, 2);
});

test("a place is changed, moved, put up or down and taken out by its key", () => {
  const key = draft.zones[1].key;
  assert.equal(placeOf(patched(draft, key, { name: "Steps" }), key).place.name, "Steps");
  assert.deepEqual(pointsOf(placeOf(withPoints(draft, "line-2", [[0, 0], [1, 0]]), "line-2").place), [[0, 0], [1, 0]]);
  assert.deepEqual(reordered(draft, key, -1).zones.map(({ id }) => id), [6, 4]);
  assert.equal(reordered(draft, key, 1), draft);
  assert.deepEqual(without(draft, key).zones.map(({ id }) => id), [4]);
  assert.equal(placeOf(draft, null), null);
});

test("over somebody else's change, what they deleted is new again", () => {
  const { zones, lines } = rebased(draft, { zones: [stored.zones[1]], lines: [] });
  assert.deepEqual([...zones, ...lines].map(({ id }) => id), [null, 6, null]);
});

test("a whole shape keeps its form at the edge of the picture", () => {
  assert.deepEqual(shifted(SQUARE, [0.2, 0.3]), [[0.2, 0.3], [0.5, 0.3], [0.5, 0.6], [0.2, 0.6]]);
  assert.deepEqual(shifted(SQUARE, [0.9, -2]), [[0.7, 0], [1, 0], [1, 0.3], [0.7, 0.3]]);
  assert.deepEqual(shareOf([640, 900], [1280, 720]), [0.5, 1]);
  assert.deepEqual(pixelsOf([0.5, 0.25], [1280, 720]), [640, 180]);
  assert.deepEqual(rectangleOf([0.4, 0.4], [0.1, 0.1]), SQUARE);
});

test("in is to the right of somebody who looks from start to end", () => {
  const words = [[[0, 0], [1, 0]], [[1, 0], [0, 0]], [[0, 0], [0, 1]], [[0, 1], [0, 0]], [[0, 0], [1, 1]]].map(([start, end]) => wayWord(inward(start, end)));
  assert.deepEqual(words, ["downwards", "upwards", "to the left", "to the right", "to the lower left"]);
  assert.deepEqual(inward([5, 5], [5, 5]), [0, 0]);
  assert.equal(inWord({ start: [0.2, 0.8], end: [0.8, 0.8] }, [1280, 720]), "downwards");
  assert.equal(wayText({ start: [0.2, 0.8], end: [0.8, 0.8] }, [1280, 720]), "Who crosses it downwards in the picture goes in, as the arrow shows; upwards is out.");
});

test("outlines: crossed, touching, doubled, flat, too small, good", () => {
  /** @param {import("../../frontend/static/js/lib/homography.js").Point[]} corners */
  const faults = (corners) => outlineFaults(corners).map(({ corner, detail }) => [corner, detail]);
  assert.deepEqual(faults(SQUARE), []);
  assert.deepEqual(faults([[0, 0], [0.5, 0], [1, 0], [1, 1], [0, 1]]), []); // a corner in the middle of a side
  assert.deepEqual(faults([[0, 0], [1, 1], [1, 0], [0, 1]]), [[2, "After corner 3 the outline crosses the side from corner 1 to corner 2. Move one of their corners, or leave it out."]]);
  assert.deepEqual(faults([[0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]])[0], [3, "Corner 4 lies on the side from corner 1 to corner 2. Move it away from there."]);
  assert.deepEqual(faults([[0, 0], [1, 0], [0, 0], [0, 1]])[0], [2, "Corner 3 lies on corner 1. Move it away, or leave it out."]);
  assert.match(faults([[0, 0], [0.5, 0.5], [1, 1]])[0][1], /^All corners lie on one line/);
  assert.deepEqual(faults([[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01]]), [[null, "It covers 0.01 % of the picture; 0.04 % is the least. Draw it larger."]]);
});

test("what is wrong is named by the server's pointers and sorted to corner and field", () => {
  const crossed = patched(draft, "zone-6", { corners: [[0, 0], [1, 1], [1, 0], [0, 1]], name: " gate ", count_limit: "2.5", density_limit_per_m2: "many" });
  const wrong = patched(withPoints(crossed, "line-2", [[0.2, 0.2], [0.2, 0.2]]), "line-2", { width_m: "0" });
  const problems = problemsOf(wrong);
  assert.deepEqual(problems.map(({ pointer }) => pointer), ["/zones/1/count_limit", "/zones/1/density_limit_per_m2", "/zones/1/corners/2", "/lines/0/name", "/lines/0/width_m", "/lines/0/end"]);
  const zone = problemsAt(problems, { kind: "zone", index: 1 });
  assert.deepEqual([...zone.points.keys()], [2]);
  assert.equal(zone.fields.get("count_limit"), "“2.5” is not a whole number: type digits only, without commas, points or blanks.");
  assert.match(zone.fields.get("density_limit_per_m2"), /“many” is not a number/);
  const line = problemsAt(problems, { kind: "line", index: 0 });
  assert.deepEqual([...line.points.keys()], [1]);
  assert.match(line.fields.get("width_m"), /^Give 0.1 to 1,000 m/);
  assert.deepEqual(problemsAt([{ pointer: "/zones/1/corners", detail: "Too few." }], { kind: "zone", index: 1 }).fields.get("corners"), "Too few.");
  assert.deepEqual(problemsAt(problems, { kind: "zone", index: 0 }).texts, []);
});

test("a comma that may part thousands is not guessed at", () => {
  const at = (/** @type {string} */ text) => problemsOf(patched(draft, "zone-4", { density_limit_per_m2: text }));
  assert.equal(at("1,000")[0].detail, "“1,000” can be read in two ways: type 1000 or 1.");
  assert.match(at("1,250")[0].detail, /type 1250 or 1\.25\.$/);
  assert.equal(at("1,000")[0].pointer, "/zones/0/density_limit_per_m2");
  assert.match(at("4 people")[0].detail, /is not a number: type digits only, with a point before decimals/);
  for (const text of ["2,5", "0,125", "2.5", ""]) assert.deepEqual(at(text), [], text);
});

test("a limit of people is typed in digits only: a comma or a point may mean two things", () => {
  const limit = (count_limit) => patched(draft, "zone-4", { count_limit });
  for (const text of ["1,000", "1.000", "1 000", "1e3", "-5", "١٢"]) assert.match(problemsOf(limit(text))[0].detail, /is not a whole number: type digits only/, text);
  assert.match(problemsOf(limit("0"))[0].detail, /^Give 1 to 1,000,000 people/);
  assert.deepEqual(problemsOf(limit(" 1000 ")), []);
  assert.deepEqual(["1,000", " 1000 ", ""].map((text) => requestOf(limit(text), 7).zones[0].count_limit), [undefined, 1000, null]);
});

test("names are the same where the server takes them for the same", () => {
  assert.equal(nameKey("Straße"), nameKey("STRASSE"));
  assert.equal(nameKey("ΟΔΟΣ"), nameKey("οδος"));
  assert.equal(nameKey(" Ｇate\u00a0\t 1 "), nameKey("gate 1"));
  assert.notEqual(nameKey("Halı"), nameKey("Hali"));
  assert.match(nameProblem("Straße", new Set([nameKey("STRASSE")])), /called “Straße” already/);
  assert.equal(tidyName("  North   gate "), "North gate");
});

test("a name is counted in characters, and every one can be seen", () => {
  const none = new Set();
  assert.equal(nameProblem("😀".repeat(80), none), "");
  assert.match(nameProblem("😀".repeat(81), none), /^At most 80/);
  assert.equal(nameProblem(`a${" ".repeat(85)}b`, none), "");
  for (const name of ["a\u200db", "a\u202eb", "\ufeffa", "a\u0007"]) assert.match(nameProblem(name, none), /cannot be seen/, JSON.stringify(name));
  assert.equal(nameProblem(" \u3000 ", none), "Give it a name.");
});

test("a picture is called old once it is", () => {
  assert.deepEqual([null, 0, 3.9].map(agedText), ["", "", ""]);
  assert.match(agedText(12.2), /^This picture is 12 s old/);
});

test("too few corners, outside, nameless, too many", () => {
  const pointers = (fields) => problemsOf(patched(draft, "zone-4", fields)).map(({ pointer }) => pointer);
  assert.deepEqual(pointers({ corners: [[0, 0], [1, 1]] }), ["/zones/0/corners"]);
  assert.deepEqual(pointers({ corners: [[0, 0], [1.2, 0], [NaN, 1]] }), ["/zones/0/corners/1", "/zones/0/corners/2"]);
  assert.deepEqual(pointers({ name: "  " }), ["/zones/0/name"]);
  const many = Array.from({ length: 201 }, (_, k) => ({ ...draft.zones[0], key: `new-${k}`, name: `Z${k}` }));
  assert.deepEqual(problemsOf({ zones: many, lines: [] }).map(({ pointer }) => pointer), ["/zones"]);
});

test("the pen: an outline corner by corner, closed at its first corner, by a double click or a key", () => {
  const clicks = [[0, 0], [100, 0], [100, 100]];
  const drawn = clicks.reduce((pen, at) => placed(pen, at, 9).pen, freshPen("polygon"));
  assert.deepEqual(placed(drawn, [4, 4], 9).shape, clicks);
  assert.deepEqual(placed(drawn, [101, 99], 9).shape, clicks);
  assert.deepEqual(finished(drawn), { pen: freshPen("polygon"), shape: clicks });
  assert.equal(finished(stepBack(drawn)).shape, null);
  assert.equal(placed(stepBack(drawn), [100, 2], 9).pen.points.length, 2); // the same spot once more
  assert.deepEqual(outlineOf(drawn, [0, 100]), [...clicks, [0, 100]]);
});

test("the pen: rectangles and lines between two points that are apart", () => {
  const first = placed(freshPen("rectangle"), [50, 50], 9).pen;
  assert.equal(placed(first, [52, 200], 9).shape, null);
  assert.deepEqual(placed(first, [10, 90], 9).shape, [[10, 50], [50, 50], [50, 90], [10, 90]]);
  assert.deepEqual(outlineOf(first, [10, 90]).length, 4);
  const line = placed(freshPen("line"), [0, 0], 9).pen;
  assert.equal(placed(line, [3, 3], 9).shape, null);
  assert.deepEqual(placed(line, [90, 0], 9).shape, [[0, 0], [90, 0]]);
  assert.deepEqual(outlineOf(freshPen("line"), [1, 1]), []);
});

test("a reason stands beside its corner in short lines, without the remedy", () => {
  const text = "It covers 0.01 % of the picture; 0.04 % is the least. Draw it larger.";
  assert.equal(firstSentence(text), "It covers 0.01 % of the picture; 0.04 % is the least.");
  assert.equal(firstSentence("Corner 3 lies on corner 1. Move it away, or leave it out."), "Corner 3 lies on corner 1.");
  assert.deepEqual(brokenText("After corner 3 the outline crosses", 16), ["After corner 3", "the outline", "crosses"]);
});

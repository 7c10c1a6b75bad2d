import assert from "node:assert/strict";
import test from "node:test";
import { areaHelp, countProblem, differenceText, insideText, markedText, measuredText, resultText, rollingLines } from "../../frontend/static/js/lib/spot_count.js";

const count = { id: 1, counted: 41, measured: 38.4, measured_low: 33.2, measured_high: 43.9, difference: -2.6, error_percent: -6.3, is_inside: true };
const rolling = {
  n: 20, window: 20, is_few: false, mean_error: -2.31, mean_absolute_error: 3.12, mean_absolute_percent: 8.4, interval_coverage: 0.85,
  since: "2026-11-03T09:00:00+00:00", models: ["yolo11n"],
};
const nothing = { n: 0, window: 20, is_few: true, mean_error: null, mean_absolute_error: null, mean_absolute_percent: null, interval_coverage: null, since: null, models: [] };

test("a result names both numbers, the difference and the interval", () => {
  assert.equal(resultText(count), "You counted 41, CrowdSafe 38 (33–44): 3 too few, inside its interval.");
  assert.equal(resultText({ ...count, counted: 2, is_inside: false }), "You counted 2, CrowdSafe 38 (33–44): 36 too many, outside its interval.");
  assert.equal(resultText({ ...count, counted: 38 }), "You counted 38, CrowdSafe 38 (33–44): the same, inside its interval.");
});

test("the difference is that of the numbers shown", () => {
  for (const [measured, counted, text] of [[38.5, 41, "2 too few"], [0.4, 0, "the same"], [1499.6, 2, "1,498 too many"]]) {
    assert.equal(differenceText({ measured, counted }), text);
  }
});

test("at least is no interval with an end, and an exact number has none", () => {
  const least = { ...count, measured_high: null };
  assert.equal(measuredText(least), "38 (at least 33)");
  assert.equal(insideText(least), "as many as it said, at least");
  assert.equal(insideText({ ...least, is_inside: false }), "fewer than the least it said");
  const exact = { ...count, measured: 37, measured_low: 37, measured_high: 37, is_inside: false };
  assert.equal(resultText(exact), "You counted 41, CrowdSafe 37: 4 too few.");
});

test("errors in words, with n and since when", () => {
  const [gist, inside, basis, ...rest] = rollingLines(rolling);
  assert.equal(gist, "Off by 3.1 people a picture, 8 % of those counted; on average 2.3 people too few.");
  assert.equal(inside, "17 of 20 counts lay inside the 90 % interval.");
  assert.match(basis, /^The newest 20 counts since .*2026/);
  assert.deepEqual(rest, []);
  assert.match(rollingLines({ ...rolling, n: 7 })[2], /^The 7 counts since/);
  assert.match(rollingLines({ ...rolling, mean_error: 0.04 })[0], /on average neither too many nor too few\.$/);
  assert.match(rollingLines({ ...rolling, mean_error: 1 })[0], /on average 1\.0 person too many\.$/);
});

test("nothing is made up: no counts, few counts, empty pictures, another model", () => {
  assert.deepEqual(rollingLines(nothing), ["Nobody has counted here yet."]);
  const one = rollingLines({ ...rolling, n: 1, is_few: true, interval_coverage: 0 });
  assert.equal(one[0], "Too few counts to tell how accurate this place is: 1 of at least 5.");
  assert.equal(one[1], "Off by 3.1 people, 8 % of those counted.");
  assert.equal(one[2], "The count lay outside the 90 % interval.");
  assert.match(one[3], /^One count, of /);
  assert.doesNotMatch(rollingLines({ ...rolling, mean_absolute_percent: null })[0], /%/);
  assert.equal(rollingLines({ ...rolling, models: ["a", "b"] }).at(-1), "Measured by more than one model: a, b.");
});

test("what was typed is a whole number of people", () => {
  for (const good of ["0", "41", " 7 ", "100000"]) assert.equal(countProblem(good), "", good);
  for (const bad of ["-1", "4.5", "4x", "1e3", "100001", "１２"]) assert.equal(countProblem(bad), "Type a whole number from 0 to 100,000.", bad);
  assert.equal(countProblem("  "), "Type how many people you counted; 0 if there is nobody.");
});

test("who is to be counted, and how many are marked", () => {
  assert.match(areaHelp("picture", null), /everybody in the picture/);
  assert.match(areaHelp("monitored_area", null), /inside the border drawn/);
  assert.match(areaHelp("zone", "Stage"), /inside the border of Stage/);
  assert.equal(markedText(1), "1 person marked");
  assert.equal(markedText(12), "12 people marked");
  assert.match(markedText(0), /^Tap each person/);
});

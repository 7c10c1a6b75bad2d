import assert from "node:assert/strict";
import test from "node:test";
import { decodingText, lagText, loadText } from "../../frontend/static/js/lib/load_words.js";

const load = { wanted_hz: 25, analysed_hz: 9.5, shed_share: 0.62, reason: "It shares the processor with 2 riskier cameras.", lag_s: 0.23 };

test("what is left out is said with its reason", () => {
  assert.equal(loadText(load), "9.5 of 25.0 pictures/s, 62 % left out. It shares the processor with 2 riskier cameras.");
  assert.equal(loadText({ ...load, wanted_hz: null, reason: "" }), "9.5 pictures/s, 62 % left out.");
});

test("a camera that keeps up, and one of which nothing is known", () => {
  assert.equal(loadText({ ...load, shed_share: 0, reason: "" }), "keeps up: 9.5 pictures/s");
  assert.equal(loadText(null), "–");
  assert.equal(loadText({ ...load, analysed_hz: null }), "–");
});

test("the lag is the age of the newest analysed picture", () => {
  assert.equal(lagText(load), "0.2 s behind the camera");
  assert.equal(lagText({ ...load, lag_s: null }), "–");
});

test("where a stream is decoded, and why not on a graphics processor", () => {
  assert.equal(decodingText({ decoder: "cuda", decoder_note: "" }), "on the graphics processor (cuda)");
  assert.equal(decodingText({ decoder: "software", decoder_note: "" }), "in software");
  assert.equal(decodingText({ decoder: "software", decoder_note: "cuda: Operation not permitted" }), "in software. Not on a graphics processor: cuda: Operation not permitted.");
  assert.equal(decodingText({ decoder: null }), "–");
});

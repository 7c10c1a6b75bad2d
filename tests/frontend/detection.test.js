import assert from "node:assert/strict";
import test from "node:test";
import { modelChoices, modelText, tilesChoices, tilesText, trackerChoices, trackerText } from "../../frontend/static/js/lib/detection_words.js";

const model = (name, more = {}) => ({ name, precision: "int8", reduced_accuracy: false, is_default: false, problem: "", ...more });
const running = { name: "yolo11s", runtime: "openvino", precision: "int8", input_hw: [960, 960], tiles: 1, reduced_accuracy: false, remedy: "" };
const camera = (more = {}, now = running) => ({ source_type: "rtsp", detection_model: null, tracker: "botsort", is_moving: false, status: { model: now }, ...more });

test("models: the installation's own first, the unusable left out unless chosen", () => {
  const all = [model("yolo11s", { is_default: true }), model("small"), model("weak", { reduced_accuracy: true }), model("broken", { problem: "cut short" })];
  assert.deepEqual(modelChoices(all, null), { "": "The installation's own (yolo11s)", small: "small (int8)", weak: "weak (int8, reduced accuracy)" });
  assert.equal(modelChoices(all, "broken").broken, "broken (int8, cannot be used)");
  assert.equal(modelChoices(all, "gone").gone, "gone: not there");
  assert.deepEqual(modelChoices([], null), { "": "The installation's own" });
});

test("tiles say what they cost; a grid that is not offered stays in the list", () => {
  assert.equal(tilesChoices("")["2x2"], "2 × 2 tiles: four times the work");
  assert.equal(tilesChoices("")["1x1"], "Whole picture: the least work");
  assert.equal(tilesChoices("5x3")["5x3"], "5 × 3 tiles: 15 times the work");
  assert.equal(tilesText(""), "as the model is made for");
});

test("trackers by name and what they are for", () => {
  assert.deepEqual(Object.keys(trackerChoices()), ["botsort", "bytetrack", "deepsort"]);
  assert.equal(trackerText(camera({ tracker: "deepsort", is_moving: true })), "DeepSORT, for a moving camera");
  assert.equal(trackerText(camera({ source_type: "simulated" })), "none");
});

test("the detector in use, and why it is not the chosen one", () => {
  assert.equal(modelText(camera()), "yolo11s, openvino int8, 960 × 960 px, whole picture");
  assert.equal(modelText(camera({}, null)), "–");
  const other = modelText(camera({ detection_model: "mine.onnx" }, { ...running, tiles: 6, remedy: "mine.onnx is damaged." }));
  assert.equal(other, "yolo11s, openvino int8, 960 × 960 px, 6 tiles, chosen: mine.onnx. mine.onnx is damaged.");
  assert.match(modelText(camera({ source_type: "simulated" })), /knows who is there/);
});

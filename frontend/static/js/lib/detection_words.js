/**
 * Model, tiles and tracker in words: what a camera was given, what it runs with, what it costs.
 */
import { isSimulated } from "./camera.js";
import { NONE } from "./format.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").AvailableModel} AvailableModel */
/** @typedef {import("../types.js").TrackerKind} TrackerKind */

/** @type {Record<TrackerKind, {word: string, when: string}>} */
export const TRACKERS = {
  botsort: { word: "BoT-SORT", when: "the usual one" },
  bytetrack: { word: "ByteTrack", when: "the least work" },
  deepsort: { word: "DeepSORT", when: "also by appearance: the most work" },
};

const TIMES = ["", "the least work", "twice the work", "three times the work", "four times the work"];
const OFFERED_TILES = ["1x1", "2x1", "2x2", "3x2", "4x3"];

/** @param {string} tiles columns x rows, "" for what the model is made for */
export function tilesText(tiles) {
  if (!tiles) return "as the model is made for";
  return tiles === "1x1" ? "whole picture" : `${tiles.replace("x", " × ")} tiles`;
}

/** @param {string} tiles */
function tilesCost(tiles) {
  const [columns = 1, rows = 1] = tiles.split("x").map(Number);
  return TIMES[columns * rows] ?? `${columns * rows} times the work`;
}

/**
 * @param {string} chosen kept in the list whatever it is
 * @returns {Record<string, string>} value: word
 */
export function tilesChoices(chosen) {
  const grids = chosen && !OFFERED_TILES.includes(chosen) ? [...OFFERED_TILES, chosen] : OFFERED_TILES;
  return { "": "As the model is made for", ...Object.fromEntries(grids.map((grid) => [grid, sentence(`${tilesText(grid)}: ${tilesCost(grid)}`)])) };
}

/** @returns {Record<string, string>} value: word */
export function trackerChoices() {
  return Object.fromEntries(Object.entries(TRACKERS).map(([kind, { word, when }]) => [kind, `${word}: ${when}`]));
}

/**
 * @param {AvailableModel[]} models
 * @param {string|null} chosen kept in the list, also where it is gone
 * @returns {Record<string, string>} value: word
 */
export function modelChoices(models, chosen) {
  const own = models.find(({ is_default: isDefault }) => isDefault);
  const others = models.filter(({ name, is_default: isDefault, problem }) => name === chosen || (!isDefault && !problem));
  const choices = Object.fromEntries(others.map((model) => [model.name, modelChoice(model)]));
  if (chosen && !choices[chosen]) choices[chosen] = `${chosen}: not there`;
  return { "": own ? `The installation's own (${own.name})` : "The installation's own", ...choices };
}

/** @param {AvailableModel} model */
function modelChoice({ name, precision, reduced_accuracy: isReduced, problem }) {
  const facts = [precision, isReduced && "reduced accuracy", problem && "cannot be used"].filter(Boolean).join(", ");
  return facts ? `${name} (${facts})` : name;
}

/** @param {Camera} camera what finds people in its picture now */
export function modelText(camera) {
  const { model } = camera.status;
  if (isSimulated(camera)) return "none: the simulation knows who is there";
  const wanted = camera.detection_model ? `, chosen: ${camera.detection_model}` : "";
  if (!model) return wanted ? `${NONE}${wanted}` : NONE;
  const tiles = model.tiles > 1 ? `, ${model.tiles} tiles` : ", whole picture";
  const other = model.remedy && wanted;
  return `${model.name}, ${model.runtime} ${model.precision}, ${model.input_hw.join(" × ")} px${tiles}${other ? `${wanted}. ${model.remedy}` : ""}`;
}

/** @param {Camera} camera what follows them */
export function trackerText(camera) {
  if (isSimulated(camera)) return "none";
  const word = TRACKERS[camera.tracker]?.word ?? camera.tracker;
  return camera.is_moving ? `${word}, for a moving camera` : word;
}

/** @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

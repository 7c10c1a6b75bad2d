/**
 * Zones and counting lines in words.
 */
import { formatAge, formatNumber } from "./format.js";
import { inward, pixelsOf, wayWord } from "./places_geometry.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("../types.js").ZoneProfile} ZoneProfile */

export const STALE_S = 4; // a picture that is older is not live

/** @type {Record<ZoneProfile, {word: string, help: string}>} */
export const PROFILES = {
  standing: { word: "Standing", help: "People stand and watch: the front of a stage, a square." },
  walkway: { word: "Walkway", help: "People pass through: a corridor, a gate, stairs." },
  seated: { word: "Seated", help: "People sit: a stand, a waiting room." },
  queue: { word: "Queue", help: "People stand in line; how many is measured too." },
};

/**
 * Which way across a line is in, as it looks in the picture.
 *
 * @param {{start: Point, end: Point}} line shares of the picture
 * @param {[number, number]} wh of the picture, for its proportions
 */
export function inWord({ start, end }, wh) {
  return wayWord(inward(pixelsOf(start, wh), pixelsOf(end, wh)));
}

/** @param {{start: Point, end: Point}} line @param {[number, number]} wh */
export function wayText(line, wh) {
  const [way, back] = [inWord(line, wh), inWord({ start: line.end, end: line.start }, wh)];
  return `Who crosses it ${way} in the picture goes in, as the arrow shows; ${back} is out.`;
}

/** @param {Point} at share of the picture */
export function whereWord([x, y]) {
  return `${formatNumber(x * 100, 1)} % from the left, ${formatNumber(y * 100, 1)} % from the top`;
}

/** What is wrong, without what to do about it. @param {string} text */
export function firstSentence(text) {
  return text.replace(/\. [A-Z].*$/s, ".");
}

/**
 * Break a sentence into short lines, to stand beside a corner in the picture.
 *
 * @param {string} text
 * @param {number} [most] characters in a line
 */
export function brokenText(text, most = 26) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** @param {number|null} ageS of a picture, seconds; null: not known */
export const agedText = (ageS) => (ageS !== null && ageS >= STALE_S ? `This picture is ${formatAge(ageS)} old: the camera gives no newer one now.` : "");

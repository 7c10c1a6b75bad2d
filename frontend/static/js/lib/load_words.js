/**
 * How a camera fares at the processor, in words.
 */
import { formatNumber, NONE } from "./format.js";

/** @typedef {import("../types.js").CameraLoad} CameraLoad */

/**
 * @param {CameraLoad|null|undefined} load
 * @returns {string} for instance "9.5 of 25 pictures/s, 62 % left out. It shares the processor with 2 riskier cameras."
 */
export function loadText(load) {
  if (!load || load.analysed_hz === null) return NONE;
  const analysed = formatNumber(load.analysed_hz, 1);
  if (load.shed_share <= 0) return `keeps up: ${analysed} pictures/s`;
  const wanted = load.wanted_hz === null ? "" : ` of ${formatNumber(load.wanted_hz, 1)}`;
  const left = formatNumber(100 * load.shed_share);
  return `${analysed}${wanted} pictures/s, ${left} % left out. ${load.reason}`.trim();
}

/**
 * What turns the stream into pictures, and why it is no graphics processor.
 *
 * @param {{decoder?: string|null, decoder_note?: string}} status
 */
export function decodingText({ decoder, decoder_note: note }) {
  if (!decoder) return NONE;
  if (decoder !== "software") return `on the graphics processor (${decoder})`;
  return note ? `in software. Not on a graphics processor: ${note}.` : "in software";
}

/**
 * @param {CameraLoad|null|undefined} load
 * @returns {string} how old the newest analysed picture was when its numbers came out
 */
export function lagText(load) {
  return !load || load.lag_s === null ? NONE : `${formatNumber(load.lag_s, 1)} s behind the camera`;
}

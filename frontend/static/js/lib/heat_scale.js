/**
 * The colours of people per square metre: the same ramp and the same fixed scale as the heat on
 * the video, so that a colour means the same there, here and tomorrow.
 */
import { formatNumber } from "./format.js";

export const FULL_SCALE_PER_M2 = 6;
export const TICKS_PER_M2 = [0, 2, 4, 6];

/** Evenly from 0 to the top. */
export const STOPS = [
  "#510e6c", "#62146e", "#741a6e", "#85216b", "#972766", "#a82e5f", "#ba3655", "#ca404a", "#d84c3e",
  "#e45a31", "#ee6a24", "#f57d15", "#fa9207", "#fca60c", "#fbbc21", "#f7d13d", "#f2e661", "#f5f992",
];

const LEAST_OPACITY = 0.12; // what is measured is never taken for what is not
const STRONGEST_OPACITY = 0.72;

/** @param {number} perM2 @returns {number} share of the scale, 0–1 */
export const heatShare = (perM2) => Math.min(Math.max(perM2 / FULL_SCALE_PER_M2, 0), 1);

/** @param {string} hex @returns {number[]} */
const channels = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** @param {number} perM2 people/m² @returns {string} "#rrggbb" */
export function heatColour(perM2) {
  const place = heatShare(perM2) * (STOPS.length - 1);
  const below = Math.min(Math.floor(place), STOPS.length - 2);
  const [from, to] = [channels(STOPS[below] ?? ""), channels(STOPS[below + 1] ?? "")];
  const mixed = from.map((value, index) => Math.round(value + ((to[index] ?? 0) - value) * (place - below)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** @param {number} perM2 people/m² @returns {number} 0–1 */
export function heatOpacity(perM2) {
  return Math.max(LEAST_OPACITY, Math.min(heatShare(perM2) / 0.35, 1) ** 0.8 * STRONGEST_OPACITY);
}

/** @param {number} tick people/m² */
export const tickText = (tick) => (tick === FULL_SCALE_PER_M2 ? `≥ ${formatNumber(tick)}` : formatNumber(tick));

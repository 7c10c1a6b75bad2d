/**
 * Ways out of a place: what is typed, what is sent, and a line to read.
 */
import { formatNumber, NONE } from "./format.js";
import { optionalNumber } from "./source_types.js";

/** @typedef {import("../types.js").Exit} Exit */
/** @typedef {{width: string, kind: Exit["kind"]}} TypedExit */

/** @type {Record<Exit["kind"], string>} */
export const EXIT_KINDS = { level: "On the level", stairs: "Over stairs" };

/**
 * @param {TypedExit[]} typed rows without a width are left out
 * @returns {{exits: Exit[], problems: Map<number, string>}} problems by row
 */
export function readExits(typed) {
  /** @type {Exit[]} */
  const exits = [];
  /** @type {Map<number, string>} */
  const problems = new Map();
  typed.forEach(({ width, kind }, index) => {
    const metres = optionalNumber(width);
    if (metres === null) return;
    if (metres === undefined || metres <= 0) problems.set(index, "A width above 0 m, or nothing.");
    else exits.push({ width_m: metres, kind });
  });
  return { exits, problems };
}

/** @param {Exit[]} exits "3.2 m in all: 2 on the level, 1 over stairs" */
export function exitsText(exits) {
  if (!exits.length) return NONE;
  const width = exits.reduce((sum, { width_m: metres }) => sum + metres, 0);
  const kinds = Object.entries(EXIT_KINDS).flatMap(([kind, word]) => {
    const count = exits.filter((exit) => exit.kind === kind).length;
    return count ? `${formatNumber(count)} ${word.toLowerCase()}` : [];
  });
  return `${formatNumber(width, 1)} m wide in all: ${kinds.join(", ")}`;
}

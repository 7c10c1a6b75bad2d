/**
 * The four texts of an action card, as they are shown and asked for.
 */

/** @typedef {import("../types.js").ActionCard} ActionCard */
/** @typedef {"hold_gate"|"open_route"|"pa_text"|"person_on_duty"} CardKey */

export const TEXT_MAX = 500;

/** @type {{key: CardKey, word: string, label: string, help: string}[]} */
export const CARD_TEXTS = [
  { key: "hold_gate", word: "Hold", label: "Hold a gate", help: "Which gate, and how: “Gate B, two stewards, let nobody in”." },
  { key: "open_route", word: "Open", label: "Open a way", help: "Which way out or around: “North path to the river”." },
  { key: "pa_text", word: "Announce", label: "Words for the loudspeakers", help: "Read out as they stand here." },
  { key: "person_on_duty", word: "On duty", label: "Person on duty", help: "Who decides here, and how to reach them: “Ida, radio channel 4”." },
];

/**
 * What is written on a card, in order; empty where nothing is.
 *
 * @param {Pick<ActionCard, CardKey>|null|undefined} card
 * @returns {{key: CardKey, word: string, text: string}[]}
 */
export function cardRows(card) {
  if (!card) return [];
  return CARD_TEXTS.flatMap(({ key, word }) => (card[key] ? [{ key, word, text: card[key] }] : []));
}

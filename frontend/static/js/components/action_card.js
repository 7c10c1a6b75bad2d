/**
 * What to do at a place: what is written on its action card, and what holding a gate would change.
 */
import { h } from "../dom.js";
import { formatAge, formatClock } from "../lib/format.js";
import { cardRows } from "../lib/action_card.js";
import { gateSentences } from "../lib/place_graph.js";

/** @typedef {import("../types.js").ActionCard} ActionCard */
/** @typedef {import("../types.js").PlaceForecast} PlaceForecast */

/**
 * @param {ActionCard|null|undefined} card
 * @returns {HTMLElement|null} null where nothing is written
 */
export function cardFacts(card) {
  const rows = cardRows(card);
  if (!rows.length) return null;
  return h("dl", { class: "card-facts" }, ...rows.map(({ key, word, text }) => h("div", { class: `card-facts__row${key === "pa_text" ? " card-facts__row--said" : ""}` }, h("dt", {}, word), h("dd", {}, key === "pa_text" ? `“${text}”` : text))));
}

/**
 * The gates that feed a place.
 *
 * @param {PlaceForecast} forecast
 * @returns {HTMLElement|null} null where no gate does
 */
export function gateList(forecast) {
  const { gates } = forecast;
  if (!gates.length) return null;
  return h(
    "ul",
    { class: "gates" },
    ...gates.map((gate) => h("li", { class: "gates__item" }, h("h4", { class: "gates__name" }, `${gate.name}, from ${gate.source_name}`), ...gateSentences(gate, forecast).map((text, index) => h("p", { class: index === 1 ? "gates__held" : "hint" }, text)))),
  );
}

/** "worked out at 14:03:07, 2 s ago". @param {PlaceForecast} forecast @param {number} [sinceS] since it came */
export function madeText({ at, age_s: ageS }, sinceS = 0) {
  return `worked out at ${formatClock(at)}, ${formatAge(ageS + sinceS)} ago`;
}

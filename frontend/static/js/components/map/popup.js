/**
 * What a pin says when it is opened: numbers with interval, source and age; where to go from here.
 */
import { simulatedTag } from "../badges.js";
import { h, icon, rebuild, setText } from "../../dom.js";
import { formatDensity } from "../../lib/format.js";
import { ageText, countSentence, densityView, isKnown, occupancyView, timeToFull } from "../../lib/location_words.js";
import { riskView, trustView } from "../../lib/risk.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */

/**
 * @param {Location} location
 * @param {{word: string, icon: string, act: () => void}[]} acts what an administrator can do with it here
 */
export function mountPopup(location, acts) {
  const risk = h("div", { class: "row-line" });
  const people = h("p", { class: "map-popup__people" });
  const facts = h("dl", { class: "facts" });
  const trust = h("p", { class: "hint" });
  const cameras = new Map([...location.areas, ...location.lines].map((one) => [one.camera_id, one.camera_name]));
  const links = [...cameras].map(([id, name]) => h("li", {}, h("a", { href: `/cameras/${id}` }, icon("bi-camera-video"), ` ${name}`)));
  const root = h(
    "div",
    { class: "map-popup", tabindex: -1, "aria-label": location.name },
    h("h3", { class: "map-popup__name" }, h("a", { href: `/locations/${location.id}` }, location.name)),
    risk,
    people,
    facts,
    trust,
    ...location.problems.map((problem) => h("p", { class: "hint" }, icon("bi-exclamation-triangle"), ` ${problem}`)),
    links.length ? h("ul", { class: "map-popup__cameras", "aria-label": "Its cameras" }, ...links) : null,
    acts.length ? h("div", { class: "form-actions" }, ...acts.map(({ word, icon: name, act }) => h("button", { class: "button button--small", type: "button", on: { click: act } }, icon(name), word))) : null,
  );

  /** @param {LocationNumbers} numbers @param {number|null} ageS @returns {[string, string][]} */
  function rows(numbers, ageS) {
    const occupancy = occupancyView(numbers);
    const density = densityView(numbers.density_level);
    const full = timeToFull(numbers);
    if (!isKnown(numbers)) return [["Age", ageText(numbers, ageS) || "no number yet"]];
    return [
      ["Occupancy", occupancy.text],
      ["Density level", `${density.word}${numbers.density_from ? `, by ${numbers.density_from}` : ""}`],
      ["Peak density", numbers.peak_density_per_m2 === null ? "not measured" : formatDensity(numbers.peak_density_per_m2)],
      ...(full ? [/** @type {[string, string]} */ (["Filling", full])] : []),
      ["Age", ageText(numbers, ageS)],
    ];
  }

  return {
    root,
    /** @param {LocationNumbers|null} numbers @param {number|null} ageS */
    update(numbers, ageS) {
      const view = riskView(numbers);
      rebuild(risk, `${view.key}${view.word}`, () => [h("span", { class: `risk risk--${view.key}` }, icon(view.icon), view.word), location.is_simulated && simulatedTag()]);
      setText(people, `People: ${lastKnown(numbers)}${countSentence(numbers)}`);
      const shown = numbers ? rows(numbers, ageS) : [];
      rebuild(facts, JSON.stringify(shown), () => shown.flatMap(([word, value]) => [h("dt", {}, word), h("dd", {}, value)]));
      const worth = numbers ? trustView(numbers.trust, numbers.trust_reason) : null;
      setText(trust, worth && worth.key !== "ok" ? `${worth.word}: ${worth.reason}` : "");
      trust.hidden = !trust.textContent;
    },
  };
}

/** @param {LocationNumbers|null} numbers */
const lastKnown = (numbers) => (numbers && numbers.current_count !== null && !isKnown(numbers) ? "last known " : "");

/** @param {LocationNumbers|null} numbers one line for the list */
export function listLine(numbers) {
  const occupancy = occupancyView(numbers);
  return `${lastKnown(numbers)}${countSentence(numbers)}${occupancy.share === null ? "" : `; ${occupancy.text}`}`;
}

/**
 * The big number of a location: interval, source, age, how full, when full, what it is worth.
 */
import { h, rebuild, setText } from "../../dom.js";
import { ageText, isKnown, locationCount, timeToFull, trendText } from "../../lib/location_words.js";
import { digitsOf } from "../../lib/quantities.js";
import { formatNumber } from "../../lib/format.js";
import { mountRisk, mountTrust } from "../badges.js";
import { causeList } from "../causes.js";
import { mountDensity, mountOccupancy } from "./fullness.js";

/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */

const DENSITY_FROM = { occupancy: "from the share of the capacity", density: "from the highest measured density" };

/** @param {string} name */
export function mountNow(name) {
  const risk = mountRisk({ large: true });
  const trust = mountTrust({ withReason: true });
  const density = mountDensity({ large: true });
  const occupancy = mountOccupancy(name);
  const figure = h("span", { class: "location__number" });
  const note = h("span", { class: "tile__interval" });
  const age = h("span", { class: "hint" });
  const full = h("span", { class: "location__full" });
  const facts = h("dl", { class: "facts" });
  const causes = h("div", {});
  const root = h(
    "div",
    { class: "location__now" },
    h("div", { class: "row-line row-line--spread" }, risk.root, density.root),
    h("div", {}, figure, " ", note),
    occupancy.bar,
    h("div", { class: "location__line" }, occupancy.text, full),
    h("div", { class: "row-line row-line--spread" }, trust.root, age),
    facts,
    causes,
  );

  /** @param {LocationNumbers} numbers @returns {[string, string][]} */
  function rows(numbers) {
    const peak = numbers.peak_density_per_m2;
    const from = numbers.density_from === "occupancy" || numbers.density_from === "density" ? DENSITY_FROM[numbers.density_from] : "";
    /** @type {[string, string][]} */
    const all = [
      ["Trend", numbers.capacity_limit === null && numbers.time_to_limit.inflow_per_s === null ? "" : trendText(numbers.time_to_limit)],
      ["Density level", numbers.density_level ? `${numbers.density_level}, ${from}` : "not known: it needs a capacity, or a calibrated camera"],
      ["Highest density", peak === null ? "not measured" : `${formatNumber(peak, digitsOf(peak))} people/m²`],
    ];
    return all.filter(([, text]) => text);
  }

  return {
    root,
    /** @param {LocationNumbers|null} numbers as they may be believed @param {number|null} ageS @param {number|null} capacity */
    update(numbers, ageS, capacity) {
      const known = isKnown(numbers);
      const view = locationCount(numbers);
      risk.update(/** @type {any} */ (numbers));
      trust.update(/** @type {any} */ (numbers));
      density.update(numbers);
      occupancy.update(numbers, capacity);
      setText(figure, view.figure);
      figure.classList.toggle("faint", !known);
      setText(note, known || !numbers || numbers.current_count === null ? view.note : `${view.note}: not to be relied on now`);
      setText(age, ageText(numbers, ageS));
      setText(full, timeToFull(numbers));
      const shown = numbers && known ? rows(numbers) : [];
      rebuild(facts, JSON.stringify(shown), () => shown.flatMap(([word, text]) => [h("dt", {}, word), h("dd", {}, text)]));
      const why = numbers && known ? numbers.causes : [];
      rebuild(causes, JSON.stringify(why), () => (why.length ? [causeList(why)] : []));
    },
  };
}

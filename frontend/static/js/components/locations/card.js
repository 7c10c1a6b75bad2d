/**
 * One location in the list: number with interval and source, how full, when full, what it is worth.
 */
import { h, icon, setText } from "../../dom.js";
import { ageText, isKnown, locationCount, timeToFull } from "../../lib/location_words.js";
import { riskView } from "../../lib/risk.js";
import { mountRisk, mountTrust, simulatedTag } from "../badges.js";
import { mountDensity, mountOccupancy } from "./fullness.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */

/** @param {Pick<Location, "is_simulated"|"is_sample">} location */
export function kindTags({ is_simulated: isDrawn, is_sample: isSample }) {
  return [
    isSample && h("span", { class: "tag", title: "Made for trying out" }, icon("bi-box"), "SAMPLE"),
    isDrawn && simulatedTag(),
  ];
}

/** @param {Location} location */
export function mountLocationCard(location) {
  const risk = mountRisk();
  const trust = mountTrust({ withReason: true });
  const density = mountDensity();
  const occupancy = mountOccupancy(location.name);
  const figure = h("div", { class: "tile__count" });
  const note = h("span", { class: "tile__interval" });
  const full = h("span", { class: "location__full" });
  const age = h("span", {});
  const problem = location.problems.length > 0 && h("span", { class: "tag tag--caution", title: location.problems.join(" ") }, icon("bi-exclamation-triangle"), "To correct");
  const root = h(
    "article",
    { "data-location": location.id },
    h(
      "div",
      { class: "tile__body" },
      h("h3", { class: "tile__name" }, h("a", { class: "tile__link", href: `/locations/${location.id}` }, location.name)),
      h("div", { class: "row-line" }, risk.root, ...kindTags(location), problem),
      h("div", { class: "location__figure" }, h("div", {}, figure, note), density.root),
      occupancy.bar,
      h("div", { class: "location__line" }, occupancy.text, full),
      h("div", { class: "tile__foot" }, trust.root, age),
    ),
  );
  return {
    root,
    /** @param {LocationNumbers|null} numbers as they may be believed @param {number|null} ageS */
    update(numbers, ageS) {
      const { figure: number, note: words } = locationCount(numbers);
      const known = isKnown(numbers);
      root.className = `tile location tile--${riskView(numbers).key}${location.is_simulated ? " tile--simulated" : ""}`;
      risk.update(/** @type {any} */ (numbers));
      trust.update(/** @type {any} */ (numbers));
      density.update(numbers);
      occupancy.update(numbers, location.capacity);
      setText(figure, number);
      figure.classList.toggle("faint", !known);
      setText(note, known || !numbers || numbers.current_count === null ? words : `${words}: not to be relied on now`);
      setText(full, timeToFull(numbers));
      setText(age, ageText(numbers, ageS));
    },
  };
}

/**
 * How full a location is: bar, per cent of its capacity, and the level as word, shape and colour.
 */
import { h, icon, rebuild, setProperties, setText } from "../../dom.js";
import { densityView, isKnown, occupancyView } from "../../lib/location_words.js";

/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */

/** @param {import("../../types.js").DensityLevel|null} level @param {{large?: boolean}} [options] */
export function densityMark(level, { large = false } = {}) {
  const view = densityView(level);
  return h("span", { class: `density density--${view.key}${large ? " density--large" : ""}` }, icon(view.icon), h("span", { class: "visually-hidden" }, "Density level: "), view.word);
}

/** @param {{large?: boolean}} [options] */
export function mountDensity({ large = false } = {}) {
  const root = h("span", {});
  return {
    root,
    /** @param {LocationNumbers|null} numbers as they may be believed */
    update(numbers) {
      const level = isKnown(numbers) ? (numbers?.density_level ?? null) : null;
      root.hidden = numbers === null;
      rebuild(root, String(level), () => [densityMark(level, { large })]);
    },
  };
}

/** @param {string} name of the location */
export function mountOccupancy(name) {
  const fill = h("div", { class: "meter__fill" });
  const bar = h("div", { class: "meter occupancy", role: "meter", "aria-label": `Occupancy of ${name}`, "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const text = h("span", {});
  return {
    bar,
    text,
    /** @param {LocationNumbers|null} numbers as they may be believed @param {number|null} capacity where there are none */
    update(numbers, capacity) {
      const { share, text: words, isOver } = occupancyView(numbers, capacity);
      const known = isKnown(numbers);
      const level = known && numbers?.density_level ? ` occupancy--${numbers.density_level.toLowerCase()}` : "";
      bar.hidden = (numbers ? numbers.capacity_limit : capacity) === null;
      bar.className = `meter occupancy${level}${isOver && known ? " occupancy--over" : ""}${known ? "" : " occupancy--old"}`;
      fill.style.width = `${100 * (share ?? 0)}%`;
      setProperties(bar, { "aria-valuenow": Math.round(100 * (share ?? 0)), "aria-valuetext": known ? words : `not known now, last ${words}` });
      setText(text, words);
      text.className = known ? "" : "faint";
    },
  };
}

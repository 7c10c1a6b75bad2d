/**
 * All zones and lines of the camera in their order: select, move up or down, delete.
 */
import { h, icon, rebuild, svg } from "../../dom.js";
import { formatNumber } from "../../lib/format.js";
import { problemsAt } from "../../lib/places_rules.js";
import { inWord, PROFILES } from "../../lib/places_words.js";

/** @typedef {import("../../lib/places.js").PlacesDraft} PlacesDraft */
/** @typedef {import("../../lib/places.js").ZoneDraft} ZoneDraft */
/** @typedef {import("../../lib/places.js").LineDraft} LineDraft */

/** The sign of a zone or a line in its own colour. @param {"zone"|"line"} kind @param {string} colour */
export function placeSign(kind, colour) {
  const shape = kind === "zone" ? svg("path", { d: "M2 4L14 2L13 13L4 14Z", fill: colour, "fill-opacity": 0.35 }) : svg("path", { d: "M2 14L14 2M9 7L13 11M13 11V8M13 11H10", fill: "none" });
  return svg("svg", { class: "place-sign", viewBox: "0 0 16 16", stroke: colour, "aria-hidden": "true" }, shape);
}

/** @param {ZoneDraft|LineDraft} place @param {[number, number]} wh */
function noteOf(place, wh) {
  if (!("corners" in place)) return `in: ${inWord(place, wh)}`;
  const limits = [place.count_limit && `at most ${place.count_limit} people`, place.density_limit_per_m2 && `at most ${place.density_limit_per_m2} people/m²`].filter(Boolean);
  return [PROFILES[place.profile].word, `${formatNumber(place.corners.length)} corners`, ...limits].join(", ");
}

/**
 * @param {object} does
 * @param {boolean} does.mayEdit
 * @param {(key: string) => void} does.choose
 * @param {(key: string, direction: 1|-1) => void} does.reorder
 * @param {(key: string) => void} does.remove
 */
export function mountListPanel(does) {
  const root = h("div", { class: "stack", "data-places": "", tabindex: -1, "aria-label": "Zones and lines", role: "group" });

  /** @param {string} name @param {string} act @param {string} word @param {() => void} click @param {boolean} [disabled] */
  const button = (name, act, word, click, disabled = false) =>
    h("button", { class: "button button--quiet button--small button--icon", type: "button", "data-act": act, "aria-label": word, title: word, disabled, on: { click } }, icon(name));

  /** @param {{place: ZoneDraft|LineDraft, kind: "zone"|"line", index: number, count: number, wh: [number, number], chosen: string|null, isWrong: boolean}} view */
  function item({ place, kind, index, count, wh, chosen, isWrong }) {
    const { key, name, colour } = place;
    const word = name || `${kind} without a name`;
    return h(
      "li",
      { class: "place-list__item", "data-key": key },
      h(
        "button",
        { class: "place-list__choose", type: "button", "data-act": "choose", "aria-pressed": String(key === chosen), on: { click: () => does.choose(key) } },
        placeSign(kind, colour),
        h("span", { class: "place-list__words" }, h("span", { class: "place-list__name" }, word), h("span", { class: "hint" }, noteOf(place, wh)), isWrong ? h("span", { class: "tag tag--bad" }, icon("bi-exclamation-triangle"), "To correct") : null),
      ),
      does.mayEdit
        ? h(
            "div",
            { class: "place-list__acts" },
            button("bi-arrow-up", "up", `Move ${word} up`, () => does.reorder(key, -1), index === 0),
            button("bi-arrow-down", "down", `Move ${word} down`, () => does.reorder(key, 1), index === count - 1),
            button("bi-trash", "remove", `Delete ${word}`, () => does.remove(key)),
          )
        : null,
    );
  }

  /** Where the keyboard stands in the list. @returns {{key: string, act: string}|null} */
  function standing() {
    const active = document.activeElement;
    const key = root.contains(active) ? active?.closest("[data-key]")?.getAttribute("data-key") : null;
    return key ? { key, act: active?.getAttribute("data-act") ?? "choose" } : null;
  }

  /** @param {{key: string, act: string}} at */
  function stand({ key, act }) {
    const of = (/** @type {string} */ name) => root.querySelector(`[data-key="${key}"] [data-act="${name}"]:not(:disabled)`);
    const node = of(act) ?? of("choose");
    if (node instanceof HTMLElement) node.focus();
  }

  return {
    root,
    /** Go on with the keyboard. @param {string|null} key null: with the list as a whole */
    focus: (key) => (key ? stand({ key, act: "choose" }) : root.focus()),
    /** @param {{draft: PlacesDraft, chosen: string|null, wh: [number, number], problems: import("../../lib/places_rules.js").Problem[]}} state */
    update({ draft, chosen, wh, problems }) {
      const at = standing();
      /** @param {"zone"|"line"} kind @param {(ZoneDraft|LineDraft)[]} list */
      const section = (kind, list) => [
        h("h3", {}, `${kind === "zone" ? "Zones" : "Lines"} (${formatNumber(list.length)})`),
        list.length
          ? h("ol", { class: "place-list" }, ...list.map((place, index) => item({ place, kind, index, count: list.length, wh, chosen, isWrong: problemsAt(problems, { kind, index }).texts.length > 0 })))
          : h("p", { class: "hint" }, kind === "zone" ? "None yet. People in a zone are counted, and how long they stay." : "None yet. People who cross a line are counted in and out."),
      ];
      rebuild(root, JSON.stringify([draft, chosen, wh, problems]), () => [...section("zone", draft.zones), ...section("line", draft.lines)]);
      if (at && document.activeElement === document.body) stand(at);
    },
  };
}

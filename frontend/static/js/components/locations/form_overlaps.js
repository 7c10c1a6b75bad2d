/**
 * Which areas show the same ground, in groups, so that nobody in it is counted twice.
 */
import { h, icon, rebuild, setText } from "../../dom.js";
import { keptOverlaps, overlapChoices, overlapProblem } from "../../lib/location_draft.js";
import { checkbox } from "../fields.js";

/** @typedef {import("../../lib/location_draft.js").LocationDraft} LocationDraft */
/** @typedef {import("../../lib/location_draft.js").Sight} Sight */

/**
 * @param {object} deps
 * @param {LocationDraft} deps.draft changed in place
 * @param {Sight[]} deps.sights
 */
export function mountOverlaps({ draft, sights }) {
  const list = h("div", { class: "stack stack--tight" });
  const error = h("span", { class: "field__error", role: "alert" });
  const add = h("button", { class: "button button--small", type: "button", on: { click: () => {
    draft.overlaps.push([]);
    update();
    list.lastElementChild?.querySelector("input")?.focus();
  } } }, icon("bi-plus-lg"), "Add a group");
  const root = h(
    "fieldset",
    { class: "fieldset" },
    h("legend", {}, "The same ground seen twice"),
    h("span", { class: "field__help" }, "Where pictures of two cameras overlap, people would be counted twice. Name what shows the same ground: its people are counted where most of them are seen."),
    list,
    h("div", {}, add),
    error,
  );
  /** @type {HTMLElement[]} */
  let wrongs = [];

  /** @param {string[]} group @param {number} index @param {{key: string, word: string}[]} choices */
  function groupRow(group, index, choices) {
    const wrong = h("span", { class: "field__error", role: "alert" });
    wrongs.push(wrong);
    const remove = () => {
      draft.overlaps.splice(index, 1);
      update();
      add.focus();
    };
    return h(
      "fieldset",
      { class: "overlap" },
      h("legend", { class: "visually-hidden" }, `Group ${index + 1}: these see the same ground`),
      h("div", { class: "row-line row-line--spread" }, h("span", { class: "field__label", "aria-hidden": "true" }, "These see the same ground"), h("button", { class: "button button--quiet button--small button--icon", type: "button", "aria-label": `Remove group ${index + 1}`, title: "Remove", on: { click: remove } }, icon("bi-trash"))),
      ...choices.map(({ key, word }) => {
        const { root: row, box } = checkbox(`overlap-${index}-${key}`, word, group.includes(key));
        box.addEventListener("change", () => {
          draft.overlaps[index] = choices.map((one) => one.key).filter((one) => (one === key ? box.checked : draft.overlaps[index]?.includes(one)));
          setText(wrong, "");
        });
        return row;
      }),
      wrong,
    );
  }

  /** After the areas have changed. */
  function update() {
    const choices = overlapChoices(draft, sights);
    const isPossible = new Set(choices.map(({ key }) => key.split(":")[0])).size > 1;
    root.hidden = !isPossible && !draft.overlaps.length;
    add.disabled = !isPossible;
    rebuild(list, JSON.stringify([choices, draft.overlaps]), () => {
      wrongs = [];
      return draft.overlaps.map((group, index) => groupRow(group, index, choices));
    });
  }
  update();

  return {
    root,
    update,
    /** Drop what is no area any more and say what is wrong. @returns {boolean} whether all is fine */
    check() {
      const choices = overlapChoices(draft, sights);
      draft.overlaps = keptOverlaps(draft.overlaps, choices).filter((group) => group.length);
      update();
      const problems = draft.overlaps.map(overlapProblem);
      problems.forEach((text, index) => wrongs[index] && setText(wrongs[index], text));
      return problems.every((text) => !text);
    },
    /** @param {Map<number, string>} byGroup @param {string} rest */
    setErrors(byGroup, rest) {
      wrongs.forEach((wrong, index) => setText(wrong, byGroup.get(index) ?? ""));
      setText(error, rest);
    },
  };
}

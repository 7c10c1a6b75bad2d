/**
 * The ways out of a place, a row each: clear width and what it leads over.
 */
import { h, icon } from "../dom.js";
import { EXIT_KINDS, readExits } from "../lib/exits.js";
import { select } from "./fields.js";

/** @typedef {import("../types.js").Exit} Exit */

const MOST_EXITS = 50;

/** @param {Exit[]} given */
export function exitsField(given) {
  /** @type {{root: HTMLElement, width: HTMLInputElement, kind: HTMLSelectElement, error: HTMLElement}[]} */
  let rows = [];
  const list = h("div", { class: "stack stack--tight" });
  const error = h("span", { class: "field__error", role: "alert" });
  const add = h("button", { class: "button button--small", type: "button", on: { click: () => addRow(null).width.focus() } }, icon("bi-plus-lg"), "Add an exit");

  /** @param {Exit|null} exit */
  function addRow(exit) {
    const number = rows.length + 1;
    const width = h("input", { class: "field__input", type: "text", inputmode: "decimal", autocomplete: "off", placeholder: "Width in m", value: exit ? String(exit.width_m) : "", "aria-label": `Clear width of exit ${number} in metres` });
    const kind = select(EXIT_KINDS, exit?.kind ?? "level");
    kind.classList.add("field__input");
    kind.setAttribute("aria-label", `Exit ${number} leads`);
    const wrong = h("span", { class: "field__error" });
    const remove = h("button", { class: "button button--quiet button--icon", type: "button", "aria-label": `Remove exit ${number}` }, icon("bi-trash"));
    const root = h("div", {}, h("div", { class: "exit-row" }, width, h("span", { class: "field__unit" }, "m"), kind, remove), wrong);
    const row = { root, width, kind, error: wrong };
    remove.addEventListener("click", () => {
      rows = rows.filter((one) => one !== row);
      root.remove();
      add.disabled = false;
    });
    rows.push(row);
    list.append(root);
    add.disabled = rows.length >= MOST_EXITS;
    return row;
  }
  for (const exit of given) addRow(exit);

  return {
    root: h(
      "fieldset",
      { class: "field", "data-field": "exits" },
      h("legend", { class: "field__label" }, "Exits", h("span", { class: "field__unit" }, " (clear width in m)")),
      h("span", { class: "field__help" }, "They give the time to clear the place: 82 people a minute per metre of width on the level, 66 over stairs, or the measured flow."),
      list,
      h("div", {}, add),
      error,
    ),
    /** @returns {Exit[]|null} null after showing what is wrong */
    read() {
      const { exits, problems } = readExits(rows.map(({ width, kind }) => ({ width: width.value, kind: /** @type {Exit["kind"]} */ (kind.value) })));
      rows.forEach((row, index) => {
        row.error.textContent = problems.get(index) ?? "";
      });
      return problems.size ? null : exits;
    },
    /** @param {string} text the server's objection */
    setError(text) {
      error.textContent = text;
    },
  };
}

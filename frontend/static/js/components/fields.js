/**
 * Labelled form fields with help, unit and a place for the server's objection.
 */
import { ApiError } from "../api/errors.js";
import { h, setProperties } from "../dom.js";
import { notice } from "./state.js";

let counter = 0;

/**
 * @param {object} view
 * @param {string} view.name
 * @param {string} view.label
 * @param {string} [view.unit]
 * @param {string} [view.help]
 * @param {HTMLInputElement|HTMLSelectElement|HTMLTextAreaElement} [view.input]
 * @param {Record<string, any>} [view.attributes]
 */
export function field({ name, label, unit = "", help = "", input, attributes = {} }) {
  counter += 1;
  const id = `field-${counter}`;
  const control = input ?? h("input", { type: "text" });
  control.classList.add("field__input");
  setProperties(control, { id, name, "aria-describedby": `${id}-help ${id}-error`, ...attributes });
  const helpLine = h("span", { class: "field__help", id: `${id}-help` }, help);
  const errorLine = h("span", { class: "field__error", id: `${id}-error`, role: "alert" });
  const labelText = h("span", {}, label);
  const root = h(
    "div",
    { class: "field", "data-field": name },
    h("label", { class: "field__label", for: id }, labelText, unit && h("span", { class: "field__unit" }, ` (${unit})`)),
    control,
    helpLine,
    errorLine,
  );
  return {
    root,
    control,
    get value() {
      return control.value;
    },
    set value(text) {
      control.value = text;
    },
    /** @param {string} text "" clears it */
    setError(text) {
      errorLine.textContent = text;
      setProperties(control, { "aria-invalid": text ? "true" : null });
    },
    /** @param {{label: string, help: string, placeholder: string}} words */
    setWords(words) {
      labelText.textContent = words.label;
      helpLine.textContent = words.help;
      setProperties(control, { placeholder: words.placeholder });
    },
  };
}

/** @typedef {ReturnType<typeof field>} Field */

/**
 * @param {string} name
 * @param {string} label
 * @param {boolean} checked
 */
export function checkbox(name, label, checked) {
  const box = h("input", { type: "checkbox", class: "check__box", name, checked });
  return { root: h("label", { class: "check" }, box, h("span", {}, label)), box };
}

/**
 * @param {Record<string, string>} choices value: word
 * @param {string} [chosen]
 */
export function select(choices, chosen = "") {
  return h(
    "select",
    {},
    ...Object.entries(choices).map(([value, word]) => h("option", { value, selected: value === chosen }, word)),
  );
}

/**
 * Put a refusal where it belongs: beside its fields, else at the top of the form.
 *
 * @param {unknown} error
 * @param {Field[]} fields
 * @param {HTMLElement} place for what belongs to no field
 */
export function showFormError(error, fields, place) {
  let placed = false;
  for (const one of fields) {
    const text = error instanceof ApiError ? error.forField(one.control.name) : "";
    one.setError(text);
    if (text && !placed) one.control.focus();
    placed ||= text !== "";
  }
  const message = error instanceof Error ? error.message : String(error);
  place.replaceChildren(...(placed ? [] : [notice("bad", message)]));
}

/** @param {Field[]} fields @param {HTMLElement} place */
export function clearFormError(fields, place) {
  for (const one of fields) one.setError("");
  place.replaceChildren();
}

/**
 * Run a submit once at a time, with its button showing that it runs.
 *
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} work
 */
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button")];
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } finally {
      form.removeAttribute("aria-busy");
      for (const button of buttons) button.disabled = false;
    }
  });
}

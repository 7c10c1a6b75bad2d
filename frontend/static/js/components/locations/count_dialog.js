/**
 * Say how many people are in a location: a number of its own, or what the lines' balance is to
 * begin anew from.
 */
import { h } from "../../dom.js";
import { optionalWhole } from "../../lib/source_types.js";
import { openDialog } from "../dialog.js";
import { clearFormError, field, onSubmit, showFormError } from "../fields.js";
import { toast } from "../toast.js";

/** @typedef {import("../../types.js").Location} Location */

const KINDS = {
  count: { title: "Enter a count", path: "update-count", word: "Enter", done: "The count is entered." },
  correction: { title: "Correct the balance", path: "correct-balance", word: "Correct", done: "The balance is corrected." },
};

/** @param {Location} location @param {keyof typeof KINDS} kind */
function explain({ entry_valid_s: validS, name }, kind) {
  if (kind === "correction") return `How many people are in ${name} now? The counting lines go on from this number.`;
  return `How many people are in ${name} now? The number counts for ${Math.round(validS / 60)} minutes.`;
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {Location} deps.location
 * @param {keyof typeof KINDS} deps.kind
 * @param {(numbers: import("../../types.js").LocationNumbers|null) => void} deps.onSaved
 */
export function openCountDialog({ api, location, kind, onSaved }) {
  const { title, path, word, done } = KINDS[kind];
  const count = field({ name: "count", label: "People", attributes: { inputmode: "numeric", autocomplete: "off", required: true, autofocus: true } });
  const note = field({ name: "note", label: "Note (optional)", attributes: { maxlength: 500, autocomplete: "off" } });
  const answer = h("div", { class: "stack" });
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    h("p", { class: "hint" }, explain(location, kind)),
    count.root,
    note.root,
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, word)),
  );
  const dialog = openDialog({ title, body: [form] });
  onSubmit(form, async () => {
    clearFormError([count, note], answer);
    const people = optionalWhole(count.value);
    if (people === null || people === undefined) {
      count.setError("A whole number of people, 0 for nobody.");
      count.control.focus();
      return;
    }
    try {
      const { numbers, note: why } = await api.post(`/api/locations/${location.id}/${path}`, { count: people, note: note.value.trim() });
      dialog.close();
      toast(why ? "note" : "good", why ? `${done} ${why}` : done);
      onSaved(numbers);
    } catch (error) {
      showFormError(error, [count, note], answer);
    }
  });
}

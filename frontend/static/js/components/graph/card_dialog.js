/**
 * Write the action card of a place.
 */
import { h } from "../../dom.js";
import { CARD_TEXTS, TEXT_MAX } from "../../lib/action_card.js";
import { clearFormError, field, onSubmit, showFormError } from "../fields.js";
import { openDialog } from "../dialog.js";

/** @typedef {import("../../types.js").ActionCard} ActionCard */

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {string} deps.url
 * @param {string} deps.name of the place
 * @param {ActionCard} deps.card
 * @param {(card: ActionCard) => void} deps.onSaved
 */
export function openCardDialog({ api, url, name, card, onSaved }) {
  const fields = CARD_TEXTS.map(({ key, label, help }) => field({ name: key, label, help, input: h("textarea", { rows: 2 }), attributes: { maxlength: TEXT_MAX, value: card[key] } }));
  const answer = h("div");
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    h("p", { class: "hint" }, "It is shown with every alert of this place, and sent with its notifications. Leave empty what does not apply."),
    ...fields.map(({ root }) => root),
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Save the card")),
  );
  const dialog = openDialog({ title: `What to do at ${name}`, body: [form] });
  onSubmit(form, async () => {
    clearFormError(fields, answer);
    try {
      const saved = await api.put(url, Object.fromEntries(fields.map((one) => [one.control.name, one.value])));
      dialog.close();
      onSaved(saved);
    } catch (error) {
      showFormError(error, fields, answer);
    }
  });
  fields[0]?.control.focus();
}

/**
 * Changing one's own password, on the profile and at the first log-in.
 */
import { h } from "../dom.js";
import { clearFormError, field, onSubmit, showFormError } from "./fields.js";

const SHORTEST = 10;

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {string} deps.word on the button
 * @param {() => void} deps.onDone
 */
export function passwordForm({ api, word, onDone }) {
  /** @param {string} name @param {string} label @param {string} autocomplete @param {string} [help] */
  const make = (name, label, autocomplete, help = "") =>
    field({ name, label, help, input: h("input", { type: "password" }), attributes: { autocomplete, required: true } });
  const current = make("current_password", "Current password", "current-password");
  const fresh = make("new_password", "New password", "new-password", `At least ${SHORTEST} characters. A sentence is easier to remember than a riddle.`);
  const again = make("repeat_password", "New password again", "new-password");
  const fields = [current, fresh, again];
  const answer = h("div");
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    ...fields.map(({ root }) => root),
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, word)),
  );
  onSubmit(form, async () => {
    clearFormError(fields, answer);
    if (!current.value) return current.setError("Type the password you logged in with.");
    if (fresh.value.length < SHORTEST) return fresh.setError(`At least ${SHORTEST} characters.`);
    if (fresh.value !== again.value) return again.setError("The two are not the same.");
    try {
      await api.patch("/api/auth/me", { current_password: current.value, new_password: fresh.value });
      form.reset();
      onDone();
    } catch (error) {
      showFormError(error, fields, answer);
    }
    return undefined;
  });
  return form;
}

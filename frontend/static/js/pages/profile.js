/**
 * One's own account: what is known about its owner, and the password.
 */
import { clearFormError, field, onSubmit, showFormError } from "../components/fields.js";
import { passwordForm } from "../components/password_form.js";
import { fill } from "../components/state.js";
import { toast } from "../components/toast.js";
import { h } from "../dom.js";
import { formatDateTime } from "../lib/format.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").User} User */

startPage(async ({ root, api, signal }) => {
  /** @param {User} me */
  function build(me) {
    /** @param {"email"|"date_of_birth"|"place"|"gender"} name @param {string} label @param {string} type @param {string} autocomplete */
    const make = (name, label, type, autocomplete) =>
      field({ name, label, input: h("input", { type }), attributes: { autocomplete, value: me[name] ?? "" } });
    const fields = [
      make("email", "E-mail", "email", "email"),
      make("date_of_birth", "Date of birth", "date", "bday"),
      make("place", "Place", "text", "address-level2"),
      make("gender", "Gender", "text", "sex"),
    ];
    const answer = h("div");
    const form = h(
      "form",
      { class: "stack", novalidate: true },
      h("div", { class: "form-grid" }, ...fields.map((one) => one.root)),
      answer,
      h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Save"), h("span", { class: "hint" }, "All of this is optional.")),
    );
    onSubmit(form, async () => {
      clearFormError(fields, answer);
      try {
        await api.patch("/api/auth/me", Object.fromEntries(fields.map((one) => [one.control.name, one.value.trim() || null])));
        toast("good", "Saved.");
      } catch (error) {
        showFormError(error, fields, answer);
      }
    });
    const facts = [
      ["User name", me.username],
      ["Role", me.role],
      ["Account since", formatDateTime(me.created_at)],
      ["Last log-in", formatDateTime(me.last_login_at)],
      ["Times are shown in", Intl.DateTimeFormat().resolvedOptions().timeZone],
    ].flatMap(([word, value]) => [h("dt", {}, word), h("dd", {}, value)]);
    return h(
      "div",
      { class: "stack form-narrow" },
      panel("Account", [h("dl", { class: "facts" }, ...facts)]),
      panel("About you", [form]),
      panel("Password", [
        passwordForm({ api, word: "Change password", onDone: () => toast("good", "The password is changed. All your other log-ins have ended.") }),
      ]),
    );
  }
  const place = h("div");
  root.replaceChildren(place);
  await fill(place, () => api.get("/api/auth/me", { signal }), build);
});

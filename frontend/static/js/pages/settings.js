/**
 * Live settings: value, unit, range, default and effect; secrets can be set, never read.
 */
import { checkbox, field, onSubmit, showFormError } from "../components/fields.js";
import { fill, notice } from "../components/state.js";
import { toast } from "../components/toast.js";
import { h, icon } from "../dom.js";
import { formatDateTime, readableUnit } from "../lib/format.js";
import { hasRole } from "../lib/permissions.js";
import { readSetting, settingGroups, settingHelp } from "../lib/settings.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Setting} Setting */

/** @param {Setting} setting @param {boolean} mayEdit */
function mountSetting(setting, mayEdit) {
  const changed = setting.changed_at ? ` Changed ${formatDateTime(setting.changed_at)}${setting.changed_by ? ` by ${setting.changed_by}` : ""}.` : "";
  if (setting.kind === "boolean") {
    const { root, box } = checkbox(setting.key, setting.title, setting.value === true);
    box.disabled = !mayEdit;
    return { setting, root: h("div", { class: "field" }, root, h("span", { class: "field__help" }, settingHelp(setting) + changed)), field: null, read: () => box.checked };
  }
  const isSecret = setting.kind === "secret";
  const one = field({
    name: setting.key,
    label: setting.title,
    unit: readableUnit(setting.unit),
    help: settingHelp(setting) + changed,
    input: h("input", { type: isSecret ? "password" : "text" }),
    attributes: {
      value: isSecret || setting.value === null ? "" : String(setting.value),
      placeholder: isSecret ? (setting.is_set ? "set, hidden" : "not set") : null,
      autocomplete: isSecret ? "new-password" : "off",
      inputmode: ["number", "integer"].includes(setting.kind) ? "decimal" : null,
      disabled: !mayEdit,
    },
  });
  return { setting, root: one.root, field: one, read: () => one.value };
}

startPage(async ({ root, user, api, signal }) => {
  const mayEdit = hasRole(user, "admin");

  /** @param {{items: Setting[]}} answer */
  function build({ items }) {
    const mounted = items.map((setting) => mountSetting(setting, mayEdit));
    const fields = mounted.flatMap(({ field: one }) => (one ? [one] : []));
    const answer = h("div", { class: "stack" });
    const groups = settingGroups(items).map(({ title, keys }) => {
      const isTelegram = keys.some((key) => key.startsWith("telegram"));
      return panel(title, [
        h("div", { class: "form-grid" }, ...mounted.filter(({ setting }) => keys.includes(setting.key)).map((one) => one.root)),
        isTelegram && mayEdit && telegramTest(items),
      ]);
    });
    const form = h(
      "form",
      { class: "stack", novalidate: true },
      mayEdit ? null : notice("note", "Only administrators change settings."),
      ...groups,
      answer,
      mayEdit && h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Save changes"), h("span", { class: "hint" }, "Changes act at once, on running cameras too.")),
    );
    onSubmit(form, async () => {
      /** @type {Record<string, unknown>} */
      const changes = {};
      let fine = true;
      for (const { setting, field: one, read } of mounted) {
        const { value, problem, isChanged } = readSetting(setting, read());
        one?.setError(problem);
        fine &&= !problem;
        if (isChanged && !problem) changes[setting.key] = value;
      }
      if (!fine) return;
      if (!Object.keys(changes).length) return void toast("note", "Nothing was changed.");
      try {
        await api.put("/api/settings/", changes);
        toast("good", "Saved.");
        await show();
      } catch (error) {
        showFormError(error, fields, answer);
      }
    });
    return form;
  }

  /** @param {Setting[]} items */
  function telegramTest(items) {
    const place = h("div");
    const isSet = items.some(({ key, is_set: set }) => key === "telegram_bot_token" && set);
    const button = h("button", { class: "button", type: "button", disabled: !isSet }, icon("bi-send"), "Send a test message");
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const answer = await api.post("/api/settings/telegram/test", undefined, { timeoutMs: 40_000 });
        place.replaceChildren(answer?.ok === false ? notice("bad", answer.message) : notice("good", answer?.message || "Sent. Look into the chat."));
      } catch (error) {
        showFormError(error, [], place);
      }
      button.disabled = false;
    });
    return h("div", { class: "stack stack--tight" }, h("div", { class: "form-actions" }, button, h("span", { class: "hint" }, isSet ? "Save first: the test uses the stored token." : "Store a bot token and a chat first.")), place);
  }

  const place = h("div");
  root.replaceChildren(place);
  const show = () => fill(place, () => api.get("/api/settings/", { signal }), build);
  await show();
});

/**
 * Accounts, for administrators: add, change role, switch off, set a new password, delete.
 */
import { confirmDialog, openDialog } from "../components/dialog.js";
import { checkbox, clearFormError, field, onSubmit, select, showFormError } from "../components/fields.js";
import { mountPagedList } from "../components/paged_list.js";
import { emptyState } from "../components/state.js";
import { toast, toastError } from "../components/toast.js";
import { h, icon } from "../dom.js";
import { formatDateTime } from "../lib/format.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").User} User */

const ROLES = {
  viewer: "Viewer: looks",
  operator: "Operator: acknowledges, starts and stops, uploads",
  admin: "Administrator: everything",
};

/**
 * @param {import("../api/client.js").Api} api
 * @param {User|null} user null to add one
 * @param {boolean} isSelf
 * @param {() => void} onDone
 */
function userForm(api, user, isSelf, onDone) {
  const username = field({ name: "username", label: "User name", help: "2 to 64 characters: a–z, 0–9 and . _ @ -", attributes: { autocomplete: "off", value: user?.username ?? "", disabled: user !== null } });
  const role = field({ name: "role", label: "Role", input: select(ROLES, user?.role ?? "viewer"), attributes: { disabled: isSelf } });
  const email = field({ name: "email", label: "E-mail", input: h("input", { type: "email" }), attributes: { autocomplete: "off", value: user?.email ?? "" } });
  const password = field({
    name: "password",
    label: user ? "New password" : "First password",
    help: `At least 10 characters; it must be changed at the next log-in.${user ? " Leave empty to keep the old one." : ""}`,
    input: h("input", { type: "password" }),
    attributes: { autocomplete: "new-password" },
  });
  const active = checkbox("is_active", "May log in", user?.is_active ?? true);
  active.box.disabled = isSelf;
  const fields = [username, role, email, password];
  const answer = h("div");
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    ...fields.map(({ root }) => root),
    user && active.root,
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, user ? "Save" : "Add user")),
  );
  onSubmit(form, async () => {
    clearFormError(fields, answer);
    const common = { email: email.value.trim() || null, ...(password.value ? { password: password.value } : {}) };
    const settled = isSelf ? {} : { role: role.value, is_active: active.box.checked };
    try {
      if (user) await api.put(`/api/users/${user.id}`, { ...common, ...settled });
      else await api.post("/api/users/", { ...common, role: role.value, username: username.value.trim(), password: password.value });
      toast("good", user ? "Saved." : "The account is ready.");
      onDone();
    } catch (error) {
      showFormError(error, fields, answer);
    }
  });
  return form;
}

startPage(async ({ root, actions, user: me, api, signal }) => {
  /** @param {User|null} user */
  function openForm(user) {
    const form = userForm(api, user, user?.id === me.id, () => {
      dialog.close();
      void list.reload();
    });
    const dialog = openDialog({ title: user ? `Change ${user.username}` : "Add a user", body: [form] });
  }

  /** @param {User} user */
  async function remove(user) {
    const sure = await confirmDialog({ title: `Delete ${user.username}?`, text: "The account and its log-ins end at once. What it did stays in the records.", word: "Delete" });
    if (!sure) return;
    try {
      await api.delete(`/api/users/${user.id}`);
      toast("good", `${user.username} is deleted.`);
      await list.reload();
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {User} user */
  const row = (user) =>
    h(
      "tr",
      {},
      h("td", { "data-label": "User" }, h("strong", {}, user.username), user.id === me.id ? " (you)" : "", user.email ? h("div", { class: "hint" }, user.email) : null),
      h("td", { "data-label": "Role" }, user.role),
      h("td", { "data-label": "State" }, h("span", { class: `tag ${user.is_active ? "tag--live" : "tag--bad"}` }, user.is_active ? "active" : "switched off"), user.must_change_password ? h("div", { class: "hint" }, "must change the password") : null),
      h("td", { "data-label": "Last log-in" }, formatDateTime(user.last_login_at)),
      h(
        "td",
        { class: "table-list__actions" },
        h(
          "div",
          {},
          h("button", { class: "button button--small", type: "button", on: { click: () => openForm(user) } }, icon("bi-pencil"), "Change"),
          user.id !== me.id && h("button", { class: "button button--small button--icon", type: "button", "aria-label": `Delete ${user.username}`, on: { click: () => void remove(user) } }, icon("bi-trash")),
        ),
      ),
    );

  const list = mountPagedList({
    load: (page) => api.get(`/api/users/?page=${page}&per_page=50`, { signal }),
    build: (/** @type {User[]} */ items) =>
      h(
        "table",
        { class: "table-list" },
        h("thead", {}, h("tr", {}, ...["User", "Role", "State", "Last log-in"].map((word) => h("th", { scope: "col" }, word)), h("th", {}, h("span", { class: "visually-hidden" }, "Actions")))),
        h("tbody", {}, ...items.map(row)),
      ),
    empty: () => emptyState({ icon: "bi-people", title: "No accounts" }),
  });
  actions.append(h("button", { class: "button button--primary", type: "button", on: { click: () => openForm(null) } }, icon("bi-plus-lg"), "Add user"));
  root.replaceChildren(panel("Accounts", [list.root], { flush: true }));
  await list.show(1);
});

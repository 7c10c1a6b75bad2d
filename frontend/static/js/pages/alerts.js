/**
 * All incidents: filter, look into one, acknowledge, resolve.
 */
import { withQuery } from "../api/client.js";
import { openAlertDetail } from "../components/alert_detail.js";
import { alertItem, settleAlert } from "../components/alert_item.js";
import { field, select } from "../components/fields.js";
import { mountPagedList } from "../components/paged_list.js";
import { emptyState } from "../components/state.js";
import { h, keepFocus } from "../dom.js";
import { maySettleAlerts } from "../lib/permissions.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Alert} Alert */

const PER_PAGE = 25;

startPage(async ({ root, user, api, socket, signal }) => {
  const mayAct = maySettleAlerts(user);
  const query = new URLSearchParams(location.search);
  const filters = {
    status: field({ name: "status", label: "Status", input: select({ "": "All", ACTIVE: "Active", ACKNOWLEDGED: "Acknowledged", RESOLVED: "Resolved" }, query.get("status") ?? "") }),
    level: field({ name: "level", label: "Level", input: select({ "": "All", CRITICAL: "Critical", WARNING: "Warning", CAUTION: "Caution", SAFE: "Safe" }, query.get("level") ?? "") }),
    camera_id: field({ name: "camera_id", label: "Camera", input: select({ "": "All" }) }),
    location: field({ name: "location", label: "Location", input: select({ "": "All" }) }),
  };

  const values = () => Object.fromEntries(Object.entries(filters).map(([name, one]) => [name, one.value]));
  const list = mountPagedList({
    load: (page) => api.get(withQuery("/api/alerts/", { ...values(), page, per_page: PER_PAGE }), { signal }),
    build: (/** @type {Alert[]} */ items) =>
      h("ul", { class: "feed feed--whole" }, ...items.map((alert) => alertItem(alert, { api, mayAct, onChanged: () => void list.reload(), onOpen: open }))),
    empty: () =>
      emptyState({
        icon: "bi-bell-slash",
        title: "No alerts",
        text: Object.values(values()).some(Boolean) ? "None matches this filter." : "Nothing has been raised so far.",
      }),
  });

  /** @param {{id: number}} alert */
  function open({ id }) {
    const dialog = openAlertDetail(api, id, (alert) => {
      if (!mayAct || alert.status === "RESOLVED") return h("div");
      /** @param {"acknowledge"|"resolve"} what @param {string} word */
      const button = (what, word) =>
        h(
          "button",
          {
            class: `button${what === "acknowledge" ? " button--primary" : ""}`,
            type: "button",
            on: {
              click: async () => {
                if (!(await settleAlert(api, alert, what))) return;
                dialog.close();
                await list.reload();
              },
            },
          },
          word,
        );
      return h("div", { class: "form-actions" }, alert.status === "ACTIVE" && button("acknowledge", "Acknowledge"), button("resolve", "Resolve"));
    });
  }

  const form = h(
    "form",
    {
      class: "filters",
      on: {
        change: () => {
          history.replaceState(null, "", withQuery("/alerts", values()));
          void list.show(1);
        },
        submit: (/** @type {Event} */ event) => event.preventDefault(),
      },
    },
    ...Object.values(filters).map((one) => one.root),
  );
  root.replaceChildren(h("div", { class: "stack" }, form, panel("Alerts", [list.root], { flush: true })));

  /** @param {"camera_id"|"location"} name @param {string} url */
  function offer(name, url) {
    api.get(url, { signal }).then(
      ({ items }) => {
        const wanted = query.get(name) ?? "";
        for (const one of /** @type {{id: number, name: string}[]} */ (items)) {
          filters[name].control.append(h("option", { value: one.id, selected: String(one.id) === wanted }, one.name));
        }
        if (wanted) void list.show(1);
      },
      () => undefined, // the filter stays at "All"; the list itself reports what is wrong
    );
  }
  offer("camera_id", "/api/cameras/?per_page=500");
  offer("location", "/api/locations/");
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let soon;
  socket.on("alert", () => {
    clearTimeout(soon);
    soon = setTimeout(() => void reloadKeepingFocus(), 500);
  });
  async function reloadKeepingFocus() {
    if (document.querySelector("dialog[open]")) return;
    if (list.root.contains(document.activeElement)) keepFocus(list.root, () => undefined);
    await list.reload();
  }
  await list.show(1);
  const wanted = Number(query.get("alert"));
  if (wanted) open({ id: wanted });
});

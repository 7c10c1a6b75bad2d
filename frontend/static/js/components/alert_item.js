/**
 * One alert in a list, with what the viewer may do about it.
 */
import { h, icon } from "../dom.js";
import { formatAge, formatDateTime } from "../lib/format.js";
import { levelView } from "../lib/risk.js";
import { levelBadge, originTag } from "./badges.js";
import { noteDialog } from "./dialog.js";
import { toast, toastError } from "./toast.js";

/** @typedef {import("../types.js").Alert} Alert */

export const STATUS_WORDS = { ACTIVE: "Active", ACKNOWLEDGED: "Acknowledged", RESOLVED: "Resolved" };

/**
 * The place as people call it; a location leads to its page.
 * @param {Alert} alert
 */
export function placeLink({ location_id: id, place_name: name }) {
  return id != null ? h("a", { href: `/locations/${id}` }, name) : name;
}

/**
 * @param {import("../api/client.js").Api} api
 * @param {Alert} alert
 * @param {"acknowledge"|"resolve"} what
 * @returns {Promise<Alert|null>} the alert afterwards, null when the person thought better of it
 */
export async function settleAlert(api, alert, what) {
  const words = what === "acknowledge"
    ? { title: "Acknowledge alert", word: "Acknowledge", text: `You take care of: ${alert.place_name}, ${alert.message}` }
    : { title: "Resolve alert", word: "Resolve", text: `Close the incident at ${alert.place_name}. It opens again if the cause is still there.` };
  const note = await noteDialog(words);
  if (note === null) return null;
  try {
    const after = await api.post(`/api/alerts/${alert.id}/${what}`, { note });
    toast("good", `Alert ${STATUS_WORDS[/** @type {Alert["status"]} */ (after?.status)]?.toLowerCase() ?? "updated"}.`);
    return after;
  } catch (error) {
    toastError(error);
    return null;
  }
}

/**
 * @param {Alert} alert
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {boolean} deps.mayAct
 * @param {(alert: Alert) => void} deps.onChanged
 * @param {(alert: Alert) => void} [deps.onOpen]
 */
export function alertItem(alert, { api, mayAct, onChanged, onOpen }) {
  /** @param {"acknowledge"|"resolve"} what */
  const act = async (what) => {
    const after = await settleAlert(api, alert, what);
    if (after) onChanged(after);
  };
  const ageS = (Date.now() - Date.parse(alert.opened_at)) / 1000;
  return h(
    "li",
    {
      class: `alert-item alert-item--${levelView(alert.level).key}${alert.status === "RESOLVED" ? " alert-item--done" : ""}`,
      "data-alert": alert.id,
    },
    h(
      "div",
      { class: "row-line row-line--spread" },
      h("span", { class: "alert-item__place grow" }, placeLink(alert)),
      levelBadge(alert.level),
    ),
    h("p", { class: "alert-item__text" }, alert.message),
    h(
      "div",
      { class: "alert-item__meta" },
      originTag(alert.origin),
      h("span", {}, STATUS_WORDS[alert.status]),
      h("time", { datetime: alert.opened_at, title: formatDateTime(alert.opened_at) }, `${formatAge(ageS)} ago`),
      alert.acknowledged_by && h("span", {}, `by ${alert.acknowledged_by}`),
    ),
    h(
      "div",
      { class: "row-line" },
      mayAct && alert.status === "ACTIVE" &&
        h("button", { class: "button button--small button--primary", type: "button", on: { click: () => act("acknowledge") } }, icon("bi-check2"), "Acknowledge"),
      mayAct && onOpen && alert.status !== "RESOLVED" &&
        h("button", { class: "button button--small", type: "button", on: { click: () => act("resolve") } }, "Resolve"),
      onOpen
        ? h("button", { class: "button button--small button--quiet", type: "button", on: { click: () => onOpen(alert) } }, "Details")
        : h("a", { class: "button button--small button--quiet", href: `/alerts?alert=${alert.id}` }, "Details"),
    ),
  );
}

/**
 * One incident: picture, causes with limits, timeline and receipts of the notifications.
 */
import { cardFacts, gateList, madeText } from "./action_card.js";
import { h, icon } from "../dom.js";
import { formatDateTime, formatDensity, formatNumber } from "../lib/format.js";
import { levelBadge, mountTrust, originTag } from "./badges.js";
import { causeList } from "./causes.js";
import { openDialog } from "./dialog.js";
import { STATUS_WORDS, placeLink } from "./alert_item.js";
import { limitText } from "../lib/location_words.js";
import { eventText } from "../lib/timeline.js";
import { fill } from "./state.js";

/** @typedef {import("../types.js").Alert} Alert */

/** @param {string} kind */
const sentence = (kind) => (kind.charAt(0).toUpperCase() + kind.slice(1)).replaceAll("_", " ");


/** @param {Alert} alert */
function timeline(alert) {
  return h(
    "ol",
    { class: "timeline" },
    ...(alert.events ?? []).map((event) =>
      h(
        "li",
        { class: "timeline__item" },
        h("div", {}, h("strong", {}, sentence(event.kind)), event.username ? ` by ${event.username}` : ""),
        h("div", {}, eventText(event.detail)),
        h("time", { class: "timeline__when", datetime: event.at }, formatDateTime(event.at)),
      ),
    ),
  );
}

/** @param {Alert} alert */
function receipts(alert) {
  const rows = alert.deliveries ?? [];
  if (!rows.length) {
    return h("p", { class: "hint" }, alert.origin === "LIVE" ? "No notification was to be sent." : "Incidents from recordings, simulations and drills are not sent out.");
  }
  return h(
    "ul",
    { class: "causes" },
    ...rows.map((row) =>
      h("li", {}, h("span", { class: `tag${row.state === "FAILED" ? " tag--bad" : row.state === "SENT" ? " tag--live" : ""}` }, row.state.toLowerCase()), ` ${row.channel}, ${formatNumber(row.attempts)} ${row.attempts === 1 ? "attempt" : "attempts"}${row.last_error ? `: ${row.last_error}` : ""}`),
    ),
  );
}

/** @param {Alert} alert */
function facts(alert) {
  /** @type {[string, string][]} */
  const rows = [
    ["Status", STATUS_WORDS[alert.status] + (alert.origin === "LIVE" ? "" : `, ${alert.origin.toLowerCase()}`)],
    ["Opened", formatDateTime(alert.opened_at)],
    ["Last change", formatDateTime(alert.updated_at)],
    ["Score", alert.score === null ? "no score" : `${formatNumber(alert.score)} of 100`],
    ["Most people", formatNumber(alert.peak_count)],
    ["Highest density", formatDensity(alert.peak_density_per_m2)],
  ];
  const limit = /** @type {number|null|undefined} */ (alert.metrics?.capacity_limit);
  if (limit != null) rows.push(["May hold", `${formatNumber(limit)} people`]);
  if (alert.acknowledged_at) rows.push(["Acknowledged", `${formatDateTime(alert.acknowledged_at)} by ${alert.acknowledged_by ?? "–"}${alert.acknowledge_note ? `: “${alert.acknowledge_note}”` : ""}`]);
  if (alert.resolved_at) rows.push(["Resolved", `${formatDateTime(alert.resolved_at)} ${alert.resolved_by ? `by ${alert.resolved_by}` : "by itself"}${alert.resolve_note ? `: “${alert.resolve_note}”` : ""}`]);
  return h("dl", { class: "facts" }, ...rows.flatMap(([word, value]) => [h("dt", {}, word), h("dd", {}, value)]));
}

/** What is written for this place, and what its gates would change. @param {Alert} alert */
function whatToDo({ action_card: card, forecast }) {
  const gates = forecast ? gateList(forecast) : null;
  const written = cardFacts(card);
  if (!written && !gates) return null;
  return h(
    "section",
    { class: "to-do", "aria-label": "What to do" },
    h("h3", {}, "What to do"),
    written,
    gates && h("h4", { class: "caps" }, "If a gate is held"),
    gates,
    forecast && h("p", { class: "hint" }, `Time to the limit: ${limitText(forecast.now) || "not known"}, ${madeText(forecast)}.`),
  );
}

/**
 * @param {import("../api/client.js").Api} api
 * @param {number} id
 * @param {(alert: Alert) => Node} actions buttons for what the viewer may do
 */
export function openAlertDetail(api, id, actions) {
  const place = h("div");
  const dialog = openDialog({ title: `Alert ${id}`, body: [place], wide: true });
  void fill(place, () => api.get(`/api/alerts/${id}`), (/** @type {Alert} */ alert) => {
    const trust = mountTrust({ withReason: true });
    trust.update(/** @type {any} */ ({ trust: alert.trust, trust_reason: alert.metrics?.trust_reason ?? "" }));
    return h(
      "div",
      { class: "stack" },
      h("div", { class: "row-line" }, levelBadge(alert.level, { large: true }), h("h3", {}, placeLink(alert)), originTag(alert.origin), alert.peak_level !== alert.level && h("span", { class: "hint" }, "highest: "), alert.peak_level !== alert.level && levelBadge(alert.peak_level)),
      h("p", {}, alert.message),
      trust.root,
      whatToDo(alert),
      alert.has_snapshot
        ? h("img", { class: "evidence", src: `/api/alerts/${alert.id}/snapshot`, alt: `Picture taken when the alert at ${alert.place_name} was raised` })
        : h("p", { class: "hint" }, icon("bi-image"), " No picture was kept."),
      actions(alert),
      h("h3", {}, "Why"),
      causeList(alert.causes),
      facts(alert),
      h("h3", {}, "Timeline"),
      timeline(alert),
      h("h3", {}, "Notifications"),
      receipts(alert),
    );
  });
  return dialog;
}

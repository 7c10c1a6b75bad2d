/**
 * What was entered and corrected, newest first.
 */
import { withQuery } from "../../api/client.js";
import { h } from "../../dom.js";
import { formatDateTime, formatNumber } from "../../lib/format.js";
import { SOURCES } from "../../lib/location_words.js";
import { field, select } from "../fields.js";
import { mountPagedList } from "../paged_list.js";
import { emptyState } from "../state.js";

/** @typedef {import("../../types.js").LocationEntry} LocationEntry */

/** @param {LocationEntry} entry */
function row(entry) {
  const isCorrection = entry.kind === "correction";
  const was = entry.was === null ? "" : `, was ${formatNumber(Math.round(entry.was)).replace("-", "−")}`;
  return h(
    "tr",
    {},
    h("td", { "data-label": "When" }, formatDateTime(entry.at)),
    h("td", { "data-label": "What" }, isCorrection ? "Balance corrected" : SOURCES[entry.source].word),
    h("td", { "data-label": "People" }, `${formatNumber(Math.round(entry.count))}${was}`),
    h("td", { "data-label": "By" }, entry.by || "–"),
    h("td", { "data-label": "Note" }, entry.note || "–"),
  );
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {number} deps.locationId
 * @param {AbortSignal} deps.signal
 */
export function mountLog({ api, locationId, signal }) {
  const kind = field({ name: "kind", label: "Show", input: select({ "": "Everything", count: "Counts", correction: "Corrections" }), attributes: { on: { change: () => void list.show(1) } } });
  const list = mountPagedList({
    load: (page) => api.get(withQuery(`/api/locations/${locationId}/logs`, { kind: kind.value, page, per_page: 10 }), { signal }),
    build: (/** @type {LocationEntry[]} */ items) =>
      h("table", { class: "table-list table-list--words" }, h("thead", {}, h("tr", {}, ...["When", "What", "People", "By", "Note"].map((word) => h("th", { scope: "col" }, word)))), h("tbody", {}, ...items.map(row))),
    empty: () => emptyState({ icon: "bi-journal", title: "Nothing entered", text: kind.value ? "None of this kind." : "Counts that people enter and corrections of the balance appear here." }),
  });
  void list.show(1);
  return { root: h("div", {}, h("div", { class: "filters panel__body" }, kind.root), list.root), reload: list.reload };
}

/**
 * What is known of a location: every number there is, which one is used and why; and what each
 * area adds to the number of the cameras.
 */
import { h, icon, rebuild } from "../../dom.js";
import { formatAge, formatInterval, formatNumber, NONE } from "../../lib/format.js";
import { areaKey } from "../../lib/location_draft.js";
import { SOURCES, whyUsed } from "../../lib/location_words.js";
import { digitsOf } from "../../lib/quantities.js";
import { trustView } from "../../lib/risk.js";
import { levelBadge } from "../badges.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */
/** @typedef {import("../../types.js").CountPart} CountPart */
/** @typedef {import("../../types.js").AreaShare} AreaShare */

/** @param {string[]} heads @param {Node[]} rows */
const table = (heads, rows) => h("table", { class: "table-list table-list--words" }, h("thead", {}, h("tr", {}, ...heads.map((word) => h("th", { scope: "col" }, word)))), h("tbody", {}, ...rows));

/** @param {import("../../types.js").Trust} trust @param {string} reason */
function trustMark(trust, reason) {
  const view = trustView(trust, reason);
  return h("span", { class: `trust trust--${view.key} nowrap`, title: view.reason }, icon(view.icon), view.word);
}

/** @param {CountPart} part @param {string} now @param {CountPart|undefined} used */
function partRow(part, now, used) {
  const interval = formatInterval(part.count_low, part.count_high);
  const age = part.at === null ? (part.trust === "unknown" ? NONE : "continuous") : `${formatAge((Date.parse(now) - Date.parse(part.at)) / 1000)} ago`;
  return h(
    "tr",
    { "data-source": part.source },
    h("td", { "data-label": "From" }, h("strong", {}, SOURCES[part.source].word)),
    h("td", { "data-label": "People", class: part.trust === "unknown" ? "nowrap faint" : "nowrap" }, `${formatNumber(Math.round(part.count))}${interval ? ` (${interval})` : ""}`),
    h("td", { "data-label": "Trust" }, trustMark(part.trust, part.trust_reason)),
    h("td", { "data-label": part.source === "LINE" ? "Corrected" : "Age" }, part.source === "LINE" && part.at !== null ? `corrected ${age}` : age),
    h("td", { "data-label": "Used" }, h("div", {}, part.is_used && h("span", { class: "tag tag--accent" }, icon("bi-check2"), "Used"), " ", whyUsed(part, used))),
  );
}

export function mountParts() {
  const root = h("div", {});
  return {
    root,
    /** @param {LocationNumbers|null} numbers as they may be believed */
    update(numbers) {
      const parts = numbers?.parts ?? [];
      const now = numbers?.last_updated ?? "";
      rebuild(root, JSON.stringify([parts, parts.some(({ at }) => at !== null) && now.slice(0, 16)]), () =>
        parts.length ? [table(["From", "People", "Trust", "Age", "Used"], parts.map((part) => partRow(part, now, parts.find((one) => one.is_used))))] : [h("p", { class: "hint panel__body" }, "Nothing is known yet: no camera, counting line or entered number says how many people are here.")],
      );
    },
  };
}

/** @param {AreaShare|undefined} share @param {Location["areas"][number]} area */
function areaRow(share, area) {
  const place = area.zone_id === null ? "whole picture" : `zone ${area.zone_name ?? area.zone_id}`;
  const isUnknown = !share || share.trust === "unknown";
  const counted = !share ? "no numbers" : Math.round(share.counted) === Math.round(share.count) ? formatNumber(Math.round(share.counted)) : `${formatNumber(Math.round(share.counted))} of ${formatNumber(Math.round(share.count))} seen: the others are counted where pictures overlap`;
  const peak = share?.peak_density_per_m2 ?? null;
  return h(
    "tr",
    { "data-area": areaKey(area) },
    h("td", { "data-label": "Area" }, h("div", {}, h("a", { href: `/cameras/${area.camera_id}` }, area.camera_name), `, ${place}`)),
    h("td", { "data-label": "Adds", class: isUnknown ? "faint" : "" }, share && isUnknown ? (share.count === 0 ? NONE : `last ${counted}`) : counted),
    h("td", { "data-label": "Density" }, peak === null ? (isUnknown ? "not known" : "not measured") : `${formatNumber(peak, digitsOf(peak))} people/m²`),
    h("td", { "data-label": "Level" }, share?.risk_level ? levelBadge(share.risk_level) : "not known"),
    h("td", { "data-label": "Trust" }, share ? h("div", {}, trustMark(share.trust, share.trust_reason), share.trust !== "ok" && share.trust_reason ? ` ${share.trust_reason}` : "") : "–"),
  );
}

export function mountAreas() {
  const root = h("div", {});
  return {
    root,
    /** @param {Location} location @param {LocationNumbers|null} numbers as they may be believed */
    update(location, numbers) {
      const shares = new Map((numbers?.shares ?? []).map((share) => [areaKey(share), share]));
      rebuild(root, JSON.stringify([location.areas, numbers?.shares]), () =>
        location.areas.length ? [table(["Area", "Adds", "Highest density", "Level", "Trust"], location.areas.map((area) => areaRow(shares.get(areaKey(area)), area)))] : [h("p", { class: "hint panel__body" }, "No camera sees this location.")],
      );
    },
  };
}

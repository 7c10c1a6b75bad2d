/**
 * Who is inside by the counting lines, and since when that has been so.
 */
import { h, icon, rebuild } from "../../dom.js";
import { formatAge, formatDateTime, formatNumber } from "../../lib/format.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */

/** @param {number} count */
const people = (count) => `${count < 0 ? "−" : ""}${formatNumber(Math.abs(Math.round(count)))} ${Math.abs(Math.round(count)) === 1 ? "person" : "people"}`;

/** @param {() => void} correct @param {boolean} mayCorrect */
export function mountBalance(correct, mayCorrect) {
  const facts = h("div", { class: "stack stack--tight" });
  const lines = h("ul", { class: "causes" });
  const button = h("button", { class: "button button--small", type: "button", hidden: !mayCorrect, on: { click: correct } }, icon("bi-sliders"), "Correct the balance");
  return {
    button,
    root: h("div", { class: "stack" }, facts, lines),
    /** @param {Location} location @param {LocationNumbers|null} numbers */
    update(location, numbers) {
      const balance = numbers?.balance ?? null;
      const isOld = numbers?.trust === "unknown" && numbers.parts.every(({ source, trust }) => source !== "LINE" || trust === "unknown");
      rebuild(facts, JSON.stringify([balance, isOld]), () => {
        if (!balance) return [h("p", { class: "hint" }, "No balance yet: the lines have not been read.")];
        /** @type {[string, string][]} */
        const rows = [
          [isOld ? "Inside, last known" : "Inside", people(balance.count)],
          ["Began with", `${people(balance.base)}, ${formatDateTime(balance.since)}`],
          ["Gone in since", people(balance.count_in)],
          ["Gone out since", people(balance.count_out)],
          ["A line not seen", balance.unseen_s >= 1 ? `for ${formatAge(balance.unseen_s)}: who passed then is not known` : "never since then"],
        ];
        return [
          h("dl", { class: "facts" }, ...rows.flatMap(([word, text]) => [h("dt", {}, word), h("dd", {}, text)])),
          balance.count < 0 && h("p", { class: "field__error" }, "Fewer than nobody cannot be: the balance has drifted. Count the people and correct it."),
        ];
      });
      rebuild(lines, JSON.stringify(location.lines), () => location.lines.map(({ camera_id, camera_name, line_name, is_reversed }) => h("li", { class: "hint" }, `Line ${line_name} on `, h("a", { href: `/cameras/${camera_id}` }, camera_name), is_reversed ? ": in leads out of the location" : ": in leads into the location")));
    },
  };
}

/**
 * Measured numbers under their headings, each with the mark of what it is worth; the reasons
 * stand once below, numbered.
 */
import { h, icon, rebuild, setText } from "../dom.js";

/** @typedef {import("../types.js").Metrics} Metrics */
/** @typedef {import("../lib/number_groups.js").Group} Group */
/** @typedef {import("../lib/number_groups.js").Row} Row */

/**
 * @param {Row} row
 * @param {string[]} reasons
 * @param {string} prefix of the notes' ids
 */
function mark(row, reasons, prefix) {
  const number = reasons.indexOf(row.reason) + 1;
  const isSaid = number === 0; // of all numbers, above them: the sign alone is enough
  return h(
    "span",
    { class: `trust trust--${row.trust}`, title: row.reason || null, "aria-describedby": number ? `${prefix}-${number}` : null },
    icon(row.icon),
    row.text === "unknown" ? "" : h("span", { class: isSaid ? "visually-hidden" : "" }, row.word),
    number ? h("sup", {}, h("span", { class: "visually-hidden" }, "note "), number) : null,
  );
}

/** @param {string} id unique in the page */
export function mountReadings(id) {
  const root = h("div", { class: "readings" });
  /** @type {Map<string, HTMLElement>} */
  const values = new Map();

  /** @param {Group} group @param {string[]} reasons */
  function section(group, reasons) {
    const rows = group.rows.flatMap((row) => {
      const value = h("span", { class: row.isMissing || row.text === "unknown" ? "readings__none" : "" });
      values.set(`${group.title}/${row.name}`, value);
      return [h("dt", { title: row.help || null }, row.name), h("dd", {}, value, row.word ? [" ", mark(row, reasons, id)] : null)];
    });
    return h(
      "section",
      { class: "readings__group" },
      group.title ? h("h3", { class: "caps" }, group.title) : null,
      rows.length ? h("dl", { class: "facts" }, ...rows) : null,
      group.note ? h("p", { class: "hint" }, group.note) : null,
    );
  }

  return {
    root,
    /** @param {Group[]} groups @param {Metrics|null} metrics whose own state is shown elsewhere */
    update(groups, metrics) {
      const all = groups.flatMap(({ rows }) => rows.flatMap(({ reason, word }) => (word && reason ? [reason] : [])));
      const reasons = [...new Set(all)].filter((reason) => reason !== metrics?.trust_reason);
      const look = groups.map(({ title, note, rows }) => [title, note, rows.map(({ name, word, reason, text, isMissing }) => [name, word, reason, isMissing, text === "unknown"])]);
      rebuild(root, JSON.stringify([look, reasons]), () => {
        values.clear();
        return [
          ...groups.map((group) => section(group, reasons)),
          reasons.length ? h("ol", { class: "readings__notes" }, ...reasons.map((reason, k) => h("li", { id: `${id}-${k + 1}` }, reason))) : null,
        ];
      });
      for (const { title, rows } of groups) {
        for (const { name, text } of rows) {
          const value = values.get(`${title}/${name}`);
          if (value) setText(value, text);
        }
      }
    },
  };
}

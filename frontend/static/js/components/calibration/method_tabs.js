/**
 * The ways to calibrate, as tabs with a sentence each on when to use it.
 */
import { h, icon, setProperties } from "../../dom.js";
import { METHODS } from "../../lib/calibration_words.js";

/** @typedef {import("../../types.js").CalibrationMethod} Method */

const ORDER = /** @type {Method[]} */ (["points", "rectangle", "heights"]);

/**
 * @param {Record<Method, HTMLElement>} panels
 * @param {(method: Method) => void} choose
 */
export function mountMethodTabs(panels, choose) {
  const tabs = ORDER.map((method) =>
    h(
      "button",
      { class: "tabs__tab", type: "button", role: "tab", id: `tab-${method}`, "aria-controls": `panel-${method}`, on: { click: () => choose(method) } },
      icon(METHODS[method].icon),
      METHODS[method].word,
    ),
  );
  const places = ORDER.map((method) =>
    h("div", { class: "stack", role: "tabpanel", id: `panel-${method}`, "aria-labelledby": `tab-${method}` }, h("p", { class: "hint" }, METHODS[method].when), panels[method]),
  );
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": "How to calibrate" }, ...tabs);
  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = (at + step + ORDER.length) % ORDER.length;
    tabs[next]?.focus();
    choose(/** @type {Method} */ (ORDER[next]));
  });
  return {
    root: h("div", { class: "stack" }, list, ...places),
    /** @param {Method} chosen */
    update(chosen) {
      ORDER.forEach((method, k) => {
        const [tab, place] = [tabs[k], places[k]];
        if (!tab || !place) return;
        setProperties(tab, { "aria-selected": String(method === chosen), tabindex: method === chosen ? 0 : -1 });
        place.hidden = method !== chosen;
      });
    },
  };
}

/**
 * The place graph as two tables: all there is in the drawing, and the places nothing leads to.
 */
import { h, icon, rebuild } from "../../dom.js";
import { compareNodes, flowText, inflowText, linkFlow, nodeLevel, peopleText, placeKey, placeWords, timeText, walkText } from "../../lib/place_graph.js";
import { simulatedTag } from "../badges.js";

/** @typedef {import("../../types.js").GraphNode} GraphNode */
/** @typedef {import("../../types.js").GraphLink} GraphLink */

/** @param {string[]} words */
const head = (words) => h("thead", {}, h("tr", {}, ...words.map((word) => h("th", { scope: "col" }, word))));
/** @param {string} label @param {...(Node|string|false|null)} body */
const cell = (label, ...body) => h("td", { "data-label": label }, h("div", { class: "row-line" }, ...body));

/** @param {GraphNode} node */
function level(node) {
  const view = nodeLevel(node);
  return h("span", { class: `risk risk--${view.key}` }, icon(view.icon), view.word);
}

/**
 * @param {object} deps
 * @param {(key: string) => void} deps.onChoose
 * @param {((link: GraphLink) => void)|null} deps.onEdit null for who may not
 */
export function mountTables({ onChoose, onEdit }) {
  const places = h("tbody");
  const ways = h("tbody");
  const wayPart = h("div", { class: "stack stack--tight" }, h("h3", { class: "caps" }, "Ways"), h("table", { class: "table-list table-list--words" }, head(["Way", "From", "To", "Flow", "On foot", ...(onEdit ? [""] : [])]), ways));
  const root = h("div", { class: "stack" }, h("div", { class: "stack stack--tight" }, h("h3", { class: "caps" }, "Places"), h("table", { class: "table-list table-list--words" }, head(["Place", "Risk", "People", "Time to the limit", "Net inflow"]), places)), wayPart);

  /** @param {GraphNode} node @param {string} chosen */
  function placeRow(node, chosen) {
    const key = placeKey(node);
    const name = h("button", { class: "button button--quiet button--small graph-choose", type: "button", "aria-pressed": String(key === chosen), "data-place": key, on: { click: () => onChoose(key) } }, placeWords(node));
    return h("tr", {}, cell("Place", name, node.is_simulated && simulatedTag()), cell("Risk", level(node)), cell("People", peopleText(node)), cell("Time to the limit", timeText(node)), cell("Net inflow", inflowText(node.forecast)));
  }

  /** @param {GraphLink} link */
  function wayRow(link) {
    const back = link.back_per_s ? `, ${flowText(link.back_per_s)} back` : "";
    return h(
      "tr",
      {},
      cell("Way", h("strong", {}, link.name), link.is_gate && h("span", { class: "tag tag--accent" }, "gate")),
      cell("From", placeWords(link.source)),
      cell("To", placeWords(link.target)),
      cell("Flow", h("span", { title: link.trust_reason || null }, `${linkFlow(link)}${back}`)),
      cell("On foot", walkText(link.walk_s)),
      onEdit && h("td", { class: "table-list__actions" }, h("button", { class: "button button--small", type: "button", "data-link": link.id, "aria-label": `Change ${link.name}`, on: { click: () => onEdit(link) } }, "Change")),
    );
  }

  /** Draw anew without taking the keyboard away. @param {HTMLElement} body @param {string} key @param {() => Node[]} build */
  function redraw(body, key, build) {
    const active = document.activeElement;
    const isHere = active !== null && body.contains(active);
    const mark = isHere ? ["data-place", "data-link"].map((name) => [name, active.getAttribute(name)]).find(([, value]) => value) : null;
    rebuild(body, key, build);
    const again = mark ? body.querySelector(`[${mark[0]}="${mark[1]}"]`) : null;
    if (again instanceof HTMLElement && again !== document.activeElement) again.focus({ preventScroll: true });
  }

  return {
    root,
    /** @param {import("../../types.js").PlaceGraph} graph as it may be believed @param {string} chosen */
    update({ nodes, links }, chosen) {
      const sorted = [...nodes].sort(compareNodes);
      redraw(places, JSON.stringify([sorted.map((node) => [placeKey(node), node.trust, nodeLevel(node), peopleText(node), timeText(node), inflowText(node.forecast)]), chosen]), () => sorted.map((node) => placeRow(node, chosen)));
      redraw(ways, JSON.stringify(links), () => links.map(wayRow));
      wayPart.hidden = !links.length;
    },
  };
}

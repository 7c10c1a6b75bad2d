/**
 * The chosen place: how long it has got, its gates, what is written on its action card.
 */
import { h, icon, rebuild } from "../../dom.js";
import { formatDateTime } from "../../lib/format.js";
import { inflowText, nodeLevel, peopleText, placeKey, placeWords, timeText } from "../../lib/place_graph.js";
import { cardFacts, gateList, madeText } from "../action_card.js";
import { mountTrust, simulatedTag } from "../badges.js";
import { fill } from "../state.js";
import { toast } from "../toast.js";
import { openCardDialog } from "./card_dialog.js";

/** @typedef {import("../../types.js").GraphNode} GraphNode */
/** @typedef {import("../../types.js").ActionCard} ActionCard */

/** @param {GraphNode} node */
function numbers(node) {
  const view = nodeLevel(node);
  const trust = mountTrust({ withReason: true });
  trust.update(/** @type {any} */ ({ trust: node.trust, trust_reason: node.trust_reason }));
  const where = node.kind === "location" ? h("a", { href: `/locations/${node.place_id}` }, "To the location") : h("a", { href: `/cameras/${node.camera_id}` }, "To the camera");
  return [
    h("div", { class: "row-line" }, h("h3", {}, placeWords(node)), node.is_simulated && simulatedTag()),
    h("div", { class: "row-line" }, h("span", { class: `risk risk--${view.key}` }, icon(view.icon), view.word), where),
    h("p", { class: "graph-full" }, timeText(node)),
    h("dl", { class: "facts" }, h("dt", {}, "People"), h("dd", {}, peopleText(node)), h("dt", {}, "Net inflow"), h("dd", {}, inflowText(node.forecast))),
    trust.root,
  ];
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {boolean} deps.mayWrite
 * @param {() => void} deps.onWritten a card was saved
 */
export function mountPlacePanel({ api, mayWrite, onWritten }) {
  const now = h("div", { class: "stack stack--tight" });
  const made = h("p", { class: "hint" });
  const gates = h("div", { class: "stack stack--tight" });
  const card = h("div", { class: "stack stack--tight" });
  const root = h("div", { class: "stack" }, now, gates, made, h("section", { class: "stack stack--tight", "aria-label": "Action card" }, h("h3", { class: "caps" }, "When it is too full"), card));
  /** @type {GraphNode|null} */
  let shown = null;

  /** @param {GraphNode} node */
  function loadCard(node) {
    const url = `/api/place-graph/cards/${node.kind}/${node.place_id}`;
    /** @param {ActionCard} stored */
    const build = (stored) => {
      const write = () => openCardDialog({ api, url, name: node.name, card: stored, onSaved });
      /** @param {ActionCard} saved */
      const onSaved = (saved) => {
        if (shown && placeKey(shown) === placeKey(node)) card.replaceChildren(build(saved));
        toast("good", "The card is saved.");
        onWritten();
      };
      const facts = cardFacts(stored);
      return h(
        "div",
        { class: "stack stack--tight" },
        facts ?? h("p", { class: "hint" }, "Nothing is written for this place yet: which gate to hold, which way to open, what to announce, who decides."),
        stored.updated_at && h("p", { class: "hint" }, `Written by ${stored.updated_by || "nobody known"}, ${formatDateTime(stored.updated_at)}.`),
        mayWrite && h("div", {}, h("button", { class: "button button--small", type: "button", on: { click: write } }, icon("bi-pencil"), facts ? "Change the card" : "Write a card")),
      );
    };
    card.replaceChildren();
    void fill(card, () => api.get(url), (/** @type {ActionCard} */ stored) => build(stored));
  }

  return {
    root,
    /** @param {GraphNode} node as it may be believed @param {number} sinceS since its numbers came */
    update(node, sinceS) {
      const isOther = !shown || placeKey(shown) !== placeKey(node);
      shown = node;
      rebuild(now, JSON.stringify([placeKey(node), nodeLevel(node), peopleText(node), timeText(node), inflowText(node.forecast), node.trust_reason]), () => numbers(node));
      const { forecast } = node;
      const list = forecast ? gateList(forecast) : null;
      rebuild(gates, `${placeKey(node)}${list?.textContent ?? ""}`, () => [list && h("h3", { class: "caps" }, "If a gate is held"), list]);
      made.hidden = !forecast;
      if (forecast) made.textContent = `Forecast ${madeText(forecast, sinceS)}, if people go on coming as in the last minute.`;
      if (isOther) loadCard(node);
    },
  };
}

/**
 * What to do when this place is too full, as written on its action card; nothing without one.
 */
import { h } from "../../dom.js";
import { panel } from "../../shell.js";
import { cardFacts } from "../action_card.js";

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {"zone"|"location"} deps.kind
 * @param {number} deps.placeId
 * @param {AbortSignal} deps.signal
 */
export function mountActionCard({ api, kind, placeId, signal }) {
  const body = h("div");
  const root = panel("What to do when it is too full", [body]);
  root.hidden = true;
  api.get(`/api/place-graph/cards/${kind}/${placeId}`, { signal }).then(
    (/** @type {import("../../types.js").ActionCard} */ card) => {
      const facts = cardFacts(card);
      body.replaceChildren(...(facts ? [facts] : []));
      root.hidden = !facts;
    },
    () => undefined, // no card is no fault of this page
  );
  return { root };
}

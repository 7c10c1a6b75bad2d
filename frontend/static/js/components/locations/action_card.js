/**
 * What to do when this place is too full, as written on its action card; nothing without one.
 */
import { h } from "../../dom.js";
import { panel } from "../../shell.js";

/** @typedef {{hold_gate: string, open_route: string, pa_text: string, person_on_duty: string}} ActionCard */

/** @type {[keyof ActionCard, string][]} */
const ROWS = [
  ["hold_gate", "Hold"],
  ["open_route", "Open"],
  ["pa_text", "Announce"],
  ["person_on_duty", "On duty"],
];

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {"zone"|"location"} deps.kind
 * @param {number} deps.placeId
 * @param {AbortSignal} deps.signal
 */
export function mountActionCard({ api, kind, placeId, signal }) {
  const body = h("dl", { class: "facts" });
  const root = panel("What to do when it is too full", [body]);
  root.hidden = true;
  api.get(`/api/place-graph/cards/${kind}/${placeId}`, { signal }).then(
    (/** @type {ActionCard} */ card) => {
      const rows = ROWS.filter(([key]) => card[key]);
      body.replaceChildren(...rows.flatMap(([key, word]) => [h("dt", {}, word), h("dd", {}, card[key])]));
      root.hidden = !rows.length;
    },
    () => undefined, // no card is no fault of this page
  );
  return { root };
}

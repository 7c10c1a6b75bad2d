/**
 * How accurate a camera's counts are, by what people counted themselves.
 */
import { withQuery } from "../../api/client.js";
import { h, icon } from "../../dom.js";
import { formatDateTime, formatNumber } from "../../lib/format.js";
import { hasRole } from "../../lib/permissions.js";
import { differenceText, insideText, measuredText, placeWord, rollingLines } from "../../lib/spot_count.js";
import { confirmDialog } from "../dialog.js";
import { mountPagedList } from "../paged_list.js";
import { toast, toastError } from "../toast.js";
import { openSpotCount } from "./dialog.js";

/** @typedef {import("../../types.js").SpotCount} SpotCount */
/** @typedef {import("../../types.js").PlaceError} PlaceError */

const PER_PAGE = 5;

/** @param {PlaceError} place */
function accuracy({ zone_name: name, rolling }) {
  const [gist, ...rest] = rollingLines(rolling);
  return h("section", { class: "stack stack--tight", "aria-label": `Accuracy: ${placeWord(name)}` }, h("h3", { class: "caps" }, placeWord(name)), h("p", { class: "spot-line" }, gist), h("p", { class: "hint" }, rest.join(" ")));
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {import("../../types.js").PageUser} deps.user
 * @param {{id: number, name: string}} deps.camera
 * @param {AbortSignal} deps.signal
 */
export function mountAccuracy({ api, user, camera, signal }) {
  const path = `/api/cameras/${camera.id}/spot-counts`;
  const places = h("div", { class: "stack" });
  const mayCount = hasRole(user, "operator");

  /** @param {SpotCount} count */
  async function remove(count) {
    const sure = await confirmDialog({ title: "Take this count back?", text: `${formatNumber(count.counted)} counted by ${count.by} in the picture of ${formatDateTime(count.at)}. The errors are worked out without it from now on.`, word: "Take back" });
    if (!sure) return;
    try {
      await api.delete(`${path}/${count.id}`);
      toast("good", "The count is taken back.");
      await list.reload();
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {SpotCount} count */
  function row(count) {
    const mayRemove = mayCount && (count.by === user.username || hasRole(user, "admin"));
    return h(
      "li",
      { class: "spot-list__item", "data-spot-count": count.id },
      h(
        "div",
        { class: "spot-list__words" },
        h("span", {}, h("strong", {}, formatNumber(count.counted)), ` counted, ${measuredText(count)} measured: ${differenceText(count)}`),
        h("span", { class: "hint" }, [`${placeWord(count.zone_name)}, ${formatDateTime(count.at)}, by ${count.by}`, insideText(count), count.note && `“${count.note}”`].filter(Boolean).join("; ")),
      ),
      mayRemove && h("button", { class: "button button--small button--icon button--quiet", type: "button", "aria-label": `Take back the count of ${formatDateTime(count.at)}`, title: "Take back", on: { click: () => void remove(count) } }, icon("bi-trash")),
    );
  }

  const list = mountPagedList({
    load: async (page) => {
      const answer = await api.get(withQuery(path, { page, per_page: PER_PAGE }), { signal });
      places.replaceChildren(.../** @type {PlaceError[]} */ (answer.places).map(accuracy));
      return answer;
    },
    build: (/** @type {SpotCount[]} */ items) => h("ul", { class: "spot-list" }, ...items.map(row)),
    empty: () => h("p", { class: "hint" }, `Nobody has counted here yet.${mayCount ? " Count the people in a picture, and CrowdSafe tells how far off it is on this camera." : ""}`),
  });
  void list.show(1);

  const count = () => openSpotCount({ api, camera, onEntered: () => void list.show(1) });
  return {
    root: h("div", { class: "stack" }, places, list.root),
    /** Begins a count; null for whoever may not. */
    button: mayCount ? h("button", { class: "button button--small", type: "button", on: { click: count } }, icon("bi-person-check"), "Spot count") : null,
  };
}

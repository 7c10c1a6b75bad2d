/**
 * The same locations as a list: those on this map worst first, those on others, those on none.
 */
import { h, icon, setProperties, setText } from "../../dom.js";
import { compareLocations } from "../../lib/location_words.js";
import { mapOf } from "../../lib/map_words.js";
import { riskView } from "../../lib/risk.js";
import { panel } from "../../shell.js";
import { listLine } from "./popup.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */
/** @typedef {{root: HTMLElement, update: (numbers: LocationNumbers|null) => void}} Entry */

/**
 * @param {object} deps
 * @param {boolean} deps.mayEdit
 * @param {(id: number) => void} deps.onPoint
 * @param {(location: Location) => void} deps.onPlace
 * @param {(map: string) => void} deps.onMap
 * @param {(map: string) => string} deps.mapName
 */
export function mountSide({ mayEdit, onPoint, onPlace, onMap, mapName }) {
  /** @type {Map<number, Entry>} */
  const entries = new Map();
  /** @param {string} word */
  const list = (word) => h("ul", { class: "map-list", "aria-label": word });
  const [here, elsewhere, nowhere] = [list("Locations on this map, most dangerous first"), list("Locations on other maps"), list("Locations on no map")];
  const nobody = h("p", { class: "hint" });
  const parts = [panel("On this map", [nobody, here]), panel("On other maps", [elsewhere]), panel("Not on a map", [mayEdit && h("p", { class: "hint" }, "Drag one onto the map, or choose Place here."), nowhere])];
  const root = h("div", { class: "split__side" }, ...parts);

  /** @param {Location} location @param {Node[]} acts @param {boolean} isHere @returns {Entry} */
  function entry(location, acts, isHere) {
    const sign = h("i", { "aria-hidden": "true" });
    const risk = h("span", { class: "map-list__risk" });
    const line = h("span", { class: "hint" });
    const name = isHere
      ? h("button", { class: "map-list__name", type: "button", on: { click: () => onPoint(location.id) } }, location.name)
      : h("a", { class: "map-list__name", href: `/locations/${location.id}` }, location.name);
    const isDraggable = mayEdit && !location.position;
    const item = h("li", { class: "map-list__item", draggable: isDraggable ? "true" : null }, sign, h("div", { class: "map-list__words" }, h("span", {}, name, " ", risk), line), ...acts);
    if (isDraggable) item.addEventListener("dragstart", (event) => event.dataTransfer?.setData("application/x-location", String(location.id)));
    return {
      root: item,
      update(numbers) {
        const view = riskView(numbers);
        const looks = `bi ${view.icon} map-list__sign map-list__sign--${view.key}`;
        if (sign.className !== looks) setProperties(sign, { class: looks });
        setText(risk, `${view.word}${location.is_simulated ? ", simulated" : ""}`);
        setText(line, listLine(numbers));
      },
    };
  }

  /** @param {Location} location @param {boolean} inWords */
  const placeButton = (location, inWords) =>
    h("button", { class: `button button--small${inWords ? "" : " button--icon"}`, type: "button", title: "Place here", "aria-label": `Place ${location.name} here`, on: { click: () => onPlace(location) } }, icon("bi-pin-map"), inWords && "Place here");

  /** @param {Location} location */
  function actsOf(location) {
    const map = mapOf(location);
    const go = map === null ? [] : [h("button", { class: "button button--small", type: "button", title: mapName(map), "aria-label": `Show ${location.name} on ${mapName(map)}`, on: { click: () => onMap(map) } }, "Show")];
    return [...go, ...(mayEdit ? [placeButton(location, map === null)] : [])];
  }

  return {
    root,
    /** @param {Location[]} all with the numbers as they may be believed @param {string} map the one that is shown */
    show(all, map) {
      entries.clear();
      const sorted = [...all].sort(compareLocations);
      /** @param {HTMLElement} target @param {Location[]} locations */
      const fill = (target, locations) => {
        const made = locations.map((location) => {
          const isHere = mapOf(location) === map;
          const one = entry(location, isHere ? [] : actsOf(location), isHere);
          entries.set(location.id, one);
          one.update(location.numbers);
          return one.root;
        });
        target.replaceChildren(...made);
        const box = target.closest(".panel");
        if (box instanceof HTMLElement && target !== here) box.hidden = !locations.length;
      };
      fill(here, sorted.filter((one) => mapOf(one) === map));
      fill(elsewhere, sorted.filter((one) => ![null, map].includes(mapOf(one))));
      fill(nowhere, sorted.filter((one) => mapOf(one) === null));
      setText(nobody, all.length ? "No location stands on this map yet." : "There are no locations yet.");
      nobody.hidden = here.childElementCount > 0;
    },
    /** @param {Location} location @param {LocationNumbers|null} numbers */
    refresh: (location, numbers) => entries.get(location.id)?.update(numbers),
  };
}

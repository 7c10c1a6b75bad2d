/**
 * The ground of locations and their areas, filled by its peak density on a fixed scale; hatched
 * where that is not known now, without a fill where nothing measures it.
 */
import { h, setText } from "../../dom.js";
import { heatColour, heatOpacity } from "../../lib/heat_scale.js";
import { latLngOf } from "../../lib/map_frame.js";
import { leaflet } from "./board.js";

/** @typedef {import("../../lib/map_words.js").HeatArea} HeatArea */
/** @typedef {import("./board.js").Opened} Opened */
/** @typedef {{path: import("../../leaflet_types.js").Path, made: string, text: HTMLElement}} Ground */

export const HATCH = "map-hatch";

/** @param {HeatArea} area @returns {import("../../leaflet_types.js").PathOptions} */
function styleOf({ state, perM2 }) {
  if (state === "measured" && perM2 !== null) return { fill: true, fillColor: heatColour(perM2), fillOpacity: heatOpacity(perM2), dashArray: "" };
  if (state === "unknown") return { fill: true, fillColor: `url(#${HATCH})`, fillOpacity: 1, dashArray: "6 4" };
  return { fill: false, dashArray: "" };
}

export function mountHeat() {
  /** @type {Map<string, Ground>} */
  const grounds = new Map();
  /** @type {Opened|null} */
  let open = null;

  /** @param {Opened} on @param {HeatArea} area @param {string} made @returns {Ground} */
  function make({ map, frame }, area, made) {
    const text = h("span", {}, area.text);
    const path = leaflet().polygon(area.outline.map((corner) => latLngOf(frame, corner)), { weight: 2, interactive: false, className: "ground" });
    path.bindTooltip(text, { permanent: true, direction: "bottom", className: "ground__label" });
    path.addTo(map);
    const [xs, ys] = [area.outline.map(([x]) => x), area.outline.map(([, y]) => y)];
    const top = frame.planId === null ? Math.max(...ys) : Math.min(...ys);
    path.openTooltip(latLngOf(frame, [(Math.min(...xs) + Math.max(...xs)) / 2, top])); // at its upper edge: pins stand in the middle
    return { path, made, text };
  }

  return {
    /** @param {Opened} on */
    attach(on) {
      grounds.clear();
      open = on;
    },
    /** @param {HeatArea[]} areas @param {boolean} isOn whether they are filled */
    show(areas, isOn) {
      if (!open) return;
      const wanted = new Set(areas.map(({ key }) => key));
      for (const [key, { path }] of grounds) {
        if (wanted.has(key)) continue;
        path.remove();
        grounds.delete(key);
      }
      for (const area of areas) {
        const shown = isOn ? area : { ...area, state: /** @type {const} */ ("unmeasured"), text: "" };
        const made = JSON.stringify([area.outline, shown.text === ""]);
        const before = grounds.get(area.key);
        if (before?.made !== made) before?.path.remove();
        const ground = before?.made === made ? before : make(open, area, made);
        grounds.set(area.key, ground);
        ground.path.setStyle(styleOf(shown));
        if (ground.text.textContent !== shown.text) {
          setText(ground.text, shown.text);
          ground.path.getTooltip()?.update(); // another width: stays in the middle
        }
        ground.text.parentElement?.toggleAttribute("hidden", !shown.text);
      }
    },
  };
}

/**
 * What shapes, colours and hatching on the map stand for.
 */
import { h, svg } from "../../dom.js";
import { FULL_SCALE_PER_M2, STOPS, TICKS_PER_M2, tickText } from "../../lib/heat_scale.js";
import { SHAPE_PATHS } from "../../lib/map_words.js";
import { HATCH } from "./heat.js";

const WIDTH = 180;
const RAMP = "map-ramp";

/** @type {[string, import("../../lib/map_words.js").Shape, string][]} */
const SIGNS = [
  ["safe", "disc", "Safe"],
  ["caution", "diamond", "Caution"],
  ["warning", "triangle", "Warning"],
  ["critical", "octagon", "Critical"],
  ["unknown", "square", "Unknown"],
];

/** Patterns the map's own drawing refers to; they live in the page, not in the map. */
function patterns() {
  const stops = STOPS.map((colour, index) => svg("stop", { offset: index / (STOPS.length - 1), "stop-color": colour }));
  const hatch = svg("pattern", { id: HATCH, width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("rect", { class: "hatch__ground", width: 8, height: 8 }), svg("rect", { class: "hatch__line", width: 3, height: 8 }));
  return svg("svg", { class: "map-patterns", "aria-hidden": "true" }, svg("defs", {}, svg("linearGradient", { id: RAMP }, ...stops), hatch));
}

/** @param {number} value people/m² */
const placeOf = (value) => (value / FULL_SCALE_PER_M2) * WIDTH;

function ramp() {
  const words = TICKS_PER_M2.map((tick, index) =>
    svg("text", { class: "map-legend__tick", x: placeOf(tick), y: 24, "text-anchor": index === 0 ? "start" : index === TICKS_PER_M2.length - 1 ? "end" : "middle" }, tickText(tick)),
  );
  const lines = TICKS_PER_M2.slice(1, -1).map((tick) => svg("line", { class: "map-legend__line", x1: placeOf(tick), x2: placeOf(tick), y1: 0, y2: 10 }));
  return svg("svg", { class: "map-legend__ramp", viewBox: `0 0 ${WIDTH} 28`, role: "img", "aria-label": `From violet at 0 to light yellow at ${FULL_SCALE_PER_M2} people per square metre and more` }, svg("rect", { width: WIDTH, height: 10, fill: `url(#${RAMP})` }), ...lines, ...words);
}

/** @param {string} kind @param {string} word */
const ground = (kind, word) => h("li", {}, svg("svg", { class: "map-legend__ground", viewBox: "0 0 24 16", "aria-hidden": "true" }, svg("rect", { class: `ground ground--${kind}`, x: 1, y: 1, width: 22, height: 14, fill: kind === "unknown" ? `url(#${HATCH})` : "none" })), word);

export function mountLegend() {
  const scale = h("div", { class: "map-legend__scale", role: "group", "aria-label": "Legend of the heat" }, h("strong", {}, "Peak density, people/m²"), ramp());
  const grounds = h("div", { class: "map-legend__part" }, h("strong", {}, "Ground"), h("ul", { class: "map-legend__list map-legend__list--signs" }, ground("unknown", "density not known now"), ground("plain", "not measured: no calibrated camera")));
  const signs = h(
    "ul",
    { class: "map-legend__list map-legend__list--signs" },
    ...SIGNS.map(([key, shape, word]) => h("li", {}, svg("svg", { class: `map-legend__sign pin--${key}`, viewBox: "0 0 48 48", "aria-hidden": "true" }, svg("path", { class: "pin__outline", d: SHAPE_PATHS[shape] })), word)),
  );
  const root = h("div", { class: "map-legend", role: "group", "aria-label": "Legend" }, patterns(), h("div", { class: "map-legend__part" }, h("strong", {}, "Risk; in the shape: % of capacity, or people"), signs), grounds);
  return {
    root,
    scale,
    /** @param {boolean} isOn */
    showHeat(isOn) {
      scale.hidden = grounds.hidden = !isOn;
    },
  };
}

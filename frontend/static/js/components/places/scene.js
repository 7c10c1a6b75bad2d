/**
 * Zones and counting lines over the picture: outlines, names, the arrow that points in, what can
 * be taken hold of, and what is wrong beside the corner it is wrong at.
 */
import { svg } from "../../dom.js";
import { outlineOf } from "../../lib/pen.js";
import { pointsOf } from "../../lib/places.js";
import { inward, middleOf, pixelsOf } from "../../lib/places_geometry.js";
import { problemsAt } from "../../lib/places_rules.js";
import { brokenText, firstSentence, inWord, whereWord } from "../../lib/places_words.js";
import { sideMiddles } from "../../lib/polygon.js";

/** @typedef {import("../../lib/homography.js").Point} Point */
/** @typedef {import("../../lib/places.js").ZoneDraft} ZoneDraft */
/** @typedef {import("../../lib/places.js").LineDraft} LineDraft */

/**
 * @typedef {object} SceneState
 * @property {import("../../lib/places.js").PlacesDraft} draft
 * @property {import("../../lib/pen.js").Pen} pen
 * @property {Point|null} hover pixels
 * @property {string|null} chosen
 * @property {import("../../lib/places_rules.js").Problem[]} problems
 * @property {[number, number]} wh
 * @property {number} scale screen pixels per picture pixel
 * @property {boolean} mayEdit
 */

/** @param {Point[]} points */
const pathOf = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

/**
 * @param {Point} at
 * @param {string[]} lines
 * @param {SceneState} state
 * @param {string} kind
 */
function label([x, y], lines, { scale, wh }, kind) {
  const size = 13 / scale;
  const half = (Math.max(...lines.map((line) => line.length)) * size * 0.56) / 2;
  const middle = Math.min(Math.max(x, half + 4 / scale), wh[0] - half - 4 / scale);
  const top = Math.min(Math.max(y, size * 1.2), wh[1] - (lines.length - 0.7) * size * 1.2);
  return svg(
    "text",
    { class: `stage__label ${kind}`, "text-anchor": "middle", "font-size": size, "stroke-width": 4 / scale, "pointer-events": "none" },
    ...lines.map((line, k) => svg("tspan", { x: middle, y: top + k * size * 1.2 }, line)),
  );
}

/**
 * Something that can be taken hold of.
 *
 * @param {string} name of the handle
 * @param {Point} at
 * @param {string} words for screen readers
 * @param {SceneState} state
 * @param {{colour: string, kind?: string}} look
 */
function handle(name, [x, y], words, { scale, wh }, { colour, kind = "" }) {
  const reach = matchMedia("(pointer: coarse)").matches ? 22 : 13;
  const where = whereWord([x / wh[0], y / wh[1]]);
  return svg(
    "g",
    { class: `stage__handle ${kind}`, "data-handle": name, tabindex: 0, role: "button", "aria-label": `${words}, ${where}` },
    svg("circle", { class: "stage__reach", cx: x, cy: y, r: reach / scale }),
    svg("circle", { class: "place__ring", cx: x, cy: y, r: (kind.includes("middle") ? 5 : 7) / scale, stroke: colour }),
  );
}

/** The way in: an arrow across the line. @param {Point} start @param {Point} end @param {string} colour @param {SceneState} state */
function arrow(start, end, colour, state) {
  const [[wayX, wayY], [x, y]] = [inward(start, end), middleOf([start, end])];
  const long = 34 / state.scale;
  const head = 9 / state.scale;
  const tip = /** @type {Point} */ ([x + wayX * long, y + wayY * long]);
  const [backX, backY] = [tip[0] - wayX * head, tip[1] - wayY * head];
  const path = `M${x} ${y}L${tip[0]} ${tip[1]}M${backX - wayY * head * 0.7} ${backY + wayX * head * 0.7}L${tip[0]} ${tip[1]}L${backX + wayY * head * 0.7} ${backY - wayX * head * 0.7}`;
  return [
    svg("path", { class: "place__halo", d: path }),
    svg("path", { class: "place__stroke", d: path, stroke: colour }),
    label([tip[0] + wayX * (14 / state.scale), tip[1] + wayY * (12 / state.scale) + 4 / state.scale], ["in"], state, ""),
  ];
}

/**
 * @param {ZoneDraft|LineDraft} place
 * @param {Point[]} points pixels
 * @param {SceneState} state
 * @param {boolean} isWrong
 */
function body(place, points, state, isWrong) {
  const isZone = "corners" in place;
  const isChosen = place.key === state.chosen;
  const path = { points: pathOf(points) };
  const tag = isZone ? "polygon" : "polyline";
  const words = isZone ? `Zone ${place.name}, ${points.length} corners` : `Line ${place.name}, in is ${inWord(place, state.wh)}`;
  const keys = isChosen ? ". Arrow keys move it, Delete removes it" : "";
  const canHold = state.mayEdit && state.pen.tool === "select";
  const grip = canHold ? { "data-handle": `body:${place.key}`, tabindex: 0, role: "button" } : { role: "img" };
  const look = `place${isChosen ? " place--chosen" : ""}${isWrong ? " place--wrong" : ""}${canHold ? " place--held" : ""}`;
  const [start, end] = points;
  return svg(
    "g",
    { class: look, ...grip, "aria-label": words + (canHold ? keys : "") },
    canHold && !isZone ? svg(tag, { class: "place__grip", ...path, "stroke-width": 22 }) : null,
    svg(tag, { class: "place__halo", ...path }),
    svg(tag, { class: isZone ? "place__area" : "place__stroke", ...path, stroke: place.colour, ...(isZone ? { fill: place.colour } : {}) }),
    ...(!isZone && start && end ? arrow(start, end, place.colour, state) : []),
  );
}

/** @param {ZoneDraft|LineDraft} place @param {Point[]} points pixels @param {SceneState} state */
function name(place, points, state) {
  const at = middleOf(points);
  const [start, end] = points;
  if ("corners" in place || !start || !end) return label(at, [place.name], state, "");
  const [wayX, wayY] = inward(start, end); // beside the line, where the arrow is not
  const off = 16 / state.scale;
  return label([at[0] - wayX * (off + (Math.abs(wayX) * place.name.length * 3.6) / state.scale), at[1] - wayY * off + 4 / state.scale], [place.name], state, "");
}

/**
 * @param {ZoneDraft|LineDraft} place
 * @param {Point[]} points pixels
 * @param {SceneState} state
 * @param {Map<number, string>} wrong by point
 */
function grips(place, points, state, wrong) {
  const isZone = "corners" in place;
  const middles = isZone ? sideMiddles(points) : [];
  return [
    ...middles.map((at, k) => handle(`middle:${k + 1}`, at, `New corner of ${place.name} after corner ${k + 1}. Enter or an arrow key adds it`, state, { colour: place.colour, kind: "stage__handle--middle" })),
    ...points.map((at, k) => {
      const words = isZone ? `Corner ${k + 1} of ${place.name}` : `${k ? "End" : "Start"} of ${place.name}`;
      const why = wrong.get(k);
      return handle(`point:${k}`, at, why ? `${words}. ${why}` : words, state, { colour: place.colour, kind: why ? "place__wrong" : "" });
    }),
  ];
}

/** @param {SceneState} state what is being drawn */
function sketch(state) {
  const { pen, hover, scale } = state;
  if (!pen.points.length) return [];
  const outline = outlineOf(pen, hover);
  const tag = pen.tool === "rectangle" && outline.length > 2 ? "polygon" : "polyline";
  const [start, end] = outline;
  return [
    svg(tag, { class: "place__halo", points: pathOf(outline) }),
    svg(tag, { class: "place__sketch", points: pathOf(outline) }),
    ...(pen.tool === "line" && start && end ? arrow(start, end, "currentcolor", state) : []),
    ...pen.points.map(([x, y], k) => svg("circle", { class: "place__dot", cx: x, cy: y, r: (k === 0 && pen.points.length > 2 ? 8 : 4) / scale })),
  ];
}

/** @param {SceneState} state @returns {SVGElement[]} */
export function drawScene(state) {
  const { draft, chosen, problems, wh, pen } = state;
  const all = [
    ...draft.zones.map((place, index) => ({ place, at: problemsAt(problems, { kind: "zone", index }) })),
    ...draft.lines.map((place, index) => ({ place, at: problemsAt(problems, { kind: "line", index }) })),
  ].map(({ place, at }) => ({ place, at, points: pointsOf(place).map((p) => pixelsOf(p, wh)) }));
  all.sort((a, b) => Number(a.place.key === chosen) - Number(b.place.key === chosen)); // the chosen one on top
  const top = pen.tool === "select" && state.mayEdit ? all.find(({ place }) => place.key === chosen) : undefined;
  return [
    ...all.map(({ place, points, at }) => body(place, points, state, at.texts.length > 0)),
    ...all.map(({ place, points }) => name(place, points, state)),
    ...(top ? grips(top.place, top.points, state, top.at.points) : []),
    ...all.flatMap(({ points, at }) => [...at.points].flatMap(([k, text]) => {
      const corner = points[k];
      return corner ? [label([corner[0], corner[1] + 26 / state.scale], brokenText(firstSentence(text)), state, "place__reason")] : [];
    })),
    ...sketch(state),
  ];
}

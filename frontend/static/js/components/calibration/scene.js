/**
 * What is drawn over the picture: marks and areas as far as they are placed, and what the
 * calibration makes of them: the metre grid, somebody of 1.70 m, a measured distance.
 */
import { svg } from "../../dom.js";
import { placesOf } from "../../lib/calibration_draft.js";
import { lengthText } from "../../lib/calibration_words.js";
import { gridLines, gridStep, nearPart } from "../../lib/ground_grid.js";
import { groundDistance } from "../../lib/homography.js";
import { sideMiddles } from "../../lib/polygon.js";
import { uprights } from "../../lib/upright.js";

/** @typedef {import("../../lib/homography.js").Point} Point */
/** @typedef {import("../../lib/homography.js").Matrix} Matrix */
/** @typedef {import("../../lib/calibration_draft.js").Draft} Draft */
/** @typedef {import("../../lib/calibration_draft.js").Layer} Layer */
/** @typedef {Layer|"measure"} Tool */

export const PERSON_M = 1.7;

/**
 * @typedef {object} SceneState
 * @property {Draft} draft
 * @property {Tool} tool
 * @property {Matrix|null} matrix of the preview, null while there is none
 * @property {[number, number]} wh
 * @property {number} scale screen pixels per picture pixel
 * @property {Point[]} ruler
 * @property {Point|null} person
 * @property {boolean} withGrid
 * @property {Set<number>} wrong marks the server refused
 */

/** @param {Point[]} points */
const pathOf = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

/** @param {Point} at @param {string} text @param {Pick<SceneState, "scale"|"wh">} state @param {string} [kind] */
function label([x, y], text, { scale, wh }, kind = "") {
  const isAtEdge = (wh[0] - x) * scale < 9 * text.length; // it would be cut off
  const inside = Math.min(Math.max(y, 14 / scale), wh[1] - 5 / scale);
  const at = isAtEdge ? { x: Math.min(x, wh[0] - 4 / scale), "text-anchor": "end" } : { x: Math.max(x, 4 / scale) };
  return svg("text", { class: `stage__label ${kind}`, ...at, y: inside, "font-size": 13 / scale, "stroke-width": 4 / scale }, text);
}

/**
 * Something that can be taken hold of.
 *
 * @param {string} name of the handle
 * @param {Point} at
 * @param {string} words for screen readers
 * @param {SceneState} state
 * @param {string} kind of look
 * @param {string} [text] beside it
 */
function handle(name, [x, y], words, state, kind, text = "") {
  const { scale } = state;
  const arm = 9 / scale;
  const reach = matchMedia("(pointer: coarse)").matches ? 22 : 13;
  return svg(
    "g",
    { class: `stage__handle stage__handle--${kind}`, "data-handle": name, tabindex: 0, role: "button", "aria-label": `${words}, at ${Math.round(x)}, ${Math.round(y)} px. Arrow keys move it, Delete removes it.` },
    svg("circle", { class: "stage__reach", cx: x, cy: y, r: reach / scale }),
    svg("circle", { class: "stage__ring", cx: x, cy: y, r: 7 / scale }),
    svg("path", { class: "stage__arms", d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}` }),
    text ? label([x + 11 / scale, y - 9 / scale], text, state) : null,
  );
}

/** @param {SceneState} state @param {Matrix} matrix */
function grid(state, matrix) {
  const { draft, wh, scale } = state;
  /** @type {Point[]} */
  const frame = [[0, 0], [wh[0], 0], wh, [0, wh[1]]];
  const near = nearPart(matrix, draft.monitored.length >= 3 ? draft.monitored : frame);
  if (near.length < 3) return [];
  const step = gridStep(matrix, near);
  const sharp = nearPart(matrix, near, step / (7 / scale)); // finer than 7 screen pixels is a smear
  const strong = step * 5;
  const lines = [...gridLines(matrix, sharp, step).filter(({ at }) => at % strong !== 0), ...gridLines(matrix, near, strong)];
  const labelled = lines.filter(({ at }) => at % strong === 0);
  const shown = labelled.length < 4 ? lines : labelled;
  return [
    svg("g", { class: "stage__grid" }, ...lines.map(({ from, to, at }) => svg("line", { class: at % strong === 0 ? "stage__grid-strong" : "", x1: from[0], y1: from[1], x2: to[0], y2: to[1] }))),
    ...shown.map(({ from, to, at, axis }) => {
      const [x, y] = from[1] > to[1] ? from : to; // the near end
      return label([x, y - 4 / scale], `${axis === "x" ? "X" : "Y"} ${at} m`, state, "stage__label--grid");
    }),
  ];
}

/** Where the ground ends in the picture, if it does. @param {SceneState} state @param {Matrix} matrix */
function horizon(state, matrix) {
  const { wh, scale } = state;
  const [a = 0, b = 0, c = 0] = matrix[2] ?? [];
  const [left, right] = [-c / b, -(a * wh[0] + c) / b];
  if (!(Math.max(left, right) > 0 && Math.min(left, right) < wh[1])) return [];
  return [svg("line", { class: "stage__horizon", x1: 0, y1: left, x2: wh[0], y2: right }), label([6 / scale, left - 5 / scale], "horizon", state, "stage__label--grid")];
}

/** @param {SceneState} state @param {"monitored"|"walkable"} layer */
function area(state, layer) {
  const corners = state.draft[layer];
  if (!corners.length) return [];
  const isActive = state.tool === layer;
  const word = layer === "monitored" ? "monitored area" : "walkable area";
  return [
    svg(corners.length > 2 ? "polygon" : "polyline", { class: `stage__area stage__area--${layer}`, points: pathOf(corners) }),
    ...(isActive ? sideMiddles(corners).map((at, k) => handle(`${layer}+${k + 1}`, at, `New corner of the ${word} after corner ${k + 1}`, state, "middle")) : []),
    ...(isActive ? corners.map((at, k) => handle(`${layer}:${k}`, at, `Corner ${k + 1} of the ${word}`, state, layer)) : []),
  ];
}

/** @param {SceneState} state */
function marks(state) {
  const { draft, tool, scale, wrong } = state;
  const places = placesOf(draft, "marks");
  const isRectangle = draft.method === "rectangle";
  /** @type {SVGElement[]} */
  const drawn = [];
  if (isRectangle && places.length > 1) {
    drawn.push(svg(places.length === 4 ? "polygon" : "polyline", { class: "stage__area stage__area--marks", points: pathOf(places) }));
    const sides = /** @type {const} */ ([["width", draft.width_m], ["length", draft.length_m]]);
    sides.forEach(([word, metres], k) => {
      const [a, b] = [places[k], places[k + 1]];
      if (a && b) drawn.push(label([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], `${word}${metres ? ` ${metres} m` : ""}`, state));
    });
  }
  places.forEach((at, k) => {
    const word = `${isRectangle ? "Corner" : "Point"} ${k + 1}`;
    if (tool === "marks") drawn.push(handle(`marks:${k}`, at, word, state, wrong.has(k) ? "wrong" : "marks", String(k + 1)));
    else drawn.push(svg("circle", { class: "stage__dot", cx: at[0], cy: at[1], r: 4 / scale }));
  });
  return drawn;
}

/** @param {SceneState} state @param {Matrix} matrix */
function person(state, matrix) {
  const top = state.person ? uprights(matrix, state.wh)?.(state.person, PERSON_M) : null;
  if (!state.person || !top) return [];
  const [[x, y], [headX, headY]] = [state.person, top];
  const tall = Math.hypot(headX - x, headY - y);
  const lean = (Math.atan2(headX - x, y - headY) * 180) / Math.PI;
  const [head, half] = [tall * 0.075, tall * 0.13];
  const body = `M0 0H${half * 0.7}L${half} ${-tall * 0.78}Q${half} ${-tall * 0.84} ${half * 0.6} ${-tall * 0.84}H${-half * 0.6}Q${-half} ${-tall * 0.84} ${-half} ${-tall * 0.78}L${-half * 0.7} 0Z`;
  return [
    svg("g", { class: "stage__person", transform: `translate(${x} ${y}) rotate(${lean})` }, svg("path", { d: body }), svg("circle", { cx: 0, cy: -tall + head, r: head })),
    label([headX + half, headY + 12 / state.scale], "1.70 m", state),
    ...(state.tool === "measure" ? [handle("person:0", state.person, "Feet of somebody 1.70 m tall", state, "person")] : []),
  ];
}

/** @param {SceneState} state @param {Matrix|null} matrix */
function ruler(state, matrix) {
  const [a, b] = state.ruler;
  const isActive = state.tool === "measure";
  if (!a || (!isActive && !b)) return [];
  const metres = b && matrix ? groundDistance(matrix, a, b) : null;
  return [
    b ? svg("line", { class: "stage__ruler", x1: a[0], y1: a[1], x2: b[0], y2: b[1] }) : null,
    b && metres !== null ? label([(a[0] + b[0]) / 2 + 8 / state.scale, (a[1] + b[1]) / 2 - 8 / state.scale], lengthText(metres), state, "stage__label--ruler") : null,
    ...(isActive ? state.ruler.map((at, k) => handle(`ruler:${k}`, at, `End ${k + 1} of the measured distance`, state, "measure")) : []),
  ].filter((node) => node !== null);
}

/** @param {SceneState} state @returns {SVGElement[]} */
export function drawScene(state) {
  const { matrix } = state;
  return [
    ...area(state, "walkable"),
    ...area(state, "monitored"),
    ...(matrix && state.withGrid ? [...grid(state, matrix), ...horizon(state, matrix)] : []),
    ...(matrix ? person(state, matrix) : []),
    ...marks(state),
    ...ruler(state, matrix),
  ];
}

/**
 * The place graph as a drawing: boxes for places, arrows for ways. Everything in it stands in the
 * tables below it too.
 */
import { h, svg } from "../../dom.js";
import { layOut, NODE_H, NODE_W } from "../../lib/graph_layout.js";
import { clipped, linkFlow, linkSentence, nodeLevel, nodeSentence, placeKey, shortPeople, shortTime } from "../../lib/place_graph.js";

/** @typedef {import("../../types.js").GraphNode} GraphNode */
/** @typedef {import("../../types.js").GraphLink} GraphLink */
/** @typedef {import("../../lib/graph_layout.js").PlacedLink} PlacedLink */

const NAME_MOST = 16;
const SMALL_MOST = 23;
const LABEL_MOST = 16;

/** Disc, diamond, triangle, octagon, as everywhere; an empty square for what is not known. @type {Record<string, string>} */
const SHAPES = {
  safe: "M 7 0 A 7 7 0 1 1 6.99 0 Z",
  caution: "M 7 -1 L 15 7 L 7 15 L -1 7 Z",
  warning: "M 7 -1 L 15 14 L -1 14 Z",
  critical: "M 4 -1 H 10 L 15 4 V 10 L 10 15 H 4 L -1 10 V 4 Z",
  unknown: "M 1 1 H 13 V 13 H 1 Z",
};

/** @param {number} x @param {number} y @param {string} kind @param {string} text */
const line = (x, y, kind, text) => svg("text", { class: `graph__${kind}`, x, y }, text);

/**
 * @param {GraphNode} node
 * @param {{x: number, y: number}} spot
 * @param {boolean} isChosen
 */
function drawNode(node, { x, y }, isChosen) {
  const level = nodeLevel(node);
  const under = node.camera_name === null ? "location" : node.camera_name;
  return svg(
    "g",
    {
      class: `graph__node graph__node--${level.key}${isChosen ? " graph__node--chosen" : ""}`,
      transform: `translate(${Math.round(x)} ${Math.round(y)})`,
      role: "button",
      tabindex: 0,
      "aria-pressed": String(isChosen),
      "aria-label": nodeSentence(node),
      "data-place": placeKey(node),
    },
    svg("title", {}, nodeSentence(node)),
    svg("rect", { class: "graph__box", width: NODE_W, height: NODE_H, rx: 8 }),
    svg("path", { class: "graph__shape", d: SHAPES[level.key] ?? SHAPES.unknown, transform: "translate(11 11)" }),
    line(33, 23, "name", clipped(node.name, NAME_MOST)),
    line(11, 42, "small", clipped(`${level.word.replace(/,.*$/, "")} · ${node.is_simulated ? "simulated" : under}`, SMALL_MOST)),
    line(11, 63, "people", clipped(shortPeople(node), SMALL_MOST - 2)),
    line(11, 81, "time", clipped(shortTime(node), SMALL_MOST)),
  );
}

/** What is wider than its box is cut: letters differ too much in width to be counted. @param {Element} root */
function fitIn(root) {
  for (const text of root.querySelectorAll(".graph__node text")) {
    if (!(text instanceof SVGTextElement)) continue;
    const whole = text.textContent ?? "";
    const room = NODE_W - 6 - Number(text.getAttribute("x"));
    for (let most = whole.length - 1; most > 1 && text.getComputedTextLength() > room; most -= 1) text.textContent = clipped(whole, most);
  }
}

/** @param {GraphLink} link @param {string} what @param {...SVGElement} body */
function wayPart(link, what, ...body) {
  const kind = link.flow_per_s === null ? "unknown" : "known";
  return svg("g", { class: `graph__way graph__way--${kind}${link.is_gate ? " graph__way--gate" : ""}`, "aria-hidden": "true", "data-part": what }, svg("title", {}, linkSentence(link)), ...body);
}

/** @param {GraphLink} link @param {PlacedLink} spot */
const drawPath = (link, { path }) => wayPart(link, "path", svg("path", { class: "graph__path", d: path, "marker-end": "url(#graph-arrow)" }));

/** @param {GraphLink} link @param {PlacedLink} spot */
function drawLabel(link, { label: [x, y] }) {
  const words = svg("g", { transform: `translate(${Math.round(x)} ${Math.round(y)})` }, line(0, -4, "label graph__label--name", `${link.is_gate ? "‖ " : ""}${clipped(link.name, LABEL_MOST)}`), line(0, 12, "label", linkFlow(link)));
  return wayPart(link, "label", words);
}

function arrow() {
  return svg("defs", {}, svg("marker", { id: "graph-arrow", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, svg("path", { class: "graph__arrow", d: "M 0 0 L 10 5 L 0 10 Z" })));
}

/**
 * @param {{onChoose: (key: string) => void, signal: AbortSignal}} deps
 */
export function mountDrawing({ onChoose, signal }) {
  const root = h("div", { class: "graph" });
  /** @type {{graph: import("../../types.js").PlaceGraph, chosen: string}|null} */
  let last = null;
  let drawn = "";

  function draw() {
    const width = root.clientWidth;
    if (!last || !width) return;
    const { graph, chosen } = last;
    const key = JSON.stringify([graph.nodes.map(nodeSentence), graph.links, chosen, width]);
    if (key === drawn) return;
    drawn = key;
    const linked = new Set(graph.links.flatMap(({ source, target }) => [placeKey(source), placeKey(target)]));
    const nodes = new Map(graph.nodes.filter((node) => linked.has(placeKey(node))).map((node) => [placeKey(node), node]));
    const links = new Map(graph.links.map((link) => [link.id, link]));
    const arcs = graph.links.map(({ id, source, target }) => ({ id, from: placeKey(source), to: placeKey(target) }));
    const layout = layOut([...nodes.keys()], arcs, width);
    const held = root.contains(document.activeElement) ? document.activeElement?.getAttribute("data-place") : null;
    root.replaceChildren(
      svg(
        "svg",
        { class: "graph__picture", width: layout.width, height: layout.height, viewBox: `0 0 ${layout.width} ${layout.height}`, role: "group", "aria-label": "Places and the ways between them; the tables below say the same" },
        arrow(),
        ...layout.links.map((spot) => drawPath(/** @type {GraphLink} */ (links.get(spot.id)), spot)),
        ...layout.links.map((spot) => drawLabel(/** @type {GraphLink} */ (links.get(spot.id)), spot)), // above every path
        ...layout.nodes.map((spot) => drawNode(/** @type {GraphNode} */ (nodes.get(spot.key)), spot, spot.key === chosen)),
      ),
    );
    fitIn(root);
    const again = held ? root.querySelector(`[data-place="${held}"]`) : null;
    if (again instanceof SVGElement) again.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  const choose = (event) => {
    const key = event.target instanceof Element ? event.target.closest("[data-place]")?.getAttribute("data-place") : null;
    if (key) onChoose(key);
    return Boolean(key);
  };
  root.addEventListener("click", choose);
  root.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && choose(event)) event.preventDefault();
  });
  const watch = new ResizeObserver(draw);
  watch.observe(root);
  signal.addEventListener("abort", () => watch.disconnect());
  return {
    root,
    /** @param {import("../../types.js").PlaceGraph} graph as it may be believed @param {string} chosen */
    update(graph, chosen) {
      last = { graph, chosen };
      draw();
    },
  };
}

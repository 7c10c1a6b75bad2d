/**
 * Where places and ways are drawn: layers along the way people go, beside each other where there
 * is room for all of them, below each other otherwise. Sizes in CSS pixels: nothing is scaled,
 * so that it can be read on a telephone.
 */

/** @typedef {{key: string, x: number, y: number}} PlacedNode upper left corner */
/** @typedef {{id: number, path: string, label: [number, number]}} PlacedLink */
/** @typedef {{width: number, height: number, isAcross: boolean, nodes: PlacedNode[], links: PlacedLink[]}} Layout */
/** @typedef {{id: number, from: string, to: string}} Arc */
/** @typedef {[number, number]} Point */

export const NODE_W = 160;
export const NODE_H = 92;
const GAP = 18;
const WAY_ACROSS = 132;
const WAY_DOWN = 76;
const MARGIN = 10;
const LABEL_H = 34;
const LABEL_W = 108;
const BOW_ROOM = 60;

/**
 * The layer of each place: one more than that of any place that feeds it. Ways that close a
 * circle are left out, so that people may walk both ways.
 *
 * @param {string[]} keys
 * @param {Arc[]} arcs
 * @returns {Map<string, number>}
 */
export function layersOf(keys, arcs) {
  /** @type {Map<string, string[]>} */
  const next = new Map(keys.map((key) => [key, []]));
  for (const { from, to } of arcs) next.get(from)?.push(to);
  /** @type {Map<string, "open"|"done">} */
  const state = new Map();
  /** @type {string[]} */
  const order = [];
  /** @type {[string, string][]} */
  const kept = [];
  /** @param {string} key */
  const visit = (key) => {
    state.set(key, "open");
    for (const to of next.get(key) ?? []) {
      if (state.get(to) === "open") continue;
      kept.push([key, to]);
      if (!state.has(to)) visit(to);
    }
    state.set(key, "done");
    order.unshift(key);
  };
  const fed = new Set(arcs.map(({ to }) => to));
  for (const key of [...keys.filter((one) => !fed.has(one)), ...keys]) if (!state.has(key)) visit(key);
  const layer = new Map(keys.map((key) => [key, 0]));
  for (const key of order) {
    for (const [from, to] of kept) {
      if (from === key) layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(key) ?? 0) + 1));
    }
  }
  return layer;
}

/**
 * Places of each layer, those with the same feeders beside each other.
 *
 * @param {string[]} keys
 * @param {Arc[]} arcs
 * @returns {string[][]}
 */
export function rowsOf(keys, arcs) {
  const layer = layersOf(keys, arcs);
  /** @type {string[][]} */
  const rows = [];
  for (const key of keys) (rows[layer.get(key) ?? 0] ??= []).push(key);
  for (let at = 1; at < rows.length; at += 1) {
    const before = rows[at - 1] ?? [];
    /** @param {string} key mean position of those that feed it */
    const pull = (key) => {
      const found = arcs.filter(({ from, to }) => to === key && before.includes(from)).map(({ from }) => before.indexOf(from));
      return found.length ? found.reduce((sum, one) => sum + one, 0) / found.length : before.length;
    };
    rows[at]?.sort((a, b) => pull(a) - pull(b));
  }
  return rows;
}

/**
 * @param {string[]} keys
 * @param {Arc[]} arcs
 * @param {number} width there is
 * @returns {Layout}
 */
export function layOut(keys, arcs, width) {
  const rows = rowsOf(keys, arcs);
  const isAcross = rows.length * NODE_W + (rows.length - 1) * WAY_ACROSS + 2 * MARGIN <= width;
  const layer = new Map(rows.flatMap((row, at) => row.map((key) => [key, at])));
  const ways = rows.map((_, at) => {
    const here = arcs.filter(({ from, to }) => Math.min(layer.get(from) ?? 0, layer.get(to) ?? 0) === at);
    return WAY_DOWN + (Math.max(...here.map((arc) => twinsOf(arc, arcs).length), 1) - 1) * LABEL_H;
  });
  /** @param {Arc} arc whether it passes a layer */
  const isFar = ({ from, to }) => Math.abs((layer.get(to) ?? 0) - (layer.get(from) ?? 0)) > 1;
  const nodes = isAcross ? across(rows, width) : down(rows, width, ways);
  if (!isAcross && arcs.some(isFar)) makeRoom(nodes);
  const spots = new Map(nodes.map((node) => [node.key, node]));
  const links = arcs.map((arc) => {
    const link = placeLink(arc, twinsOf(arc, arcs), spots, { isAcross, isFar: isFar(arc) });
    link.label[0] = Math.max(LABEL_W / 2, Math.min(width - LABEL_W / 2, link.label[0]));
    return link;
  });
  const bottom = Math.max(...nodes.map(({ y }) => y + NODE_H), ...links.map(({ label }) => label[1] + LABEL_H / 2), 0);
  return { width, height: bottom + MARGIN, isAcross, nodes, links };
}

/** Move everything to the left, as far as there is room, for the bows on the right. @param {PlacedNode[]} nodes */
function makeRoom(nodes) {
  const free = Math.min(...nodes.map(({ x }) => x)) - MARGIN;
  for (const node of nodes) node.x -= Math.max(0, Math.min(free, BOW_ROOM));
}

/** Ways between the same two places, in either direction. @param {Arc} arc @param {Arc[]} arcs */
function twinsOf(arc, arcs) {
  return arcs.filter((one) => (one.from === arc.from && one.to === arc.to) || (one.from === arc.to && one.to === arc.from));
}

/** @param {string[][]} rows @param {number} width @returns {PlacedNode[]} */
function across(rows, width) {
  const most = Math.max(...rows.map((row) => row.length), 1);
  const pitch = NODE_H + GAP + LABEL_H;
  const step = rows.length > 1 ? Math.min((width - 2 * MARGIN - NODE_W) / (rows.length - 1), NODE_W + 2 * WAY_ACROSS) : 0;
  const left = (width - NODE_W - (rows.length - 1) * step) / 2;
  return rows.flatMap((row, column) => row.map((key, index) => ({ key, x: left + column * step, y: MARGIN + ((most - row.length) / 2 + index) * pitch })));
}

/** @param {string[][]} rows @param {number} width @param {number[]} ways room below each layer @returns {PlacedNode[]} */
function down(rows, width, ways) {
  const room = Math.max(1, Math.floor((width - 2 * MARGIN + GAP) / (NODE_W + GAP)));
  /** @type {PlacedNode[]} */
  const placed = [];
  let y = MARGIN;
  for (const [layer, row] of rows.entries()) {
    for (let at = 0; at < row.length; at += room) {
      const part = row.slice(at, at + room);
      const own = part.length * NODE_W + (part.length - 1) * GAP;
      part.forEach((key, index) => placed.push({ key, x: (width - own) / 2 + index * (NODE_W + GAP), y }));
      y += NODE_H + (at + room < row.length ? GAP : (ways[layer] ?? WAY_DOWN));
    }
  }
  return placed;
}

/**
 * A curve from border to border. Several ways between the same two places lie beside each other;
 * a way past another layer makes a bow around it.
 *
 * @param {Arc} arc
 * @param {Arc[]} twins
 * @param {Map<string, PlacedNode>} spots
 * @param {{isAcross: boolean, isFar: boolean}} how
 * @returns {PlacedLink}
 */
function placeLink(arc, twins, spots, { isAcross, isFar }) {
  const from = /** @type {PlacedNode} */ (spots.get(arc.from));
  const to = /** @type {PlacedNode} */ (spots.get(arc.to));
  const place = twins.indexOf(arc) - (twins.length - 1) / 2;
  // along the layers and beside them, so that both directions of drawing are one
  const [length, breadth] = isAcross ? [NODE_W, NODE_H] : [NODE_H, NODE_W];
  const [a, b] = [from, to].map(({ x, y }) => (isAcross ? [x, y] : [y, x]));
  const [along, beside] = [number(a?.[0]), number(a?.[1])];
  const [alongEnd, besideEnd] = [number(b?.[0]), number(b?.[1])];
  const room = breadth - 2 * MARGIN;
  const shift = (place * room) / Math.max(twins.length, 2);
  const bow = isFar ? breadth * (isAcross ? 1.5 : 1.15) : 0;
  /** @type {[number, number][]} */
  let bends;
  if (along === alongEnd) {
    const isOn = besideEnd > beside;
    const [start, end] = [beside + (isOn ? breadth : 0), besideEnd + (isOn ? 0 : breadth)];
    const level = along + length / 2 + shift;
    bends = [[level, start], [level, start], [level, end], [level, end]];
  } else {
    const isOn = alongEnd > along;
    const [start, end] = [along + (isOn ? length : 0), alongEnd + (isOn ? 0 : length)];
    const [first, last] = [beside + breadth / 2 + shift, besideEnd + breadth / 2 + shift];
    const half = (end - start) / 2;
    bends = [[start, first], [start + half, first + bow], [end - half, last + bow], [end, last]];
  }
  const points = bends.map(([u, v]) => /** @type {Point} */ (isAcross ? [u, v] : [v, u]));
  const label = /** @type {Point} */ ([0, 1].map((axis) => [1, 3, 3, 1].reduce((sum, weight, at) => sum + (weight * number(points[at]?.[axis])) / 8, 0)));
  if (!isAcross && along !== alongEnd) label[1] += place * LABEL_H; // below each other, where they have the same room
  const [start, ...rest] = points.map(([x, y]) => `${Math.round(x)} ${Math.round(y)}`);
  return { id: arc.id, path: `M ${start} C ${rest.join(", ")}`, label };
}

/** @param {number|undefined} value */
const number = (value) => value ?? 0;

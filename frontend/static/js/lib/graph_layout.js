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

export const NODE_W = 158;
export const NODE_H = 92;
const GAP = 18;
const WAY_ACROSS = 132;
const WAY_DOWN = 76;
const MARGIN = 10;
const LABEL_H = 34;
const BEND = 40;

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
  const nodes = isAcross ? across(rows, width) : down(rows, width);
  const spots = new Map(nodes.map((node) => [node.key, node]));
  const bottom = Math.max(...nodes.map(({ y }) => y + NODE_H), 0) + MARGIN;
  const links = arcs.map((arc) => placeLink(arc, arcs, spots, isAcross));
  return { width, height: bottom + (isAcross ? LABEL_H : 0), isAcross, nodes, links };
}

/** @param {string[][]} rows @param {number} width @returns {PlacedNode[]} */
function across(rows, width) {
  const most = Math.max(...rows.map((row) => row.length), 1);
  const height = most * NODE_H + (most - 1) * (GAP + LABEL_H);
  const step = rows.length > 1 ? Math.min((width - 2 * MARGIN - NODE_W) / (rows.length - 1), NODE_W + 2 * WAY_ACROSS) : 0;
  return rows.flatMap((row, column) => {
    const own = row.length * NODE_H + (row.length - 1) * (GAP + LABEL_H);
    return row.map((key, index) => ({ key, x: MARGIN + column * step, y: MARGIN + LABEL_H / 2 + (height - own) / 2 + index * (NODE_H + GAP + LABEL_H) }));
  });
}

/** @param {string[][]} rows @param {number} width @returns {PlacedNode[]} */
function down(rows, width) {
  const room = Math.max(1, Math.floor((width - 2 * MARGIN + GAP) / (NODE_W + GAP)));
  /** @type {PlacedNode[]} */
  const placed = [];
  let y = MARGIN;
  for (const row of rows) {
    for (let at = 0; at < row.length; at += room) {
      const part = row.slice(at, at + room);
      const own = part.length * NODE_W + (part.length - 1) * GAP;
      part.forEach((key, index) => placed.push({ key, x: (width - own) / 2 + index * (NODE_W + GAP), y }));
      y += NODE_H + (at + room < row.length ? GAP : WAY_DOWN);
    }
  }
  return placed;
}

/**
 * A curve from border to border. Several ways between the same two places lie beside each other.
 *
 * @param {Arc} arc
 * @param {Arc[]} arcs
 * @param {Map<string, PlacedNode>} spots
 * @param {boolean} isAcross
 * @returns {PlacedLink}
 */
function placeLink(arc, arcs, spots, isAcross) {
  const from = /** @type {PlacedNode} */ (spots.get(arc.from));
  const to = /** @type {PlacedNode} */ (spots.get(arc.to));
  const twins = arcs.filter((one) => (one.from === arc.from && one.to === arc.to) || (one.from === arc.to && one.to === arc.from));
  const shift = (twins.indexOf(arc) - (twins.length - 1) / 2) * Math.min(LABEL_H + 6, (NODE_H - 20) / Math.max(twins.length - 1, 1));
  const ends = borders(from, to, isAcross, shift);
  const [a, b, c, d] = ends;
  const label = /** @type {Point} */ ([0, 1].map((axis) => (number(a[axis]) + 3 * number(b[axis]) + 3 * number(c[axis]) + number(d[axis])) / 8));
  return { id: arc.id, path: `M ${words(a)} C ${words(b)}, ${words(c)}, ${words(d)}`, label };
}

/** @param {number|undefined} value */
const number = (value) => value ?? 0;
/** @param {Point} point */
const words = ([x, y]) => `${Math.round(x)} ${Math.round(y)}`;

/**
 * Start, two handles and end of the curve.
 *
 * @param {PlacedNode} from
 * @param {PlacedNode} to
 * @param {boolean} isAcross
 * @param {number} shift
 * @returns {[Point, Point, Point, Point]}
 */
function borders(from, to, isAcross, shift) {
  const [along, beside] = isAcross ? ["x", "y"] : ["y", "x"];
  const [length, breadth] = isAcross ? [NODE_W, NODE_H] : [NODE_H, NODE_W];
  /** @param {PlacedNode} node @param {"x"|"y"} axis */
  const at = (node, axis) => node[axis];
  const first = at(from, /** @type {"x"|"y"} */ (along));
  const second = at(to, /** @type {"x"|"y"} */ (along));
  const sideways = isAcross ? shift : shift * 2;
  const startBeside = at(from, /** @type {"x"|"y"} */ (beside)) + breadth / 2 + sideways;
  const endBeside = at(to, /** @type {"x"|"y"} */ (beside)) + breadth / 2 + sideways;
  /** @param {number} a @param {number} b @returns {Point} */
  const point = (a, b) => (isAcross ? [a, b] : [b, a]);
  if (first === second) return around(from, to, isAcross, sideways);
  const isForward = second > first;
  const start = first + (isForward ? length : 0);
  const end = second + (isForward ? 0 : length);
  const half = (end - start) / 2;
  return [point(start, startBeside), point(start + half, startBeside), point(end - half, endBeside), point(end, endBeside)];
}

/**
 * Between two places of one layer: out at the sides that face each other.
 *
 * @param {PlacedNode} from
 * @param {PlacedNode} to
 * @param {boolean} isAcross
 * @param {number} shift
 * @returns {[Point, Point, Point, Point]}
 */
function around(from, to, isAcross, shift) {
  if (isAcross) {
    const x = from.x + NODE_W / 2 + shift;
    const isDown = to.y > from.y;
    const [start, end] = [from.y + (isDown ? NODE_H : 0), to.y + (isDown ? 0 : NODE_H)];
    return [[x, start], [x, start + (isDown ? BEND : -BEND) / 2], [x, end - (isDown ? BEND : -BEND) / 2], [x, end]];
  }
  const y = from.y + NODE_H / 2 + shift / 2;
  const isRight = to.x > from.x;
  const [start, end] = [from.x + (isRight ? NODE_W : 0), to.x + (isRight ? 0 : NODE_W)];
  return [[start, y], [start, y], [end, y], [end, y]];
}

import assert from "node:assert/strict";
import test from "node:test";

import { layersOf, layOut, NODE_H, NODE_W, rowsOf } from "../../frontend/static/js/lib/graph_layout.js";

/** @param {...[string, string]} pairs */
const arcs = (...pairs) => pairs.map(([from, to], at) => ({ id: at + 1, from, to }));

test("a place lies one layer behind every place that feeds it", () => {
  const layers = layersOf(["c", "b", "a"], arcs(["a", "b"], ["b", "c"], ["a", "c"]));
  assert.deepEqual([layers.get("a"), layers.get("b"), layers.get("c")], [0, 1, 2]);
});

test("people may walk both ways and in circles", () => {
  const both = layersOf(["a", "b"], arcs(["a", "b"], ["b", "a"]));
  assert.deepEqual([...both.values()].sort(), [0, 1]);
  const circle = layersOf(["a", "b", "c"], arcs(["a", "b"], ["b", "c"], ["c", "a"]));
  assert.deepEqual([circle.get("a"), circle.get("b"), circle.get("c")], [0, 1, 2]);
});

test("places of one layer stand in the order of those that feed them", () => {
  const rows = rowsOf(["a", "b", "y", "x"], arcs(["a", "x"], ["b", "y"]));
  assert.deepEqual(rows, [["a", "b"], ["x", "y"]]);
});

const CHAIN = arcs(["a", "b"], ["b", "c"]);

test("layers lie beside each other where there is room, else below each other", () => {
  const wide = layOut(["a", "b", "c"], CHAIN, 900);
  assert.ok(wide.isAcross);
  assert.ok(wide.nodes.every(({ y }) => y === wide.nodes[0]?.y));
  const narrow = layOut(["a", "b", "c"], CHAIN, 358);
  assert.ok(!narrow.isAcross);
  assert.ok(narrow.nodes.every(({ x }) => x === narrow.nodes[0]?.x));
  assert.ok(narrow.height > 3 * NODE_H);
});

for (const width of [358, 720, 1400]) {
  test(`nothing lies outside or upon another at ${width} pixels`, () => {
    const keys = ["a", "b", "c", "d", "e", "f", "g"];
    const all = arcs(["a", "c"], ["b", "c"], ["a", "d"], ["b", "e"], ["a", "f"], ["c", "g"], ["c", "g"], ["g", "c"], ["a", "g"]);
    const { nodes, links, height } = layOut(keys, all, width);
    assert.equal(nodes.length, keys.length);
    assert.equal(links.length, all.length);
    for (const { x, y } of nodes) assert.ok(x >= 0 && x + NODE_W <= width && y >= 0 && y + NODE_H <= height);
    for (const one of nodes) {
      for (const other of nodes) {
        if (one === other) continue;
        assert.ok(Math.abs(one.x - other.x) >= NODE_W || Math.abs(one.y - other.y) >= NODE_H, `${one.key} on ${other.key}`);
      }
    }
    for (const { label } of links) assert.ok(label[0] >= 50 && label[0] <= width - 50 && label[1] > 0 && label[1] < height);
  });
}

test("several ways between the same two places have labels of their own", () => {
  const { links } = layOut(["a", "b"], arcs(["a", "b"], ["a", "b"], ["b", "a"]), 300);
  const heights = links.map(({ label }) => Math.round(label[1]));
  assert.equal(new Set(heights).size, 3);
  assert.ok(Math.abs(Number(heights[0]) - Number(heights[1])) >= 30);
});

test("without places there is nothing to draw", () => {
  assert.deepEqual(layOut([], [], 400).nodes, []);
});

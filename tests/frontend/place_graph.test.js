import assert from "node:assert/strict";
import test from "node:test";

import { cardRows } from "../../frontend/static/js/lib/action_card.js";
import { linkBody, linkFields, lineOptions, placeOptions, refusedField } from "../../frontend/static/js/lib/link_draft.js";
import {
  believedGraph, clipped, compareNodes, gateSentences, graphNews, linkFlow, linkSentence, nodeLevel, nodeSentence, peopleText, placeKey, shortPeople, shortTime, timeText, walkText,
} from "../../frontend/static/js/lib/place_graph.js";

const TIME = { inflow_per_s: 0.5, inflow_low: 0.4, inflow_high: 0.6, seconds: 300, low_s: 240, high_s: 360 };
const SLOWER = { inflow_per_s: 0.2, inflow_low: 0.1, inflow_high: 0.3, seconds: 750, low_s: 540, high_s: 840 };
const EMPTYING = { inflow_per_s: -0.1, inflow_low: -0.2, inflow_high: 0, seconds: null, low_s: null, high_s: null };
const UNKNOWN = { inflow_per_s: null, inflow_low: null, inflow_high: null, seconds: null, low_s: null, high_s: null };

/** @param {Record<string, any>} [changes] @returns {any} */
const node = (changes = {}) => ({ kind: "zone", place_id: 2, name: "Stage", camera_name: "North", camera_id: 1, limit: 200, count: 142, count_low: 120, count_high: 155, trust: "ok", trust_reason: "", risk_level: "WARNING", is_simulated: false, has_card: true, forecast: { at: "2026-01-01T12:00:00Z", age_s: 0, limit: 200, now: TIME, gates: [] }, ...changes });

/** @param {Record<string, any>} [changes] @returns {any} */
const link = (changes = {}) => ({ id: 1, name: "Gate B", source: { kind: "zone", place_id: 1, name: "Plaza", camera_name: "North" }, target: { kind: "location", place_id: 1, name: "Hall", camera_name: null }, line: { line_id: 4, name: "Door", camera_id: 1, camera_name: "North", is_reversed: true }, is_gate: true, walk_s: 90, flow_per_s: 0.3, back_per_s: 0.1, trust: "ok", trust_reason: "", ...changes });

/** @param {Record<string, any>} [changes] @returns {any} */
const gate = (changes = {}) => ({ link_id: 1, name: "Gate B", source_name: "Plaza on North", walk_s: 40, flow_per_s: 0.3, held: SLOWER, source: null, ...changes });

test("a place says how many are there, of how many, and when it is full", () => {
  assert.equal(peopleText(node()), "142 (120–155) of 200 people");
  assert.equal(shortPeople(node()), "142 of 200 people");
  assert.equal(timeText(node()), "full in 4–6 min");
  assert.equal(nodeSentence(node()), "Stage on North: Warning, 142 (120–155) of 200 people, full in 4–6 min.");
  assert.equal(peopleText(node({ count_high: null })), "at least 120 of 200 people");
  assert.equal(peopleText(node({ limit: null })), "142 (120–155) people");
});

test("what is not known is no number, and what is old says so", () => {
  const never = node({ count: null, count_low: null, count_high: null, trust: "unknown", risk_level: null, forecast: null });
  assert.equal(peopleText(never), "– of 200 people");
  assert.equal(nodeLevel(never).word, "No data");
  assert.equal(timeText(never), "no forecast: not seen now");
  const old = node({ trust: "unknown" });
  assert.equal(peopleText(old), "last known 142 of 200");
  assert.equal(timeText(old), "no forecast: not seen now");
  assert.equal(nodeLevel(old).word, "Unknown, held at Warning");
  assert.equal(timeText(node({ forecast: null })), "no forecast yet");
  assert.equal(timeText(node({ forecast: { now: UNKNOWN, gates: [] } })), "no forecast yet");
  assert.equal(timeText(node({ limit: null })), "no limit set");
});

test("an answer that is too old is believed no longer", () => {
  const graph = { nodes: [node()], links: [link()] };
  assert.equal(believedGraph(graph, 5), graph);
  const { nodes, links } = believedGraph(graph, 61);
  assert.deepEqual([nodes[0]?.trust, nodes[0]?.forecast, links[0]?.flow_per_s], ["unknown", null, null]);
  assert.match(String(nodes[0]?.trust_reason), /1 min/);
});

test("a small box has few words", () => {
  const perhaps = { ...TIME, seconds: 500, low_s: 180, high_s: null };
  assert.equal(shortTime(node({ forecast: { now: perhaps, gates: [] } })), "full in about 8 min");
  assert.equal(shortTime(node({ forecast: { now: { ...perhaps, seconds: null }, gates: [] } })), "full in 3 min or later");
  assert.equal(shortTime(node({ forecast: { now: { ...perhaps, low_s: 2340, seconds: 5000, high_s: 10_860 }, gates: [] } })), "full in 39 min or later");
  assert.equal(clipped("Front of the stage", 10), "Front of…");
  assert.equal(clipped("Stage", 10), "Stage");
});

test("a way says who goes there", () => {
  assert.equal(linkFlow(link()), "18 people/min");
  assert.equal(linkFlow(link({ flow_per_s: 1 / 60 })), "1 person/min");
  assert.equal(linkFlow(link({ flow_per_s: null })), "flow not known");
  assert.equal(linkFlow(link({ flow_per_s: null, line: null })), "not counted");
  assert.equal(linkSentence(link()), "Gate B (gate) from Plaza on North to Hall: 18 people/min, 6 people/min back, 90 s on foot.");
  assert.equal(walkText(null), "–");
  assert.equal(walkText(600), "10 min");
});

test("a held gate says what it would change", () => {
  const place = { now: TIME, limit: 200 };
  assert.deepEqual(gateSentences(gate(), place), [
    "18 people/min come through it now.",
    "If held: full in 9–14 min, instead of full in 4–6 min.",
    "Those on the way arrive for another 40 s.",
  ]);
  assert.equal(gateSentences(gate({ held: EMPTYING }), place)[1], "If held: not filling, instead of full in 4–6 min.");
  assert.match(String(gateSentences(gate({ walk_s: 400 }), place)[2]), /^It is full before holding helps/);
  assert.match(String(gateSentences(gate(), { now: { ...TIME, seconds: 0, low_s: 0 }, limit: 200 })[1]), /^It is full already. If held: \+12 people\/min .* instead of \+30/);
  assert.match(String(gateSentences(gate(), { now: TIME, limit: null })[1]), /^If held: \+12 people\/min .* instead of \+30 people\/min/);
});

test("where people would wait is told too", () => {
  const place = { now: TIME, limit: 200 };
  assert.equal(gateSentences(gate({ source: SLOWER }), place).at(-1), "They would wait at Plaza on North: full in 9–14 min.");
  const unlimited = { ...SLOWER, seconds: null, low_s: null, high_s: null };
  assert.equal(gateSentences(gate({ source: unlimited }), place).at(-1), "They would wait at Plaza on North: +12 people/min (+6.0 to +18) there.");
});

test("a gate nobody counts at promises nothing", () => {
  const place = { now: TIME, limit: 200 };
  assert.match(String(gateSentences(gate({ flow_per_s: null, held: null }), place)), /not known now/);
  assert.deepEqual(gateSentences(gate({ held: null }), place), ["18 people/min come through it now.", "What holding it would change is not known yet."]);
});

test("the eye goes to the highest level first, then to what is full first", () => {
  const soon = node({ place_id: 3, name: "B" });
  const later = node({ place_id: 4, name: "A", forecast: { now: SLOWER, gates: [] } });
  const calm = node({ place_id: 5, risk_level: "SAFE", forecast: { now: { ...TIME, seconds: 1 }, gates: [] } });
  const unknown = node({ place_id: 6, risk_level: null, forecast: null });
  assert.deepEqual([unknown, calm, later, soon].sort(compareNodes).map(placeKey), ["zone-3", "zone-4", "zone-5", "zone-6"]);
});

test("a new level is read out, nothing else", () => {
  const before = { nodes: [node({ risk_level: "SAFE" })], links: [] };
  assert.equal(graphNews(null, before), "");
  assert.equal(graphNews(before, { nodes: [node({ risk_level: "SAFE", count: 1 })], links: [] }), "");
  assert.equal(graphNews(before, { nodes: [node()], links: [] }), "Stage on North: Warning, 142 (120–155) of 200 people, full in 4–6 min.");
});

test("a link that is opened and sent back stays what it was", () => {
  const texts = linkFields(link(), "");
  assert.deepEqual(linkBody(texts), {
    body: { name: "Gate B", source: { kind: "zone", place_id: 1 }, target: { kind: "location", place_id: 1 }, line: { line_id: 4, is_reversed: true }, is_gate: true, walk_s: 90 },
    problem: "",
  });
  const bare = linkBody({ ...texts, line: "", walk: " " }).body;
  assert.deepEqual([bare.line, bare.walk_s], [null, null]);
  assert.equal(linkBody({ ...texts, walk: "1,5" }).body.walk_s, 1.5);
  assert.match(linkBody({ ...texts, walk: "soon" }).problem, /number of seconds/);
  assert.equal(linkFields(null, "zone-3").source, "zone-3");
});

test("places and lines are offered by name, refusals find their field", () => {
  const choices = { places: [link().source, link().target], lines: [link().line] };
  assert.deepEqual(placeOptions(choices), { "zone-1": "Plaza on North", "location-1": "Hall (location)" });
  assert.deepEqual(lineOptions(choices), { 4: "Door on North" });
  assert.deepEqual(["/line/line_id", "/walk_s", "/source", "/colour", ""].map(refusedField), ["line", "walk_s", "source", null, null]);
});

test("of a card only what is written is shown", () => {
  assert.deepEqual(cardRows({ hold_gate: "Gate B", open_route: "", pa_text: "Wait.", person_on_duty: "" }).map(({ word, text }) => [word, text]), [["Hold", "Gate B"], ["Announce", "Wait."]]);
  assert.deepEqual(cardRows(null), []);
});

/**
 * The place graph in words: places with people and time to the limit, ways with their flow, what
 * a held gate would change. Numbers that are too old are told as the last known ones.
 */
import { formatAge, formatInterval, formatNumber, NONE } from "./format.js";
import { limitText, trendText } from "./location_words.js";
import { levelView, riskView } from "./risk.js";

/** @typedef {import("../types.js").GraphNode} GraphNode */
/** @typedef {import("../types.js").GraphLink} GraphLink */
/** @typedef {import("../types.js").PlaceGraph} PlaceGraph */
/** @typedef {import("../types.js").PlaceForecast} PlaceForecast */
/** @typedef {import("../types.js").GateEffect} GateEffect */

/** Beyond this the whole answer of the server is old. */
export const OLD_AFTER_S = 6;

/** @param {{kind: string, place_id: number}} place @returns {string} "zone-3", as in the address */
export const placeKey = ({ kind, place_id: id }) => `${kind}-${id}`;

/** @param {{name: string, camera_name: string|null}} place */
export const placeWords = ({ name, camera_name: camera }) => (camera === null ? name : `${name} on ${camera}`);

/**
 * The answer as it may be believed now.
 *
 * @param {PlaceGraph} graph
 * @param {number} ageS since it came
 * @returns {PlaceGraph}
 */
export function believedGraph(graph, ageS) {
  if (ageS <= OLD_AFTER_S) return graph;
  const reason = `The server has not answered for ${formatAge(ageS)}.`;
  const old = { trust: /** @type {const} */ ("unknown"), trust_reason: reason };
  return {
    nodes: graph.nodes.map((node) => ({ ...node, ...old, forecast: null })),
    links: graph.links.map((link) => ({ ...link, ...old, flow_per_s: null, back_per_s: null })),
  };
}

/** @param {GraphNode} node */
export const isKnown = (node) => node.count !== null && node.trust !== "unknown";

/**
 * "142 (120–155) of 200 people", "last known 142 of 200", "– of 200 people".
 *
 * @param {GraphNode} node
 */
export function peopleText(node) {
  const of = node.limit === null ? "" : ` of ${formatNumber(node.limit)}`;
  if (node.count === null) return `${NONE}${of} people`;
  if (!isKnown(node)) return `last known ${formatNumber(Math.round(node.count))}${of}`;
  if (node.count_high === null) return `${formatInterval(node.count_low ?? 0, null)}${of} people`;
  const interval = formatInterval(node.count_low ?? node.count, node.count_high);
  return `${formatNumber(Math.round(node.count))}${interval ? ` (${interval})` : ""}${of} people`;
}

/** The same without the interval, for a small box. @param {GraphNode} node */
export function shortPeople(node) {
  return peopleText(node).replace(/ \([^)]*\)/, "").replace("cannot be counted", "?");
}

/**
 * "full in 4–6 min"; where there is nothing to say, why.
 *
 * @param {GraphNode} node
 */
export function timeText(node) {
  if (!isKnown(node)) return "no forecast: not seen now";
  if (node.limit === null) return "no limit set";
  return (node.forecast && limitText(node.forecast.now)) || "no forecast yet";
}

/** The same in so few words that they fit into a small box. @param {GraphNode} node */
export function shortTime(node) {
  if (!isKnown(node)) return "not seen now";
  return timeText(node).replace(/ \(.*$/, "").replace(/ at the soonest, perhaps never$| to .*$/, " or later");
}

/** @param {string} text @param {number} most characters */
export const clipped = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`);

/** All of a place in one sentence, for those who cannot see the drawing. @param {GraphNode} node */
export function nodeSentence(node) {
  const simulated = node.is_simulated ? ", simulated" : "";
  return `${placeWords(node)}${simulated}: ${nodeLevel(node).word}, ${peopleText(node)}, ${timeText(node)}.`;
}

/** @param {GraphNode} node @returns {import("./risk.js").RiskView} the level; unknown is one of its own */
export function nodeLevel(node) {
  if (node.count === null || node.risk_level === null) return riskView(node.trust === "unknown" ? null : /** @type {any} */ ({ trust: node.trust, risk_level: "SAFE" }));
  return riskView(/** @type {any} */ ({ trust: node.trust, risk_level: node.risk_level }));
}

/** @param {number} perS @returns {string} "18 people/min" */
export const flowText = (perS) => `${formatNumber(perS * 60)} ${Math.round(perS * 60) === 1 ? "person" : "people"}/min`;

/** Time on foot: whole minutes say too little of short ways. @param {number|null} walkS */
export const walkText = (walkS) => (walkS === null ? NONE : walkS < 180 ? `${formatNumber(walkS)} s` : formatAge(walkS));

/** What stands at a way. @param {GraphLink} link */
export function linkFlow(link) {
  if (link.flow_per_s !== null) return flowText(link.flow_per_s);
  return link.line === null ? "not counted" : "flow not known";
}

/** One way in one sentence. @param {GraphLink} link */
export function linkSentence(link) {
  const walk = link.walk_s === null ? "" : `, ${walkText(link.walk_s)} on foot`;
  const back = link.back_per_s === null ? "" : `, ${flowText(link.back_per_s)} back`;
  return `${link.name}${link.is_gate ? " (gate)" : ""} from ${placeWords(link.source)} to ${placeWords(link.target)}: ${linkFlow(link)}${back}${walk}.`;
}

/** How fast the place fills. @param {PlaceForecast|null} forecast */
export function inflowText(forecast) {
  return forecast === null ? NONE : trendText(forecast.now);
}

/** "full in 9–14 min", "not filling". @param {import("../types.js").TimeToLimit} time */
const when = (time) => limitText(time) || "not known when it is full";

/**
 * What holding a gate would change, in sentences.
 *
 * @param {GateEffect} gate
 * @param {Pick<PlaceForecast, "now"|"limit">} forecast of the place it feeds
 * @returns {string[]}
 */
export function gateSentences(gate, { now, limit }) {
  if (gate.flow_per_s === null) return ["Who comes through here is not known now: what holding it would change cannot be said."];
  const through = `${flowText(gate.flow_per_s)} ${Math.round(gate.flow_per_s * 60) === 1 ? "comes" : "come"} through it now.`;
  if (gate.held === null) return [through, "What holding it would change is not known yet."];
  const found = [through];
  if (limit === null) found.push(`If held: ${trendText(gate.held)} instead of ${trendText(now)}.`);
  else if (now.seconds === 0) found.push(`It is full already. If held: ${trendText(gate.held)} instead of ${trendText(now)}.`);
  else found.push(`If held: ${when(gate.held)}, instead of ${when(now)}.`);
  if (gate.walk_s !== null) found.push(walkSentence(gate.walk_s, limit === null ? null : now.seconds));
  if (gate.source !== null) found.push(sourceSentence(gate.source_name, gate.source));
  return found;
}

/** @param {number} walkS @param {number|null} fullS */
function walkSentence(walkS, fullS) {
  if (fullS !== null && fullS > 0 && fullS <= walkS) return `It is full before holding helps: those on the way arrive for another ${walkText(walkS)}.`;
  return `Those on the way arrive for another ${walkText(walkS)}.`;
}

/** @param {string} name @param {import("../types.js").TimeToLimit} time of the place they wait in */
function sourceSentence(name, time) {
  const words = time.seconds === null ? "" : limitText(time);
  return words ? `They would wait at ${name}: ${words}.` : `They would wait at ${name}: ${trendText(time)} there.`;
}

/**
 * Places the eye goes to first: highest level, then the soonest full, then by name.
 *
 * @param {GraphNode} a
 * @param {GraphNode} b
 */
export function compareNodes(a, b) {
  /** @param {GraphNode} node */
  const rank = (node) => (node.risk_level === null ? -1 : ["SAFE", "CAUTION", "WARNING", "CRITICAL"].indexOf(node.risk_level));
  /** @param {GraphNode} node */
  const soon = (node) => node.forecast?.now.seconds ?? Infinity;
  return rank(b) - rank(a) || (soon(a) === soon(b) ? 0 : soon(a) - soon(b)) || placeWords(a).localeCompare(placeWords(b));
}

/**
 * What to read out when a level has changed; "" while none has.
 *
 * @param {PlaceGraph|null} before
 * @param {PlaceGraph} now
 */
export function graphNews(before, now) {
  const was = new Map((before?.nodes ?? []).map((node) => [placeKey(node), node.risk_level]));
  const changed = now.nodes.filter((node) => node.risk_level !== null && was.has(placeKey(node)) && was.get(placeKey(node)) !== node.risk_level);
  return changed.map((node) => `${placeWords(node)}: ${levelView(/** @type {import("../types.js").Level} */ (node.risk_level)).word}, ${peopleText(node)}, ${timeText(node)}.`).join(" ");
}

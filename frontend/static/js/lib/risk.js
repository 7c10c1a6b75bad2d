/**
 * Risk and trust as words, shapes and colours; and which camera comes first.
 *
 * The icon shapes are those drawn on the video: disc, diamond, triangle, octagon.
 */

/** @typedef {import("../types.js").Level} Level */
/** @typedef {import("../types.js").Trust} Trust */
/** @typedef {import("../types.js").Metrics} Metrics */

/** @type {readonly Level[]} */
export const LEVELS = ["SAFE", "CAUTION", "WARNING", "CRITICAL"];

/** @typedef {{key: string, word: string, icon: string}} RiskView */

/** @type {Record<Level, RiskView>} */
const VIEWS = {
  SAFE: { key: "safe", word: "Safe", icon: "bi-check-circle-fill" },
  CAUTION: { key: "caution", word: "Caution", icon: "bi-exclamation-diamond-fill" },
  WARNING: { key: "warning", word: "Warning", icon: "bi-exclamation-triangle-fill" },
  CRITICAL: { key: "critical", word: "Critical", icon: "bi-exclamation-octagon-fill" },
};

/** @param {Level} level */
export function levelView(level) {
  return VIEWS[level] ?? VIEWS.SAFE;
}

/** @param {Level|undefined|null} level */
export function levelRank(level) {
  return level ? LEVELS.indexOf(level) : -1;
}

/**
 * What to show for a camera's numbers. Unknown is its own state; the level held from before
 * is named, because it still counts.
 *
 * @param {Pick<Metrics, "risk_level"|"trust">|null|undefined} metrics
 * @returns {RiskView & {held: Level|null}}
 */
export function riskView(metrics) {
  if (!metrics) {
    return { key: "unknown", word: "No data", icon: "bi-question-square", held: null };
  }
  if (metrics.trust === "unknown") {
    const held = metrics.risk_level;
    const word = levelRank(held) > 0 ? `Unknown, held at ${levelView(held).word}` : "Unknown";
    return { key: "unknown", word, icon: "bi-question-square", held };
  }
  return { ...levelView(metrics.risk_level), held: null };
}

/** @type {Record<Trust, {word: string, icon: string, meaning: string}>} */
const TRUST_VIEWS = {
  ok: { word: "Trusted", icon: "bi-shield-check", meaning: "Measured and fresh." },
  estimated: { word: "Estimate", icon: "bi-shield", meaning: "Estimated, not measured directly." },
  degraded: {
    word: "Degraded",
    icon: "bi-shield-exclamation",
    meaning: "Counted with reduced accuracy or with a delay.",
  },
  saturated: {
    word: "At least",
    icon: "bi-shield-exclamation",
    meaning: "The scene is beyond what this counter can count: there are more people than shown.",
  },
  unknown: { word: "Unknown", icon: "bi-shield-slash", meaning: "No fresh numbers." },
};

/**
 * @param {Trust} trust
 * @param {string} [reason]
 */
export function trustView(trust, reason = "") {
  const view = TRUST_VIEWS[trust] ?? TRUST_VIEWS.unknown;
  return { ...view, key: trust, reason: reason || view.meaning };
}

/** @typedef {{id: number, name: string, current: Metrics|null}} Sortable */

/**
 * Worst first: level, then score, then name. A held level counts; no data comes last.
 *
 * @param {Sortable} a
 * @param {Sortable} b
 */
export function compareByRisk(a, b) {
  const byLevel = levelRank(b.current?.risk_level) - levelRank(a.current?.risk_level);
  if (byLevel) return byLevel;
  const byScore = wholeScore(b) - wholeScore(a);
  return byScore || a.name.localeCompare(b.name) || a.id - b.id;
}

/** @param {Sortable} camera whole points: decimals would shuffle the wall without meaning */
function wholeScore({ current }) {
  return Math.floor(current?.risk_score ?? -1);
}

/**
 * @param {number} ageS
 * @param {number|null|undefined} fps analysed frames per second
 */
export function isStale(ageS, fps) {
  return ageS > Math.max(3, fps && fps > 0 ? 3 / fps : 0);
}

/**
 * Marks for risk, trust and state: word, shape and colour together.
 */
import { h, icon, rebuild, setProperties, setText } from "../dom.js";
import { stateView } from "../lib/camera.js";
import { levelView, riskView, trustView } from "../lib/risk.js";

/** @typedef {import("../types.js").Metrics} Metrics */

/**
 * @param {import("../types.js").Level} level
 * @param {{large?: boolean}} [options]
 */
export function levelBadge(level, { large = false } = {}) {
  const view = levelView(level);
  return h("span", { class: `risk risk--${view.key}${large ? " risk--large" : ""}` }, icon(view.icon), view.word);
}

/** @param {{large?: boolean}} [options] */
export function mountRisk({ large = false } = {}) {
  const word = h("span");
  const mark = h("i", { "aria-hidden": "true" });
  const root = h("span", {}, mark, word);
  return {
    root,
    /** @param {Metrics|null} metrics */
    update(metrics) {
      const view = riskView(metrics);
      const name = `risk risk--${view.key}${large ? " risk--large" : ""}`;
      if (root.className !== name) {
        root.className = name;
        mark.className = `bi ${view.icon}`;
      }
      setText(word, view.word);
    },
  };
}

export function mountTrust({ withReason = false } = {}) {
  const root = h("span", { class: "trust" });
  return {
    root,
    /** @param {Metrics|null} metrics */
    update(metrics) {
      root.hidden = metrics === null;
      if (!metrics) return;
      const view = trustView(metrics.trust, metrics.trust_reason);
      const name = `trust trust--${view.key}`;
      if (root.className !== name) root.className = name;
      if (root.title !== view.reason) setProperties(root, { title: view.reason });
      const explain = withReason && view.key !== "ok";
      rebuild(root, `${view.key}${explain ? view.reason : ""}`, () => [
        icon(view.icon),
        h("span", {}, explain ? `${view.word}: ${view.reason}` : view.word),
        !explain && h("span", { class: "visually-hidden" }, `: ${view.reason}`),
      ]);
    },
  };
}

/** The mark of everything behind which nobody stands: word and shape, not colour alone. */
export function simulatedTag() {
  return h("span", { class: "tag tag--simulated", title: "A simulated crowd: nobody stands there" }, icon("bi-robot"), "SIMULATED");
}

/** @param {import("../types.js").Alert["origin"]} origin @returns {HTMLElement|null} null for what is live */
export function originTag(origin) {
  if (origin === "LIVE") return null;
  return origin === "SIMULATED" ? simulatedTag() : h("span", { class: "tag tag--recorded" }, origin);
}

/** @param {import("../types.js").Camera} camera */
export function stateTag(camera) {
  const view = stateView(camera);
  return h("span", { class: `tag${view.tone ? ` tag--${view.tone}` : ""}`, title: view.detail || null }, icon(view.icon), view.word);
}

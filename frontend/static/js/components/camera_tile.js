/**
 * One camera on the dashboard: picture, level, count with interval, density, trust, trend.
 */
import { h, icon, rebuild, setText } from "../dom.js";
import { hasPicture, isRecorded, isSimulated, stateView } from "../lib/camera.js";
import { countView, formatAge, formatNumber, formatPercent } from "../lib/format.js";
import { DEFAULT_OVERLAYS, pictureUrl } from "../lib/overlays.js";
import { isCountKnown, quantityView } from "../lib/quantities.js";
import { riskView } from "../lib/risk.js";
import { mountRisk, mountTrust, simulatedTag } from "./badges.js";
import { mountPicture } from "./picture_poller.js";
import { mountSparkline } from "./sparkline.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").Metrics} Metrics */

const TILE_WIDTH = 480;

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {Camera} deps.camera
 * @param {number} deps.delayMs
 */
export function mountTile({ api, camera, delayMs }) {
  let shown = camera;
  const overlays = DEFAULT_OVERLAYS.filter((name) => name !== "hud");
  const picture = mountPicture({
    api,
    alt: `Picture from ${camera.name}`,
    url: () => pictureUrl(camera.id, "snapshot", { overlays, width: TILE_WIDTH }),
    expected: () => (!hasPicture(shown) ? "none" : isFresh(shown) ? "fresh" : "old"),
    delayMs,
  });
  const risk = mountRisk();
  const trust = mountTrust();
  const spark = mountSparkline(`Count at ${camera.name} over the last minutes`);
  const name = h("a", { class: "tile__link", href: `/cameras/${camera.id}` });
  const state = h("span", { class: "tag" });
  const count = h("span");
  const interval = h("span", { class: "tile__interval" });
  const density = h("span");
  const score = h("span");
  if (isSimulated(camera)) picture.root.append(h("div", { class: "picture__banner" }, simulatedTag()));
  const cause = h("p", { class: "hint tile__cause" });
  const root = h(
    "article",
    { class: "tile", "data-camera": camera.id },
    picture.root,
    h(
      "div",
      { class: "tile__body" },
      h("div", { class: "row-line row-line--spread" }, h("h3", { class: "tile__name grow" }, name), state),
      h("div", { class: "row-line row-line--spread" }, risk.root, score),
      h(
        "div",
        { class: "tile__numbers" },
        h("div", {}, h("div", { class: "tile__count" }, count), interval),
        spark.root,
      ),
      h("div", { class: "tile__foot" }, density, trust.root),
      cause,
    ),
  );

  /** @param {Camera} now @param {Metrics|null} metrics */
  function updateNumbers(now, metrics) {
    const unknown = !metrics || metrics.trust === "unknown";
    const view = countView(metrics);
    setText(count, view.figure);
    count.className = isCountKnown(metrics) ? "" : "faint";
    setText(interval, view.note);
    setText(density, densityText(now, metrics));
    setText(score, metrics && metrics.risk_score !== null && !unknown ? `Score ${formatNumber(metrics.risk_score)} of 100` : "");
    const first = unknown ? null : metrics.causes[0];
    setText(cause, first?.text ?? "");
    cause.title = first?.text ?? "";
    cause.hidden = !first;
  }

  return {
    root,
    /**
     * @param {Camera} now
     * @param {Metrics|null} metrics as they may be believed
     * @param {{ageS: number|null, counts: number[]}} freshness
     */
    update(now, metrics, { ageS, counts }) {
      shown = now;
      setText(name, now.name);
      const view = riskView(metrics);
      root.className = `tile tile--${view.key}${isSimulated(now) ? " tile--simulated" : ""}`;
      risk.update(metrics);
      trust.update(metrics);
      updateNumbers(now, metrics);
      spark.update(counts);
      const word = stateWord(now, ageS);
      rebuild(state, word.text + word.tone, () => [icon(word.icon), word.text]);
      state.className = `tag${word.tone ? ` tag--${word.tone}` : ""}`;
      state.title = stateView(now).detail;
    },
    destroy: () => picture.destroy(),
  };
}

/** @param {Camera} camera whether new pictures come in */
function isFresh(camera) {
  return isRecorded(camera) ? camera.job?.state === "analysing" : camera.status.status === "live";
}

/** @param {Camera} camera @param {number|null} ageS */
function stateWord(camera, ageS) {
  const view = stateView(camera);
  if (isRecorded(camera)) {
    const share = camera.job?.state === "analysing" ? ` ${formatPercent(camera.job.fraction)}` : "";
    return { icon: view.icon, tone: "recorded", text: `Recorded: ${view.word}${share}` };
  }
  const old = ageS !== null && ageS >= 3 && view.word !== "Off" ? `, ${formatAge(ageS)} ago` : "";
  return { icon: view.icon, tone: view.tone, text: view.word + old };
}

/** @param {Camera} camera @param {Metrics|null} metrics as they may be believed */
function densityText(camera, metrics) {
  const field = metrics?.calibration_version ? "peak_density_per_m2" : "density_per_m2";
  if (metrics && (metrics.calibration_version || metrics[field] !== null)) {
    const view = quantityView(metrics, field);
    return view.text === "unknown" ? "density unknown" : view.isMissing ? "– people/m²" : view.text;
  }
  if (camera.people_limit) {
    const share = metrics ? metrics.count / camera.people_limit : null;
    return `${formatPercent(share)} of ${formatNumber(camera.people_limit)} people`;
  }
  return camera.area_m2 ? "– people/m²" : "not calibrated";
}

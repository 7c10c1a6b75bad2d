/**
 * How the system itself is doing: each part with its reason, and the figures behind it.
 */
import { emptyState, fill } from "../components/state.js";
import { h, icon } from "../dom.js";
import { cameraRows, healthRows, statRows } from "../lib/health.js";
import { panel, startPage } from "../shell.js";

const PERIOD_MS = 5000;

/** @type {Record<string, {word: string, icon: string, tone: string}>} */
const TONES = {
  ok: { word: "Fine", icon: "bi-check-circle-fill", tone: "tag--live" },
  degraded: { word: "Degraded", icon: "bi-exclamation-triangle-fill", tone: "tag--caution" },
  failed: { word: "Failed", icon: "bi-x-octagon-fill", tone: "tag--bad" },
};

/** @param {Record<string, Record<string, unknown>>} cameras figures by camera id */
function cameraTable(cameras) {
  const { heads, rows } = cameraRows(cameras);
  if (!rows.length) return emptyState({ icon: "bi-camera-video", title: "No camera is running" });
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Cameras" },
    h(
      "table",
      { class: "table-list" },
      h("thead", {}, h("tr", {}, ...heads.map((word) => h("th", { scope: "col" }, word)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((text, index) => h("td", { "data-label": heads[index] ?? "" }, text))))),
    ),
  );
}

startPage(async ({ root, api, signal }) => {
  /** @param {string} state */
  const tag = (state) => {
    const view = TONES[state] ?? { word: state, icon: "bi-question-square", tone: "" };
    return h("span", { class: `tag ${view.tone}` }, icon(view.icon), view.word);
  };

  /** @param {[any, any]} answers */
  function build([health, stats]) {
    const { overall, rows } = healthRows(health);
    const { cameras = {}, ...figures } = stats;
    return h(
      "div",
      { class: "stack" },
      panel("Health", [
        rows.length
          ? h(
              "table",
              { class: "table-list" },
              h("thead", {}, h("tr", {}, ...["Part", "State", "Reason"].map((word) => h("th", { scope: "col" }, word)))),
              h("tbody", {}, ...rows.map((row) => h("tr", {}, h("td", { "data-label": "Part", class: "nowrap" }, row.name), h("td", { "data-label": "State" }, tag(row.state)), h("td", { "data-label": "Reason" }, row.reason || "–")))),
            )
          : h("p", { class: "hint" }, "Nothing to report."),
      ], { actions: tag(overall), flush: rows.length > 0 }),
      panel("Cameras", [cameraTable(cameras)], { flush: true }),
      panel("Figures", [h("dl", { class: "facts" }, ...statRows(figures).flatMap(({ name, value }) => [h("dt", {}, name), h("dd", {}, value)]))]),
      h("div", { class: "form-actions" }, h("a", { class: "button", href: "/api/docs" }, icon("bi-braces"), "API documentation")),
    );
  }
  const place = h("div");
  root.replaceChildren(place);
  /** @returns {Promise<[any, any]>} */
  const load = () => Promise.all([api.get("/api/system/health", { signal }), api.get("/api/system/stats", { signal })]);
  await fill(place, load, build);
  const ticking = setInterval(() => document.visibilityState === "visible" && void fill(place, load, build), PERIOD_MS);
  signal.addEventListener("abort", () => clearInterval(ticking));
});

/**
 * The last 24 hours of a location: figures, and a chart of least to most people a minute.
 */
import { h, setText } from "../../dom.js";
import { formatNumber, formatTime } from "../../lib/format.js";
import { chartStart, loneMinutes, minuteLine, minutesOf, statsFigures } from "../../lib/location_stats.js";
import { fill } from "../state.js";

/** @typedef {import("../../types.js").LocationStats} LocationStats */
/** @typedef {import("../../lib/location_stats.js").Minute} Minute */

const HOURS = 24;
const RELOAD_MS = 60_000;

/** @param {string} name */
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** @param {Minute[]} minutes @param {LocationStats} stats @param {number|null} capacity */
function options(minutes, stats, capacity) {
  const { until, time_zone: zone } = stats;
  const start = chartStart(minutes, stats);
  const text = { color: token("--text-soft"), fontFamily: token("--font") };
  const line = token("--line");
  const accent = token("--accent");
  const hidden = { type: "line", symbol: "none", lineStyle: { opacity: 0 }, stack: "band", silent: true, tooltip: { show: false } };
  const red = token("--risk-critical");
  const limit = { type: "line", name: "Capacity", symbol: "none", silent: true, tooltip: { show: false }, lineStyle: { color: red, width: 2, type: "dashed" }, data: capacity === null ? [] : [[start, capacity], [Date.parse(until), capacity]] };
  return {
    animation: false,
    grid: { left: 52, right: 20, top: 28, bottom: 28 },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: token("--surface-raised"),
      borderColor: line,
      textStyle: { color: token("--text"), fontSize: 12 },
      formatter: (/** @type {any} */ shown) => {
        const at = (Array.isArray(shown) ? shown[0] : shown)?.value?.[0];
        const minute = minutes.find((known) => known.at === at);
        return minute ? `${formatTime(at, { zone })}\nMean ${formatNumber(Math.round(minute.mean))} people\nFewest ${formatNumber(Math.round(minute.low))}, most ${formatNumber(Math.round(minute.high))}` : "";
      },
    },
    xAxis: { type: "time", min: start, max: Date.parse(until), axisLine: { lineStyle: { color: line } }, axisLabel: { ...text, hideOverlap: true, formatter: (/** @type {number} */ at) => formatTime(at, { zone }) }, splitLine: { show: false } },
    yAxis: { min: 0, minInterval: 1, splitNumber: 3, name: "People", axisLabel: text, nameTextStyle: { ...text, align: "left" }, splitLine: { lineStyle: { color: line } } },
    series: [
      { ...hidden, name: "low", data: minuteLine(minutes, ({ low }) => low) },
      { ...hidden, name: "band", areaStyle: { color: accent, opacity: 0.22 }, data: minuteLine(minutes, ({ low, high }) => high - low) },
      { type: "line", name: "Mean", symbol: "none", lineStyle: { color: accent, width: 2 }, itemStyle: { color: accent }, data: minuteLine(minutes, ({ mean }) => mean) },
      { type: "scatter", name: "Alone", symbolSize: 4, itemStyle: { color: accent }, data: loneMinutes(minutes).map(({ at, mean }) => [at, mean]), silent: true, tooltip: { show: false } },
      limit,
    ],
  };
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {number} deps.locationId
 * @param {string} deps.name
 * @param {() => number|null} deps.capacity
 * @param {AbortSignal} deps.signal
 */
export function mountStats({ api, locationId, name, capacity, signal }) {
  const figures = h("div", {});
  const legend = h("p", { class: "hint" });
  const canvas = h("div", { class: "chart", role: "img", "aria-label": `People in ${name} over the last ${HOURS} hours` });
  const { echarts } = /** @type {{echarts: typeof import("echarts")}} */ (/** @type {unknown} */ (window));
  /** @type {import("echarts").ECharts|null} */
  let chart = null;
  /** @type {LocationStats|null} */
  let stats = null;

  function draw() {
    if (!stats || !canvas.clientWidth) return;
    chart ??= echarts.init(canvas, null, { renderer: "canvas" });
    const limit = capacity();
    setText(legend, `Line: mean of each minute; band: fewest to most in it${limit === null ? "" : `; dashed: the capacity, ${formatNumber(limit)} people`}.`);
    chart.setOption(/** @type {any} */ (options(minutesOf(stats.minutes), stats, limit)), true);
  }

  const load = () =>
    fill(figures, () => api.get(`/api/locations/${locationId}/stats?hours=${HOURS}`, { signal }), (/** @type {LocationStats} */ found) => {
      stats = found;
      canvas.hidden = !found.minutes.length;
      legend.hidden = canvas.hidden;
      draw();
      if (!found.minutes.length) return h("p", { class: "hint" }, "Nothing is known of the last 24 hours yet. A minute after the first number the figures begin.");
      return h("dl", { class: "figures figures--bare" }, ...statsFigures(found).map(({ word, text, note }) => h("div", { class: "figures__item" }, h("dt", {}, word), h("dd", {}, text), h("dd", { class: "figures__note" }, note))));
    });

  const resize = new ResizeObserver(() => {
    draw();
    chart?.resize();
  });
  resize.observe(canvas);
  const again = setInterval(() => document.visibilityState === "visible" && void load(), RELOAD_MS);
  signal.addEventListener("abort", () => {
    clearInterval(again);
    resize.disconnect();
    chart?.dispose();
  });
  void load();
  return { root: h("div", { class: "stack" }, figures, canvas, legend), redraw: draw };
}

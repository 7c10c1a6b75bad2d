/**
 * Count with its interval, density and score over time (ECharts; drawn on a canvas, tooltips as
 * rich text: no markup, no inline styles).
 */
import { h } from "../dom.js";
import { field, select } from "./fields.js";
import { formatClock, formatDensity, formatDuration, formatInterval, formatNumber, formatQuantity } from "../lib/format.js";

import { brokenLine } from "../lib/series.js";

/** @typedef {import("../lib/series.js").Point} Point */

/** @param {string} name */
function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param {"wall"|"stream"} axis */
function options(axis) {
  const soft = token("--text-soft");
  const line = token("--line");
  const accent = token("--accent");
  const text = { color: soft, fontFamily: token("--font") };
  const hidden = { type: "line", symbol: "none", lineStyle: { opacity: 0 }, stack: "interval", silent: true, tooltip: { show: false } };
  const grid = { left: 52, right: 20, height: "30%" };
  const x = {
    type: axis === "wall" ? "time" : "value",
    axisLine: { lineStyle: { color: line } },
    axisLabel: { ...text, hideOverlap: true, formatter: (/** @type {number} */ at) => (axis === "wall" ? formatClock(at) : formatDuration(at / 1000)) },
    splitLine: { show: false },
    min: "dataMin",
    max: "dataMax",
  };
  const y = { min: 0, splitNumber: 2, axisLabel: text, nameTextStyle: { ...text, align: "left" }, splitLine: { lineStyle: { color: line } } };
  return {
    animation: false,
    grid: [{ ...grid, top: 28 }, { ...grid, top: "56%" }],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: token("--surface-raised"),
      borderColor: line,
      textStyle: { color: token("--text"), fontSize: 12 },
    },
    xAxis: [{ ...x, gridIndex: 0, axisLabel: { show: false } }, { ...x, gridIndex: 1 }],
    yAxis: [
      { ...y, gridIndex: 0, name: "People (with 90 % interval)", minInterval: 1 },
      { ...y, gridIndex: 1, name: "Score", max: 100 },
      { ...y, gridIndex: 1, name: "people/m²", position: "right", splitLine: { show: false } },
      { ...y, gridIndex: 1, name: "Mean speed (m/s)", position: "left" },
    ],
    series: [
      { ...hidden, name: "low" },
      { ...hidden, name: "band", areaStyle: { color: accent, opacity: 0.18 } },
      { type: "line", name: "Count", symbol: "none", lineStyle: { color: accent, width: 2 }, itemStyle: { color: accent } },
      { type: "line", name: "Score", symbol: "none", xAxisIndex: 1, yAxisIndex: 1, lineStyle: { color: token("--risk-warning"), width: 2 }, itemStyle: { color: token("--risk-warning") } },
      { type: "line", name: "Density", symbol: "none", xAxisIndex: 1, yAxisIndex: 2, lineStyle: { color: token("--recorded"), width: 2, type: "dashed" }, itemStyle: { color: token("--recorded") } },
      { type: "line", name: "Speed", symbol: "none", xAxisIndex: 1, yAxisIndex: 3, lineStyle: { color: token("--good"), width: 2 }, itemStyle: { color: token("--good") } },
    ],
  };
}

/** @param {Point} point @param {"wall"|"stream"} axis */
function describe(point, axis) {
  const interval = formatInterval(point.low, point.high);
  const lines = [
    axis === "wall" ? formatClock(point.at) : formatDuration(point.at / 1000),
    `Count ${formatNumber(point.count)}${interval ? ` (${interval})` : ""}`,
  ];
  if (point.score !== null) lines.push(`Score ${formatNumber(point.score)} of 100`);
  if (point.density !== null) lines.push(`Density ${formatDensity(point.density)}`);
  if (point.speed !== null) lines.push(`Mean speed ${formatQuantity(point.speed, "m/s", 2)}`);
  return lines.join("\n");
}

/**
 * @param {{axis: "wall"|"stream", label: string}} deps
 */
export function mountLiveChart({ axis, label }) {
  const canvas = h("div", { class: "chart", role: "img", "aria-label": label });
  const hint = h("p", { class: "hint" }, "No score and no density: they need a calibration, or an area in m² or a people limit, set with “Change” in the list of cameras.");
  hint.hidden = true;
  const below = field({ name: "below", label: "Below the count", input: select({ risk: "Score and density", speed: "Mean speed" }), attributes: { on: { change: () => draw() } } });
  below.root.hidden = true;
  const root = h("div", { class: "stack stack--tight" }, canvas, hint, h("div", { class: "filters" }, below.root));
  const { echarts } = /** @type {{echarts: typeof import("echarts")}} */ (/** @type {unknown} */ (window));
  /** @type {import("echarts").ECharts|null} */
  let chart = null;
  /** @type {Point[]} */
  let points = [];

  const resize = new ResizeObserver(() => {
    if (!canvas.clientWidth) return;
    if (!chart) {
      chart = echarts.init(canvas, null, { renderer: "canvas" });
      chart.setOption(/** @type {any} */ (options(axis)));
      chart.setOption({
        tooltip: {
          formatter: (/** @type {any} */ shown) => {
            const first = Array.isArray(shown) ? shown[0] : shown;
            const at = Array.isArray(first?.value) ? first.value[0] : null;
            const point = points.find((known) => known.at === at);
            return point ? describe(point, axis) : "";
          },
        },
      });
      draw();
    }
    chart.resize();
  });
  resize.observe(canvas);

  function draw() {
    const hasSpeed = points.some((p) => p.speed !== null);
    below.root.hidden = !hasSpeed;
    const isSpeed = hasSpeed && below.value === "speed";
    const has = { density: !isSpeed && points.some((p) => p.density !== null), score: !isSpeed && points.some((p) => p.score !== null) };
    const two = has.density || has.score || isSpeed; // no empty panel where there is nothing to draw
    hint.hidden = two || !points.length;
    chart?.setOption({
      grid: [{ height: two ? "30%" : "70%" }, { show: false }],
      xAxis: [{ axisLabel: { show: !two } }, { show: two }],
      series: [
        { data: brokenLine(points, (p) => p.low) },
        { data: brokenLine(points, (p) => (p.high ?? p.count) - p.low) },
        { data: brokenLine(points, (p) => p.count) },
        { data: has.score ? brokenLine(points, (p) => p.score) : [] },
        { data: has.density ? brokenLine(points, (p) => p.density) : [] },
        { data: isSpeed ? brokenLine(points, (p) => p.speed) : [] },
      ],
      yAxis: [{}, { show: two && !isSpeed }, { show: has.density }, { show: isSpeed }],
    });
  }

  return {
    root,
    /** @param {Point[]} fresh oldest first */
    update(fresh) {
      points = fresh;
      draw();
    },
    destroy() {
      resize.disconnect();
      chart?.dispose();
    },
  };
}

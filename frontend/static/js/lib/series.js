/**
 * Numbers over time for charts and sparklines: bounded, ordered, one point a second at most.
 */

/** @typedef {import("../types.js").Metrics} Metrics */

/**
 * @typedef {object} Point
 * @property {number} at milliseconds: wall clock (live) or stream time (recorded)
 * @property {number} count
 * @property {number} low
 * @property {number|null} high
 * @property {number|null} density people/m²
 * @property {number|null} score 0-100
 * @property {number|null} speed m/s
 */

/**
 * @param {Metrics} metrics
 * @param {"wall"|"stream"} axis
 * @returns {Point}
 */
export function pointOf(metrics, axis) {
  return {
    at: axis === "stream" ? metrics.stream_time_s * 1000 : Date.parse(metrics.time),
    count: metrics.count,
    low: metrics.count_low,
    high: metrics.count_high,
    density: metrics.peak_density_per_m2 ?? metrics.density_per_m2,
    score: metrics.risk_score,
    speed: metrics.mean_speed_mps ?? null,
  };
}

export class Series {
  /** @type {Point[]} */
  points = [];

  /** @param {{maxPoints: number, windowMs?: number, spacingMs?: number}} limits */
  constructor({ maxPoints, windowMs = Infinity, spacingMs = 1000 }) {
    this.maxPoints = maxPoints;
    this.windowMs = windowMs;
    this.spacingMs = spacingMs;
  }

  /**
   * Add a point. One that follows within the spacing replaces its predecessor's values; one
   * far in the past means the recording was started again and clears the series.
   *
   * @param {Point} point
   */
  push(point) {
    const last = this.points.at(-1);
    if (last && point.at < last.at) {
      if (last.at - point.at < 10 * this.spacingMs) return;
      this.points = [];
    } else if (last && Math.floor(point.at / this.spacingMs) === Math.floor(last.at / this.spacingMs)) {
      this.points[this.points.length - 1] = point;
      return;
    }
    this.points.push(point);
    this.#trim();
  }

  /**
   * Put history in front of what has come in live.
   *
   * @param {Point[]} history
   */
  prepend(history) {
    const first = this.points[0]?.at ?? Infinity;
    const older = history.filter((point) => point.at < first).sort((a, b) => a.at - b.at);
    this.points = [...older, ...this.points];
    this.#trim();
  }

  clear() {
    this.points = [];
  }

  #trim() {
    const newest = this.points.at(-1)?.at ?? 0;
    const from = this.points.findIndex((point) => newest - point.at <= this.windowMs);
    const excess = Math.max(from, this.points.length - this.maxPoints, 0);
    if (excess) this.points = this.points.slice(excess);
  }
}

const GAP_MS = 10_000;

/**
 * Whether nothing was measured between two neighbours: no line may be drawn through it.
 *
 * @param {Point} earlier
 * @param {Point} later
 */
export function isGap(earlier, later) {
  return later.at - earlier.at > GAP_MS;
}

/**
 * Pairs for a chart's line, interrupted where nothing was measured.
 *
 * @param {Point[]} points oldest first
 * @param {(point: Point) => number|null} value
 * @returns {[number, number|null][]}
 */
export function brokenLine(points, value) {
  return points.flatMap((point, index) => {
    const earlier = points[index - 1];
    /** @type {[number, number|null][]} */
    const pairs = [[point.at, value(point)]];
    if (earlier && isGap(earlier, point)) pairs.unshift([earlier.at + 1, null]);
    return pairs;
  });
}

/**
 * Outline of a sparkline in a box of `width` × `height`, as SVG path data.
 *
 * @param {number[]} values oldest first
 * @param {number} width
 * @param {number} height
 * @returns {{line: string, area: string}} empty strings for fewer than two values
 */
export function sparkPath(values, width, height) {
  if (values.length < 2) return { line: "", area: "" };
  const top = Math.max(...values, 1);
  const step = width / (values.length - 1);
  const corners = values.map((value, index) => {
    const y = height - (Math.max(value, 0) / top) * height;
    return `${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = `M${corners.join("L")}`;
  return { line, area: `${line}L${width} ${height}L0 ${height}Z` };
}

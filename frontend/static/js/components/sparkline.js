/**
 * A small line of the last minutes; the figure beside it carries the value.
 */
import { svg } from "../dom.js";
import { sparkPath } from "../lib/series.js";

const WIDTH = 160;
const HEIGHT = 30;

/** @param {string} label for screen readers */
export function mountSparkline(label) {
  const area = svg("path", { class: "spark__area" });
  const line = svg("path", { class: "spark__line" });
  const root = svg(
    "svg",
    { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    area,
    line,
  );
  return {
    root,
    /** @param {number[]} values oldest first */
    update(values) {
      const path = sparkPath(values, WIDTH, HEIGHT);
      line.setAttribute("d", path.line);
      area.setAttribute("d", path.area);
    },
  };
}

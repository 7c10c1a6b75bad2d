/**
 * All locations together: people, the highest levels and where they are, what is not known.
 */
import { h, rebuild, setText } from "../../dom.js";
import { countView, formatNumber, NONE } from "../../lib/format.js";
import { levelBadge } from "../badges.js";
import { densityMark } from "./fullness.js";

/** @typedef {import("../../types.js").LocationSummary} LocationSummary */

const RELOAD_MS = 3000;
const STALE_MS = 10_000;

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {(id: number) => string} deps.nameOf
 * @param {() => number} deps.total how many locations there are, samples among them
 * @param {AbortSignal} deps.signal
 */
export function mountSummary({ api, nameOf, total, signal }) {
  const items = ["People in all", "Highest level", "Highest density level", "Not known now"].map((word) => {
    const value = h("dd", {});
    const note = h("dd", { class: "figures__note" });
    return { value, note, root: h("div", { class: "figures__item" }, h("dt", {}, word), value, note) };
  });
  const aside = h("p", { class: "hint" });
  const root = h("div", { class: "stack stack--tight", hidden: true }, h("dl", { class: "figures" }, ...items.map((item) => item.root)), aside);
  const [people, level, density, unknown] = items;
  let heardMs = performance.now();

  /** @param {number|null} id */
  const where = (id) => (id === null ? "" : nameOf(id));

  /** @param {LocationSummary} now */
  function draw(now) {
    if (!people || !level || !density || !unknown) return;
    const { total_count: count, total_low: low, total_high: high } = now;
    const sum = count === null ? null : countView({ count, count_low: low ?? count, count_high: high });
    setText(people.value, sum?.figure ?? NONE);
    setText(people.note, sum ? sum.note : "not known");
    rebuild(level.value, String(now.risk_location_id && now.risk_level), () => [now.risk_location_id === null ? NONE : levelBadge(now.risk_level)]);
    setText(level.note, now.risk_level === "SAFE" ? "" : where(now.risk_location_id));
    rebuild(density.value, String(now.density_level), () => [now.density_level === null ? NONE : densityMark(now.density_level, { large: true })]);
    setText(density.note, where(now.density_location_id));
    setText(unknown.value, `${formatNumber(now.unknown_count)} of ${formatNumber(now.location_count)}`);
    setText(unknown.note, now.location_count === 1 ? "location" : "locations");
    const isPartly = !now.is_trial && now.location_count < total();
    const notes = [now.is_trial && "Samples and simulated locations only: none of this is real.", now.total_reason, isPartly && "Samples and simulated locations are left out here."].filter(Boolean).join(" ");
    setText(aside, notes);
    aside.hidden = !notes;
  }

  /** Sums that have grown old say nothing of now. */
  function drop() {
    for (const { value, note } of items) {
      value.replaceChildren(NONE);
      delete value.dataset.key;
      setText(note, "not known now");
    }
    setText(aside, "The server has not answered for some time: the sums are not known now.");
    aside.hidden = false;
  }

  const load = () =>
    api.get("/api/locations/summary", { signal }).then(
      (now) => {
        heardMs = performance.now();
        draw(now);
      },
      () => undefined, // `drop` follows, and the list below says what is wrong
    );
  const again = setInterval(() => {
    if (performance.now() - heardMs > STALE_MS) drop();
    if (!root.hidden && document.visibilityState === "visible") void load();
  }, RELOAD_MS);
  signal.addEventListener("abort", () => clearInterval(again));
  return { root, load };
}

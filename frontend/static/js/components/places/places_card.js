/**
 * The zones and lines of a camera with their live numbers, on the camera's page.
 */
import { h, icon, rebuild, setText } from "../../dom.js";
import { countView, formatNumber } from "../../lib/format.js";
import { believedReading, limitViews, lineRows, zoneRows } from "../../lib/place_numbers.js";
import { PROFILES } from "../../lib/places_words.js";
import { trustView } from "../../lib/risk.js";
import { mountRisk } from "../badges.js";
import { causeList } from "../causes.js";
import { mountReadings } from "../readings.js";
import { errorState } from "../state.js";
import { placeSign } from "./list_panel.js";

/** @typedef {import("../../types.js").Metrics} Metrics */
/** @typedef {import("../../types.js").Places} Places */
/** @typedef {import("../../types.js").Zone} Zone */
/** @typedef {import("../../types.js").CountingLine} CountingLine */
/** @typedef {import("../../types.js").ZoneReading} ZoneReading */
/** @typedef {import("../../types.js").LineReading} LineReading */

/** @type {Record<import("../../lib/place_numbers.js").LimitView["key"], string>} */
const LIMIT_LOOKS = { over: "tag tag--bad", perhaps: "tag tag--caution", under: "trust", unknown: "trust trust--unknown" }; // the level is another matter

/** @param {"zone"|"line"} kind @param {Zone|CountingLine} place */
function mountCard(kind, place) {
  const figure = h("div", { class: "place-card__figure" });
  const limits = h("div", { class: "stack stack--tight" });
  const trust = h("div");
  const risk = mountRisk();
  const causes = h("div");
  const readings = mountReadings(`${kind}-${place.id}`);
  const none = h("p", { class: "hint" }, "No numbers yet.");
  const tag = "profile" in place ? h("span", { class: "tag" }, PROFILES[place.profile].word) : h("span", { class: "tag" }, "Line");
  const root = h("article", { class: "place-card", "aria-label": `${kind === "zone" ? "Zone" : "Line"} ${place.name}`, [`data-${kind}`]: place.id }, h("header", { class: "place-card__head" }, placeSign(kind, place.colour), h("h3", {}, place.name), tag, risk.root), none, figure, limits, causes, trust, readings.root);

  /** @param {[string, string][]} parts number, word */
  function showFigure(parts) {
    rebuild(figure, parts.map(([, word]) => word).join(), () => parts.flatMap(([number, word]) => [h("span", { class: "place-card__number" }, number), h("span", { class: "hint" }, word)]));
    figure.querySelectorAll(".place-card__number").forEach((node, k) => setText(node, parts[k]?.[0] ?? ""));
  }

  /** A reason that is said of the whole camera already is not said again. @param {ZoneReading|LineReading} reading @param {Metrics} metrics */
  function showTrust({ trust: state, trust_reason: given }, metrics) {
    const { key, word, icon: name, reason } = trustView(state, given);
    const isSaid = key === "ok" || (metrics.trust_reason ?? "").includes(reason);
    rebuild(trust, JSON.stringify([key, reason, isSaid]), () => [h("span", { class: `trust trust--${key}`, title: reason }, icon(name), h("span", {}, isSaid ? word : `${word}: ${reason}`))]);
  }

  /** @param {boolean} isRead */
  function show(isRead) {
    none.hidden = isRead;
    for (const part of [figure, limits, causes, trust, readings.root]) part.hidden = !isRead;
  }

  return {
    root,
    /** @param {ZoneReading|LineReading|undefined} reading as it may be believed @param {Metrics|null} metrics */
    update(reading, metrics) {
      show(reading !== undefined && metrics !== null);
      risk.root.hidden = !metrics || !reading || !("zone_id" in reading) || reading.risk_level === null;
      if (!reading || !metrics) return;
      const isKnown = reading.trust !== "unknown";
      figure.classList.toggle("faint", !isKnown);
      showTrust(reading, metrics);
      if ("zone_id" in reading) {
        const { figure: number, note } = countView(reading);
        showFigure([[number, isKnown ? note : `${note}: not to be relied on now`]]);
        risk.update(/** @type {any} */ (reading));
        rebuild(causes, JSON.stringify([isKnown, reading.causes]), () => (isKnown && reading.causes.length ? [causeList(reading.causes)] : []));
        const views = limitViews(/** @type {Zone} */ (place), reading);
        root.classList.toggle("place-card--over", views.some(({ key }) => key === "over"));
        rebuild(limits, JSON.stringify(views), () => views.map(({ key, word, icon: name, text }) => h("div", { class: "place-limit" }, h("span", { class: LIMIT_LOOKS[key] }, icon(name), word), text)));
      } else {
        showFigure([[formatNumber(reading.count_in), "in"], [formatNumber(reading.count_out), "out"]]);
      }
      const rows = !isKnown ? [] : "zone_id" in reading ? zoneRows(reading) : lineRows(reading);
      readings.update(rows.length ? [{ title: "", rows, note: "" }] : [], { ...metrics, trust_reason: reading.trust_reason });
    },
  };
}

/**
 * @param {object} deps
 * @param {number} deps.cameraId
 * @param {boolean} deps.mayEdit
 * @param {() => void} deps.reload the numbers were measured with other places than those known here
 */
export function mountPlacesCard({ cameraId, mayEdit, reload }) {
  const root = h("div", { class: "stack" });
  /** @type {Places|null} */
  let places = null;
  /** @type {Map<string, ReturnType<typeof mountCard>>} */
  let cards = new Map();
  let asked = -1;
  const href = `/cameras/${cameraId}/places`;
  const link = h("a", { class: "button button--small", href, hidden: true }, icon(mayEdit ? "bi-pencil" : "bi-eye"), mayEdit ? "Edit" : "Show in the picture");

  function nothing() {
    const text = "No zones or lines on this camera. A zone tells how many people stand in a part of the picture and how long; a line counts who passes.";
    return [h("p", { class: "hint" }, text), mayEdit ? h("div", {}, h("a", { class: "button button--small", href }, icon("bi-pentagon"), "Draw zones and lines")) : null];
  }

  return {
    root,
    /** The way to the editor. */
    link,
    /** @param {Places} stored */
    setPlaces(stored) {
      places = stored;
      cards = new Map([...stored.zones.map((zone) => /** @type {const} */ (["zone", zone])), ...stored.lines.map((line) => /** @type {const} */ (["line", line]))].map(([kind, place]) => [`${kind}-${place.id}`, mountCard(kind, place)]));
      root.replaceChildren(...(cards.size ? [h("div", { class: "place-cards" }, ...[...cards.values()].map((card) => card.root))] : nothing().filter((node) => node !== null)));
      link.hidden = !cards.size;
    },
    /** @param {unknown} error @param {() => void} retry */
    fail: (error, retry) => root.replaceChildren(errorState(error, retry)),
    /** @param {Metrics|null} metrics as they may be believed @param {string|null} stale why no number is fresh, null where they are */
    update(metrics, stale) {
      if (!places) return;
      const { zones = [], lines = [], version = places.version } = metrics?.places ?? {};
      if (version > places.version && version !== asked) {
        asked = version;
        reload();
      }
      const all = /** @type {[string, ZoneReading|LineReading][]} */ ([...zones.map((one) => [`zone-${one.zone_id}`, one]), ...lines.map((one) => [`line-${one.line_id}`, one])]);
      const readings = new Map(all);
      for (const [key, card] of cards) {
        const reading = readings.get(key);
        card.update(reading && believedReading(reading, stale), metrics);
      }
    },
  };
}

/**
 * What is seen of a location, camera by camera: the whole picture or zones of it, and counting
 * lines with where they lead.
 */
import { h, rebuild, setText } from "../../dom.js";
import { camerasOf, kindOf, withArea } from "../../lib/location_draft.js";
import { simulatedTag } from "../badges.js";
import { checkbox, select } from "../fields.js";
import { messageOf } from "../state.js";

/** @typedef {import("../../types.js").Places} Places */
/** @typedef {import("../../lib/location_draft.js").LocationDraft} LocationDraft */
/** @typedef {import("../../lib/location_draft.js").Leads} Leads */
/** @typedef {import("../../lib/location_draft.js").Sight} Sight */

const LEADS = { "": "Not counted here", in: "In leads into the location", out: "In leads out of it" };
const FEW = 3; // cameras that are all shown at once

/** @param {LocationDraft} draft @param {Sight} sight "whole picture, 1 line" */
function usedText(draft, { id }) {
  const zones = [...draft.areas].filter((key) => key.startsWith(`${id}:`) && key !== `${id}:0`).length;
  const lines = [...draft.lines.keys()].filter((key) => key.startsWith(`${id}:`)).length;
  const words = [
    draft.areas.has(`${id}:0`) && "whole picture",
    zones && `${zones} ${zones === 1 ? "zone" : "zones"}`,
    lines && `${lines} ${lines === 1 ? "line" : "lines"}`,
  ];
  return words.filter(Boolean).join(", ") || "not used";
}

/**
 * @param {object} deps
 * @param {Sight} deps.sight its zones are filled in once they are known
 * @param {LocationDraft} deps.draft
 * @param {() => Promise<Places>} deps.load
 * @param {boolean} deps.isOpen
 * @param {() => void} deps.onChange
 */
function mountSight({ sight, draft, load, isOpen, onChange }) {
  const used = h("span", { class: "hint" });
  const why = h("p", { class: "hint", hidden: true }, "Real and simulated people are never added up: all cameras of a location are of one kind.");
  const error = h("span", { class: "field__error", role: "alert" });
  const places = h("div", { class: "stack stack--tight" }, h("p", { class: "hint" }, "Loading its zones and lines …"));
  const body = h("fieldset", { class: "sight__body" }, h("legend", { class: "visually-hidden" }, sight.name), why, places, error);
  const root = h("details", { class: "sight", "data-camera": sight.id, open: isOpen }, h("summary", { class: "sight__head" }, h("span", {}, sight.name), sight.source_type === "simulated" && simulatedTag(), used), body);
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map();
  let isLoaded = false;

  /** @param {string} key @param {string} word */
  function areaBox(key, word) {
    const { root: row, box } = checkbox(`area-${key}`, word, draft.areas.has(key));
    box.addEventListener("change", () => {
      draft.areas = withArea(draft.areas, key, box.checked);
      onChange();
    });
    boxes.set(key, box);
    return row;
  }

  /** @param {{id: number, name: string}} line */
  function lineRow({ id, name }) {
    const key = `${sight.id}:${id}`;
    const leads = select(LEADS, draft.lines.get(key) ?? "");
    leads.classList.add("field__input");
    leads.addEventListener("change", () => {
      if (leads.value) draft.lines.set(key, /** @type {Leads} */ (leads.value));
      else draft.lines.delete(key);
      onChange();
    });
    return h("label", { class: "sight__line" }, h("span", {}, `Line ${name}`), leads);
  }

  /** @param {Places} found */
  function show({ zones, lines }) {
    sight.zones = zones;
    const none = !zones.length && !lines.length;
    places.replaceChildren(
      areaBox(`${sight.id}:0`, "The whole picture: all who are counted in it"),
      ...zones.map(({ id, name }) => areaBox(`${sight.id}:${id}`, `Zone ${name}`)),
      ...lines.map(lineRow),
      h("p", { class: "hint" }, none ? "No zones and lines are drawn yet. " : "", h("a", { href: `/cameras/${sight.id}/places`, target: "_blank" }, "Draw zones and lines of this camera")),
    );
    onChange();
  }

  const fill = () => {
    if (isLoaded || !root.open) return;
    isLoaded = true;
    load().then(show, (problem) => {
      isLoaded = false;
      places.replaceChildren(h("p", { class: "field__error", role: "alert" }, `${messageOf(problem)} Close and open this camera to try again.`));
    });
  };
  root.addEventListener("toggle", fill);
  fill();

  return {
    root,
    update() {
      const kind = kindOf(draft, [sight]);
      for (const [key, box] of boxes) box.checked = draft.areas.has(key);
      setText(used, usedText(draft, sight));
      return kind;
    },
    /** @param {boolean} isOther of another kind than what is chosen */
    setOther(isOther) {
      why.hidden = !isOther;
      for (const node of /** @type {NodeListOf<HTMLInputElement|HTMLSelectElement>} */ (places.querySelectorAll("input, select"))) node.disabled = isOther;
    },
    /** @param {string} text */
    setError(text) {
      setText(error, text);
      root.classList.toggle("sight--wrong", text !== "");
      if (text) root.open = true;
    },
  };
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {LocationDraft} deps.draft changed in place
 * @param {Sight[]} deps.sights live cameras
 * @param {() => void} deps.onChange
 */
export function mountSights({ api, draft, sights, onChange }) {
  const used = camerasOf(draft);
  const error = h("span", { class: "field__error", role: "alert" });
  const list = h("div", { class: "stack stack--tight" });
  const rows = sights.map((sight) => ({
    sight,
    row: mountSight({
      sight,
      draft,
      load: () => api.get(`/api/cameras/${sight.id}/places`),
      isOpen: used.has(sight.id) || sights.length <= FEW,
      onChange: () => {
        update();
        onChange();
      },
    }),
  }));
  rebuild(list, "all", () => (rows.length ? rows.map(({ row }) => row.root) : [h("p", { class: "hint" }, "There is no live camera yet. The location can be made without one: its number is then entered.")]));

  function update() {
    const kind = kindOf(draft, sights);
    for (const { sight, row } of rows) {
      row.update();
      row.setOther(kind !== null && kind !== (sight.source_type === "simulated" ? "simulated" : "real"));
    }
  }
  update();

  return {
    root: h(
      "fieldset",
      { class: "fieldset" },
      h("legend", {}, "What is seen of it"),
      h("span", { class: "field__help" }, "People in these areas are counted together. Lines on all ways in and out also give a balance: who has gone in less who has gone out. Uploaded recordings are not offered: a location is about now."),
      list,
      error,
    ),
    /** @param {Map<number, string>} byCamera @param {string} rest */
    setErrors(byCamera, rest) {
      for (const { sight, row } of rows) row.setError(byCamera.get(sight.id) ?? "");
      setText(error, rest);
    },
  };
}

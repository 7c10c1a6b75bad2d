/**
 * What belongs to the selected zone or line: name, profile, colour, limits, direction.
 */
import { h, icon, rebuild, setProperties, setText } from "../../dom.js";
import { problemsAt } from "../../lib/places_rules.js";
import { PROFILES, wayText } from "../../lib/places_words.js";
import { field, select } from "../fields.js";

/** @typedef {import("../../lib/places.js").Found} Found */
/** @typedef {import("../fields.js").Field} Field */

/** @typedef {{name: string, label: string, unit?: string, help?: string, input?: HTMLInputElement|HTMLSelectElement, attributes?: Record<string, any>}} Wanted */

/** @returns {Wanted} */
const nameField = () => ({ name: "name", label: "Name", attributes: { maxlength: 200, autocomplete: "off" } });
/** @returns {Wanted} */
const colourField = () => ({ name: "colour", label: "Colour", input: h("input", { type: "color" }) });
const decimal = { inputmode: "decimal", autocomplete: "off" };

/**
 * @param {object} does
 * @param {boolean} does.mayEdit
 * @param {(fields: Record<string, string>, gesture: string) => void} does.change
 * @param {() => void} does.reverse
 * @param {() => void} does.remove
 */
export function mountDetailPanel(does) {
  const help = h("p", { class: "hint" });
  const way = h("p", { class: "hint" });

  /** @param {Wanted[]} wanted @param {Node[]} rest */
  function form(wanted, rest) {
    const fields = wanted.map((one) => field({ ...one, attributes: { ...one.attributes, on: { input: (/** @type {Event} */ event) => {
      const { name, value } = /** @type {HTMLInputElement} */ (event.target);
      does.change({ [name]: value }, `type ${name}`);
    } } } }));
    const others = h("div", { class: "stack stack--tight", role: "alert" });
    const remove = h("button", { class: "button button--small button--danger", type: "button", on: { click: does.remove } }, icon("bi-trash"), "Delete");
    const root = h("fieldset", { class: "place-form", disabled: !does.mayEdit }, ...fields.map(({ root: one }) => one), others, ...rest, does.mayEdit ? h("div", {}, remove) : "");
    return { root, fields, others };
  }

  const zone = form([
    nameField(),
    { name: "profile", label: "What people do here", input: select(Object.fromEntries(Object.entries(PROFILES).map(([value, { word }]) => [value, word]))) },
    colourField(),
    { name: "count_limit", label: "Most people", help: "An alert from this many on; empty for none", attributes: { inputmode: "numeric", autocomplete: "off" } },
    { name: "density_limit_per_m2", label: "Highest local density", unit: "people/m²", help: "Needs a calibration; empty for none", attributes: decimal },
  ], []);
  zone.fields[1]?.root.append(help);
  const graph = h("a", {}, "Its action card and the ways to it");
  const graphLine = h("p", { class: "hint" }, graph);
  const reverse = h("button", { class: "button button--small", type: "button", on: { click: does.reverse } }, icon("bi-arrow-left-right"), "Reverse the direction");
  const line = form([
    nameField(),
    colourField(),
    { name: "width_m", label: "Clear width", unit: "m", help: "For the flow per metre; empty: its length on the ground, where the camera is calibrated", attributes: decimal },
  ], [way, ...(does.mayEdit ? [h("div", {}, reverse)] : [])]);
  const nothing = h("p", { class: "hint" }, does.mayEdit ? "Nothing is selected. Draw a zone or a line, or click one in the picture." : "Click a zone or a line in the list to see its limits.");

  return {
    root: h("div", { class: "stack" }, nothing, zone.root, line.root, graphLine),
    /** @param {Found|null} found @param {import("../../lib/places_rules.js").Problem[]} problems @param {[number, number]} wh */
    update(found, problems, wh) {
      nothing.hidden = found !== null;
      zone.root.hidden = found?.kind !== "zone";
      line.root.hidden = found?.kind !== "line";
      const id = found?.kind === "zone" ? found.place.id : null;
      graphLine.hidden = !id;
      if (id) setProperties(graph, { href: `/graph#zone-${id}` });
      if (!found) return;
      const { fields, others } = found.kind === "zone" ? zone : line;
      const own = problemsAt(problems, found);
      for (const one of fields) {
        const name = one.control.name;
        const value = String(/** @type {Record<string, unknown>} */ (/** @type {unknown} */ (found.place))[name] ?? "");
        if (one.value !== value) one.value = value;
        const error = own.fields.get(name) ?? "";
        if (one.root.querySelector(".field__error")?.textContent !== error) one.setError(error);
      }
      const named = new Set(fields.map(({ control }) => control.name));
      const texts = [
        ...own.points.values(),
        ...[...own.fields].filter(([name]) => !named.has(name)).map(([, text]) => text),
      ];
      rebuild(others, JSON.stringify(texts), () => texts.map((text) => h("span", { class: "field__error" }, text)));
      if (found.kind === "zone") setText(help, PROFILES[found.place.profile].help);
      else setText(way, wayText(found.place, wh));
    },
  };
}

/**
 * Link two places, change a link, delete it.
 */
import { h } from "../../dom.js";
import { linkBody, linkFields, placeOptions, lineOptions, refusedField } from "../../lib/link_draft.js";
import { ApiError } from "../../api/errors.js";
import { checkbox, clearFormError, field, onSubmit, select } from "../fields.js";
import { confirmDialog, openDialog } from "../dialog.js";
import { errorState, loadingState, messageOf, notice } from "../state.js";
import { toast, toastError } from "../toast.js";

/** @typedef {import("../../types.js").GraphLink} GraphLink */
/** @typedef {import("../../types.js").LinkChoices} LinkChoices */

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {LinkChoices} deps.choices
 * @param {GraphLink|null} deps.link null to make one
 * @param {string} deps.from place to begin with
 * @param {() => void} deps.onDone saved or deleted
 */
function linkForm({ api, choices, link, from, onDone }) {
  const start = linkFields(link, from);
  const places = placeOptions(choices);
  const fields = {
    name: field({ name: "name", label: "Name of the way", help: "As your people call it: “Gate B”, “Bridge”.", attributes: { maxlength: 80, autocomplete: "off", value: start.name } }),
    source: field({ name: "source", label: "People come from", input: select(places, start.source) }),
    target: field({ name: "target", label: "People go to", input: select(places, start.target) }),
    line: field({ name: "line", label: "Counted by the line", help: "Without a line nobody counts who goes here.", input: select({ "": "nobody counts", ...lineOptions(choices) }, start.line) }),
    direction: field({ name: "direction", label: "Who goes this way", input: select({ in: "goes in over the line", out: "goes out over the line" }, start.direction) }),
    walk_s: field({ name: "walk_s", label: "Time on foot", unit: "s", help: "Empty: not known.", attributes: { inputmode: "decimal", autocomplete: "off", value: start.walk } }),
  };
  const all = Object.values(fields);
  const gate = checkbox("is_gate", "It is a gate: somebody can hold people back here", start.isGate);
  const answer = h("div");
  const showDirection = () => {
    fields.direction.root.hidden = fields.line.value === "";
  };
  fields.line.control.addEventListener("change", showDirection);
  showDirection();

  const read = () => linkBody({ name: fields.name.value, source: fields.source.value, target: fields.target.value, line: fields.line.value, direction: fields.direction.value, walk: fields.walk_s.value, isGate: gate.box.checked });

  /** @param {unknown} error */
  function refuse(error) {
    const homeless = (error instanceof ApiError ? error.errors : []).filter(({ pointer, detail }) => {
      const name = refusedField(pointer);
      if (name) fields[name].setError(detail);
      return !name;
    });
    const isPlaced = error instanceof ApiError && error.errors.length > homeless.length;
    if (!isPlaced || homeless.length) answer.replaceChildren(notice("bad", homeless.map(({ detail }) => detail).join(" ") || messageOf(error)));
    const first = all.find(({ control }) => control.getAttribute("aria-invalid") === "true");
    first?.control.focus();
  }

  const form = h("form", { class: "stack", novalidate: true }, fields.name.root, h("div", { class: "form-grid" }, fields.source.root, fields.target.root), h("div", { class: "form-grid" }, fields.line.root, fields.direction.root), fields.walk_s.root, gate.root, answer);
  const remove = async () => {
    if (!link || !(await confirmDialog({ title: `Delete ${link.name}?`, text: "The way is taken out of the graph. Places, lines and cards stay.", word: "Delete" }))) return;
    try {
      await api.delete(`/api/place-graph/links/${link.id}`);
      onDone();
      toast("good", `${link.name} is deleted.`);
    } catch (error) {
      toastError(error);
    }
  };
  form.append(h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, link ? "Save" : "Add the link"), link && h("button", { class: "button button--danger", type: "button", on: { click: () => void remove() } }, "Delete")));
  onSubmit(form, async () => {
    clearFormError(all, answer);
    const { body, problem } = read();
    if (problem) return fields.walk_s.setError(problem);
    try {
      await (link ? api.put(`/api/place-graph/links/${link.id}`, body) : api.post("/api/place-graph/links", body));
      onDone();
    } catch (error) {
      refuse(error);
    }
  });
  return form;
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {GraphLink|null} deps.link null to make one
 * @param {string} deps.from place to begin with, "zone-3"
 * @param {() => void} deps.onDone saved or deleted
 */
export function openLinkDialog({ api, link, from, onDone }) {
  const place = h("div", {}, loadingState());
  const dialog = openDialog({ title: link ? `Change ${link.name}` : "Add a link", body: [place] });
  const done = () => {
    dialog.close();
    onDone();
  };
  const load = () =>
    api.get("/api/place-graph/choices").then(
      (/** @type {LinkChoices} */ choices) => {
        const enough = choices.places.length >= 2;
        place.replaceChildren(enough ? linkForm({ api, choices, link, from, onDone: done }) : notice("note", "A link needs two places. Draw zones on a camera, or add locations, first."));
        place.querySelector("input")?.focus();
      },
      (error) => place.replaceChildren(errorState(error, () => void load())),
    );
  void load();
}

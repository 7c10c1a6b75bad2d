/**
 * Make or change a location.
 */
import { ApiError } from "../../api/errors.js";
import { h, setText } from "../../dom.js";
import { isRecorded } from "../../lib/camera.js";
import { bodyOf, draftOf, placeErrors } from "../../lib/location_draft.js";
import { checkbox, field, onSubmit } from "../fields.js";
import { openDialog } from "../dialog.js";
import { errorState, loadingState, messageOf, notice } from "../state.js";
import { mountOverlaps } from "./form_overlaps.js";
import { mountSights } from "./form_sights.js";

/** @typedef {import("../../types.js").Camera} Camera */
/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../lib/location_draft.js").Sight} Sight */

/** @param {import("../../lib/location_draft.js").LocationDraft} draft */
function textFields(draft) {
  const decimal = { inputmode: "decimal", autocomplete: "off" };
  return {
    name: field({ name: "name", label: "Name", help: "As your people call it: “Main hall”.", attributes: { maxlength: 80, required: true, autocomplete: "off", value: draft.name } }),
    description: field({ name: "description", label: "Description", input: h("textarea", { rows: 2 }), attributes: { maxlength: 2000, value: draft.description } }),
    capacity: field({ name: "capacity", label: "Capacity", unit: "people", help: "How many it may hold. An alert comes at 80 and at 100 % of it. Empty: not known.", attributes: { inputmode: "numeric", autocomplete: "off", value: draft.capacity } }),
    entry_valid_s: field({ name: "entry_valid_s", label: "An entered number counts for", unit: "minutes", help: "After that it is old and says nothing of now.", attributes: { ...decimal, value: draft.minutes } }),
    latitude: field({ name: "latitude", label: "Latitude", unit: "degrees", attributes: { ...decimal, value: draft.latitude } }),
    longitude: field({ name: "longitude", label: "Longitude", unit: "degrees", attributes: { ...decimal, value: draft.longitude } }),
  };
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {Location|null} deps.location null to make one
 * @param {Sight[]} deps.sights live cameras
 * @param {(location: Location) => void} deps.onSaved
 */
function locationForm({ api, location, sights, onSaved }) {
  const draft = draftOf(location);
  const fields = textFields(draft);
  const onPlan = typeof location?.position?.floor_plan_id === "number";
  const all = checkbox("cameras_see_all", "The cameras see everybody here", draft.seesAll);
  const overlaps = mountOverlaps({ draft, sights });
  const areas = mountSights({ api, draft, sights, onChange: () => overlaps.update() });
  const answer = h("div", { class: "stack" });
  const seesError = h("span", { class: "field__error", role: "alert" });

  /** @param {Record<string, string>} texts @returns {string[]} those no field is there for */
  function showProblems(texts) {
    let isFocused = false;
    for (const [name, one] of Object.entries(fields)) {
      one.setError(texts[name] ?? "");
      if (texts[name] && !isFocused) one.control.focus();
      isFocused ||= Boolean(texts[name]);
    }
    setText(seesError, texts.cameras_see_all ?? "");
    const known = new Set([...Object.keys(fields), "cameras_see_all", "areas", "lines", "overlaps"]);
    return Object.entries(texts).flatMap(([name, text]) => (known.has(name) ? [] : [text]));
  }

  function read() {
    draft.name = fields.name.value;
    draft.description = fields.description.value;
    draft.capacity = fields.capacity.value;
    draft.minutes = fields.entry_valid_s.value;
    draft.latitude = fields.latitude.value;
    draft.longitude = fields.longitude.value;
    draft.seesAll = all.box.checked;
  }

  async function save() {
    read();
    answer.replaceChildren();
    areas.setErrors(new Map(), "");
    overlaps.setErrors(new Map(), "");
    const isFine = overlaps.check();
    const { body, problems } = bodyOf(draft, { withPosition: !onPlan });
    if (location) body.version = location.version; // so that nobody's change is overwritten unseen
    showProblems(problems);
    if (!isFine || Object.keys(problems).length) return;
    try {
      onSaved(await (location ? api.put(`/api/locations/${location.id}`, body) : api.post("/api/locations/", body)));
    } catch (error) {
      const placed = placeErrors(error instanceof ApiError ? error.errors : [], draft);
      areas.setErrors(placed.cameras, placed.fields.areas ?? placed.fields.lines ?? "");
      overlaps.setErrors(placed.overlaps, placed.fields.overlaps ?? "");
      const homeless = showProblems(placed.fields);
      const isPlaced = placed.cameras.size || placed.overlaps.size || Object.keys(placed.fields).length > homeless.length;
      answer.replaceChildren(...(isPlaced && !homeless.length ? [] : [notice("bad", homeless.join(" ") || messageOf(error))]));
    }
  }

  const form = h(
    "form",
    { class: "stack", novalidate: true },
    fields.name.root,
    fields.description.root,
    h("div", { class: "form-grid" }, fields.capacity.root, fields.entry_valid_s.root),
    areas.root,
    h("div", { class: "field" }, all.root, h("span", { class: "field__help" }, "Tick it where nobody can stand unseen: what the cameras count is then the number, and an entered one can only raise it. Otherwise they see the least there can be, and the largest of all numbers counts."), seesError),
    overlaps.root,
    h(
      "fieldset",
      { class: "fieldset" },
      h("legend", {}, "Place on the map"),
      h("span", { class: "field__help" }, onPlan ? "It stands on a floor plan. Move it on the " : "Coordinates on the earth, or place it on a floor plan on the ", h("a", { href: "/map", target: "_blank" }, "map page"), "."),
      !onPlan && h("div", { class: "form-pair" }, fields.latitude.root, fields.longitude.root),
    ),
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, location ? "Save" : "Add location")),
  );
  onSubmit(form, save);
  return form;
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {Pick<Location, "id"|"name">|null} deps.location null to make one
 * @param {(location: Location) => void} deps.onSaved
 */
export function openLocationForm({ api, location, onSaved }) {
  const place = h("div", {}, loadingState("Loading the cameras …"));
  const dialog = openDialog({ title: location ? `Change ${location.name}` : "Add a location", body: [place], wide: true });
  const load = () =>
    Promise.all([api.get("/api/cameras/?per_page=500"), location ? api.get(`/api/locations/${location.id}`) : null]).then(
      ([{ items }, stored]) => {
        const sights = /** @type {Camera[]} */ (items).filter((camera) => !isRecorded(camera)).map(({ id, name, source_type }) => ({ id, name, source_type, zones: [] }));
        place.replaceChildren(
          locationForm({
            api,
            location: stored,
            sights,
            onSaved: (saved) => {
              dialog.close();
              onSaved(saved);
            },
          }),
        );
        place.querySelector("input")?.focus();
      },
      (error) => place.replaceChildren(errorState(error, () => void load())),
    );
  void load();
}

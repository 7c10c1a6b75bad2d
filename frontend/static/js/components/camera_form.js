/**
 * Add or change a camera. The form asks only what the chosen kind of source needs.
 */
import { ApiError } from "../api/errors.js";
import { h, icon } from "../dom.js";
import { isSimulated, SOURCE_WORDS } from "../lib/camera.js";
import { addableSourceTypes, hasRole } from "../lib/permissions.js";
import { optionalNumber, SOURCE_FIELDS, sourceProblem } from "../lib/source_types.js";
import { analysisFields } from "./analysis_fields.js";
import { exitsField } from "./exits_field.js";
import { checkbox, clearFormError, field, onSubmit, showFormError } from "./fields.js";
import { scenarioField } from "./scenario_field.js";
import { showSourceTest, testNewSource } from "./source_test.js";
import { mountUpload } from "./upload_form.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").SourceType} SourceType */

/** @param {number|null|undefined} value */
const typed = (value) => (value === null || value === undefined ? "" : String(value));

/** @param {Camera|null} camera */
function numberFields(camera) {
  /** @param {string} name @param {string} label @param {string} unit @param {string} help @param {number|null|undefined} value */
  const make = (name, label, unit, help, value) =>
    field({ name, label, unit, help, attributes: { inputmode: "decimal", value: typed(value) } });
  return {
    area_m2: make("area_m2", "Monitored area", "m²", "Floor area in view where people can be, for a density without calibration. A calibration measures it instead.", camera?.area_m2),
    people_limit: make("people_limit", "People limit", "people", "How many the place may hold. Gives a score where no area is known.", camera?.people_limit),
    target_fps: make("target_fps", "Analysed at most", "frames/s", "Leave empty for as many as this machine can.", camera?.target_fps),
    true_fps: make("true_fps", "True frame rate", "frames/s", "Only when the file's own frame rate is wrong.", camera?.true_fps),
  };
}

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {import("../types.js").PageUser} deps.user
 * @param {Camera|null} deps.camera null to add one
 * @param {(camera: Camera) => void} deps.onSaved called again as the upload goes on
 * @param {() => void} deps.onDone
 */
export function cameraForm({ api, user, camera, onSaved, onDone }) {
  const types = camera ? [camera.source_type] : addableSourceTypes(user);
  let type = /** @type {SourceType} */ (types[0]);
  /** @type {Camera|null} */
  let saved = camera; // a second attempt after a broken upload goes on with the same camera
  const name = field({ name: "name", label: "Name", help: "Where it looks, as your people say it: “North gate”.", attributes: { maxlength: 80, required: true, value: camera?.name ?? "" } });
  const source = field({ name: "source", label: "Source", attributes: { autocomplete: "off", spellcheck: "false" } });
  const scenario = scenarioField(api, camera && isSimulated(camera) ? camera.source_display : "");
  const numbers = numberFields(camera);
  const analysis = analysisFields(api, camera);
  const exits = exitsField(camera?.exits ?? []);
  const loop = checkbox("loop", "Play again from the start when it ends", camera?.loop ?? false);
  const record = checkbox("record", "Record the annotated video", camera?.record ?? true);
  const start = checkbox("start", "Start now", true);
  const upload = mountUpload();
  const fields = [name, source, ...Object.values(numbers), ...analysis.fields];
  const answer = h("div", { class: "stack" });
  const testPlace = h("div", { class: "stack" });
  const submit = h("button", { class: "button button--primary", type: "submit" });
  const test = h("button", { class: "button", type: "button", hidden: !hasRole(user, "admin"), on: { click: () => void runTest() } }, icon("bi-plug"), "Test");

  const choices = h(
    "fieldset",
    { class: "choices", hidden: types.length < 2, on: { change: (/** @type {Event} */ event) => setType(/** @type {SourceType} */ (/** @type {HTMLInputElement} */ (event.target).value)) } },
    h("legend", { class: "field__label" }, "Kind of source"),
    ...types.map((value) =>
      h("label", { class: "choices__item" }, h("input", { type: "radio", name: "source_type", value, class: "choices__radio", checked: value === type }), icon(SOURCE_WORDS[value].icon), SOURCE_WORDS[value].word),
    ),
  );

  /** @param {SourceType} now */
  function setType(now) {
    type = now;
    const words = SOURCE_FIELDS[type];
    const isUpload = type === "upload";
    const isDrawn = type === "simulated";
    if (words) {
      const kept = camera ? { help: `Now: ${camera.source_display}. Leave empty to keep it. ${words.help}`, placeholder: "unchanged" } : {};
      source.setWords({ ...words, ...kept });
    }
    source.root.hidden = !words;
    scenario.show(isDrawn);
    for (const one of [numbers.area_m2, numbers.people_limit, exits, analysis]) one.root.hidden = isDrawn; // known, or not needed
    test.hidden = isUpload || !hasRole(user, "admin");
    upload.root.hidden = !isUpload || camera !== null;
    loop.root.hidden = type !== "file";
    numbers.true_fps.root.hidden = type !== "file" && !isUpload;
    numbers.target_fps.root.hidden = isUpload;
    start.root.hidden = isUpload || camera !== null;
    submit.textContent = camera ? "Save" : isUpload ? "Upload and analyse" : "Add camera";
    testPlace.replaceChildren();
  }

  /** What is to be opened, "" for what is stored. */
  function typedSource() {
    if (type === "upload") return "";
    if (type !== "simulated") return source.value.trim();
    return scenario.value === camera?.source_display ? "" : scenario.value;
  }

  async function runTest() {
    if (type === "simulated" && !scenario.check()) return undefined;
    const problem = sourceProblem(type, source.value);
    if (problem && !(camera && !source.value)) return source.setError(problem);
    source.setError("");
    test.disabled = true;
    await showSourceTest(testPlace, () =>
      typedSource() ? testNewSource(api, { source_type: type, source: typedSource() }) : api.post(`/api/cameras/${camera?.id}/test`, {}, { timeoutMs: 45_000 }),
    );
    test.disabled = false;
    return undefined;
  }

  /** @returns {Record<string, unknown>|null} null after showing what is wrong */
  function readBody() {
    /** @type {Record<string, unknown>} */
    const body = { name: name.value.trim(), record: record.box.checked };
    if (!saved) body.source_type = type;
    if (type !== "upload" && (typedSource() || !saved)) body.source = typedSource();
    if (type !== "simulated") Object.assign(body, analysis.read());
    if (type === "file") body.loop = loop.box.checked;
    let fine = type !== "simulated" || scenario.check();
    for (const [key, one] of Object.entries(numbers)) {
      if (one.root.hidden) continue;
      const value = optionalNumber(one.value);
      if (value === undefined || (value !== null && value <= 0)) {
        one.setError("A number above zero, or nothing.");
        fine = false;
      }
      body[key] = value;
    }
    const ways = exits.root.hidden ? [] : exits.read();
    fine &&= ways !== null;
    if (!exits.root.hidden && (ways?.length || saved?.exits?.length)) body.exits = ways;
    const problem = body.source === undefined ? "" : sourceProblem(type, String(body.source));
    source.setError(problem);
    if (!body.name) name.setError("Give it a name.");
    return fine && !problem && body.name ? body : null;
  }

  async function save() {
    clearFormError(fields, answer);
    const body = readBody();
    const file = type === "upload" && !camera ? upload.chosen() : null;
    if (!body || (type === "upload" && !camera && !file)) return;
    try {
      saved = /** @type {Camera} */ (await (saved ? api.put(`/api/cameras/${saved.id}`, body) : api.post("/api/cameras/", body)));
      onSaved(saved);
      if (file) onSaved(await upload.send(api, saved.id, file));
      else if (!camera && start.box.checked) onSaved(await api.post(`/api/cameras/${saved.id}/start`));
      onDone();
    } catch (error) {
      showFormError(error, [...fields, scenario.field, upload.chooser], answer);
      if (error instanceof ApiError && analysis.fields.some(({ control }) => error.forField(control.name))) analysis.open();
      exits.setError(error instanceof ApiError ? error.under("exits") : "");
    }
  }

  const form = h(
    "form",
    { class: "stack", novalidate: true },
    choices,
    name.root,
    source.root,
    scenario.root,
    upload.root,
    h("div", { class: "form-grid" }, numbers.area_m2.root, numbers.people_limit.root, numbers.target_fps.root, numbers.true_fps.root),
    exits.root,
    analysis.root,
    h("div", { class: "stack stack--tight" }, loop.root, record.root, start.root),
    answer,
    testPlace,
    h("div", { class: "form-actions" }, submit, test),
  );
  onSubmit(form, save);
  setType(type);
  return form;
}

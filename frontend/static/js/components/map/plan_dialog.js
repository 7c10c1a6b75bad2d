/**
 * A floor plan: upload one, name it, say how wide it is, delete it.
 */
import { ApiError } from "../../api/errors.js";
import { h } from "../../dom.js";
import { formatNumber } from "../../lib/format.js";
import { optionalNumber } from "../../lib/source_types.js";
import { confirmDialog, openDialog } from "../dialog.js";
import { field, onSubmit, showFormError } from "../fields.js";
import { toast } from "../toast.js";

/** @typedef {import("../../types.js").FloorPlan} FloorPlan */
/** @typedef {import("../../api/client.js").Api} Api */

const PLANS = "/api/floor-plans/";
const MOST_BYTES = 10 * 2 ** 20;

/** @param {File|null|undefined} file @returns {string} what is wrong with it, "" when nothing is to be seen */
function fileProblem(file) {
  if (!file) return "Choose the picture of the plan.";
  if (/\.(svg|pdf|dwg|dxf)$/i.test(file.name)) return "Export the drawing as PNG and choose that.";
  return file.size > MOST_BYTES ? "It has more than 10 MB. Scale it down." : "";
}

/** @param {FloorPlan|null} plan */
function words(plan) {
  const name = field({ name: "name", label: "Name", attributes: { value: plan?.name ?? "", maxlength: 80, required: true, autocomplete: "off" } });
  const width = field({
    name: "width_m",
    label: "Width in reality",
    unit: "m",
    help: "From the left edge of the picture to the right one. With it the map has a scale in metres; it may be left empty.",
    attributes: { value: plan?.width_m ?? "", inputmode: "decimal", autocomplete: "off" },
  });
  return { name, width };
}

/** @param {import("../fields.js").Field} width @returns {number|null|undefined} undefined after showing what is wrong */
function readWidth(width) {
  const metres = optionalNumber(width.value);
  width.setError(metres === undefined ? "A number of metres, for instance 120, or nothing." : "");
  return metres;
}

/**
 * @param {Api} api
 * @param {(plan: FloorPlan) => void} onDone
 */
export function openPlanUpload(api, onDone) {
  const input = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp" });
  const chooser = field({ name: "plan", label: "Picture", help: "PNG, JPEG or WebP, up to 10 MB: a floor plan, a site plan or a photograph from above. Export a PDF or a drawing as PNG.", input });
  const { name, width } = words(null);
  const answer = h("div");
  const leaving = new AbortController();
  const form = h("form", { class: "stack", novalidate: true }, chooser.root, name.root, width.root, answer, h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Upload")));
  input.addEventListener("change", () => {
    if (!name.value) name.value = (input.files?.[0]?.name ?? "").replace(/\.[^.]*$/, "").replaceAll(/[_-]+/g, " ");
  });
  onSubmit(form, async () => {
    const file = input.files?.[0];
    const problem = fileProblem(file);
    const metres = readWidth(width);
    chooser.setError(problem);
    if (problem || !file || metres === undefined) return;
    try {
      const fields = { name: name.value, ...(metres === null ? {} : { width_m: String(metres) }) };
      const plan = await api.upload(PLANS, "plan", file, { onProgress: () => undefined, signal: leaving.signal, fields });
      dialog.close();
      onDone(plan);
    } catch (error) {
      if (!leaving.signal.aborted) showFormError(error, [chooser, name, width], answer);
    }
  });
  const dialog = openDialog({ title: "Add a floor plan", body: [form], onClose: () => leaving.abort() });
}

/**
 * @param {Api} api
 * @param {FloorPlan} plan
 * @returns {Promise<boolean>} whether it is gone
 */
async function removePlan(api, plan) {
  try {
    await api.delete(`${PLANS}${plan.id}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
    const isMeant = await confirmDialog({ title: `Delete ${plan.name}?`, text: `${error.detail.replace(/ Move them to another plan first,.*$/s, "")} Deleted with the plan, their places and outlines are gone too: they are then on no map.`, word: "Delete all the same" });
    if (!isMeant) return false;
    await api.delete(`${PLANS}${plan.id}?force=true`);
  }
  return true;
}

/**
 * @param {Api} api
 * @param {FloorPlan} plan
 * @param {() => void} onDone it has changed, or is gone
 */
export function openPlanForm(api, plan, onDone) {
  const { name, width } = words(plan);
  const answer = h("div");
  const remove = h("button", { class: "button button--danger", type: "button" }, "Delete the plan");
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    name.root,
    width.root,
    h("p", { class: "hint" }, `${formatNumber(plan.width_px)} × ${formatNumber(plan.height_px)} pixels${plan.created_by ? `, uploaded by ${plan.created_by}` : ""}. The picture itself is never changed: add another plan for a new one.`),
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Save"), remove),
  );
  onSubmit(form, async () => {
    const metres = readWidth(width);
    if (metres === undefined) return;
    try {
      await api.patch(`${PLANS}${plan.id}`, { name: name.value, width_m: metres });
      dialog.close();
      onDone();
    } catch (error) {
      showFormError(error, [name, width], answer);
    }
  });
  remove.addEventListener("click", async () => {
    const isMeant = await confirmDialog({ title: `Delete ${plan.name}?`, text: "The picture of the plan is deleted for good.", word: "Delete" });
    if (!isMeant) return;
    try {
      if (!(await removePlan(api, plan))) return;
      toast("good", `${plan.name} is deleted.`);
      dialog.close();
      onDone();
    } catch (error) {
      showFormError(error, [], answer); // a message in the corner would lie behind this dialog
    }
  });
  const dialog = openDialog({ title: "Floor plan", body: [form] });
}

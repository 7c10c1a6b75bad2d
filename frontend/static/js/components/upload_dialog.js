/**
 * A new video for a recording that exists already.
 */
import { h } from "../dom.js";
import { openDialog } from "./dialog.js";
import { onSubmit, showFormError } from "./fields.js";
import { mountUpload } from "./upload_form.js";

/** @typedef {import("../types.js").Camera} Camera */

/**
 * @param {import("../api/client.js").Api} api
 * @param {Camera} camera
 * @param {(camera: Camera) => void} onDone
 */
export function openUpload(api, camera, onDone) {
  const upload = mountUpload();
  const answer = h("div");
  const leaving = new AbortController();
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    camera.job?.original_name ? h("p", { class: "hint" }, `It replaces ${camera.job.original_name} and what was measured from it.`) : null,
    upload.root,
    answer,
    h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Upload and analyse")),
  );
  onSubmit(form, async () => {
    const file = upload.chosen();
    if (!file) return;
    try {
      onDone(await upload.send(api, camera.id, file, leaving.signal));
      dialog.close();
    } catch (error) {
      if (!leaving.signal.aborted) showFormError(error, [upload.chooser], answer);
    }
  });
  const dialog = openDialog({ title: `Upload to ${camera.name}`, body: [form], onClose: () => leaving.abort() });
}

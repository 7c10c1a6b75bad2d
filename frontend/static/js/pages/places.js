/**
 * Zones and lines of one camera: draw them over the live picture, name them, give them limits,
 * save. Who may not change them sees them.
 */
import { ApiError } from "../api/errors.js";
import { askWhose } from "../components/places/conflict.js";
import { mountDoubt } from "../components/places/doubt.js";
import { mountEditor } from "../components/places/editor.js";
import { mountFilePanel } from "../components/places/file_panel.js";
import { openLivePicture } from "../components/places/live_picture.js";
import { emptyState, errorState, loadingState, messageOf, notice } from "../components/state.js";
import { toast, toastError } from "../components/toast.js";
import { h, icon, rebuild, setText } from "../dom.js";
import { requestOf } from "../lib/places.js";
import { fileName, fileText, readFile, textOf } from "../lib/places_file.js";
import { mayControl, mayEditCamera } from "../lib/permissions.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Places} Places */

startPage(async ({ root, actions, params, user, api, signal }) => {
  const id = Number(params.camera_id);
  const url = `/api/cameras/${id}/places`;
  root.replaceChildren(loadingState());
  /** @type {import("../types.js").Camera} */
  let camera;
  /** @type {Places} */
  let stored;
  try {
    [camera, stored] = await Promise.all([api.get(`/api/cameras/${id}`, { signal }), api.get(url, { signal })]);
  } catch (error) {
    root.replaceChildren(errorState(error, () => location.reload()));
    return;
  }
  const mayEdit = mayEditCamera(user, camera);
  let made = 0;
  const newKey = () => `new-${(made += 1)}`;
  const live = openLivePicture({ api, cameraId: id, mayEdit, signal, show: showMoment, tell });
  const editor = mountEditor({ mayEdit, signal, newKey, hold: live.toggle, onChange });
  const files = mountFilePanel({ mayEdit, give: () => ({ name: fileName(camera.name), text: fileText(editor.draft(), { cameraId: id, version: stored.version }) }), take });
  const save = h("button", { class: "button button--primary", type: "button", disabled: true, on: { click: () => void store() } }, "Save");
  const saveHint = h("p", { class: "hint", role: "status" });
  const wrong = h("div", { class: "stack stack--tight" });
  const picturePlace = h("div", {}, loadingState("Fetching the picture …"));
  const pictureNote = h("div", { class: "stack" });
  const aged = h("span", { "aria-live": "off" }); // said once, not every second
  const agedPlace = h("div", {}); // below the picture, which must not move under the pointer
  const doubt = mountDoubt({ mayConfirm: mayControl(user, camera), mayEdit, confirm });
  let isBusy = false;

  actions.append(h("a", { class: "button", href: `/cameras/${id}` }, icon("bi-camera-video"), "To the camera"));
  if (mayEdit) actions.append(save);
  root.replaceChildren(
    h(
      "div",
      { class: "split split--wide-side" },
      h("div", { class: "stack split__first" }, mayEdit ? "" : notice("note", "You can see these zones and lines. They are changed by administrators, those of an upload by who owns it."), doubt.root, pictureNote, h("section", { class: "panel", "aria-label": "Picture" }, picturePlace), agedPlace, wrong),
      h("div", { class: "split__side" }, panel("Selected", [editor.detail]), panel("Zones and lines", [h("div", { class: "stack" }, editor.list, mayEdit ? saveHint : "")])),
      h("div", { class: "split__rest" }, panel("File", [files.root])),
    ),
  );

  /** @param {string} moment */
  function showMoment(moment) {
    editor.showMoment(moment);
    pictureNote.replaceChildren(); // whatever was wrong with the first picture
  }

  /** @param {string} text how old the picture is, "" while it is fresh */
  function tell(text) {
    setText(aged, text);
    rebuild(agedPlace, String(text !== ""), () => (text ? [notice("caution", aged)] : []));
  }

  /** @param {number} wrongs @returns {string} */
  function hintOf(wrongs) {
    if (wrongs) return `${wrongs === 1 ? "One thing has" : `${wrongs} things have`} to be corrected before it can be saved.`;
    if (editor.isHalfDrawn()) return "What is being drawn is not saved before it is finished.";
    return editor.isUnsaved() ? "Not saved yet. Saved changes count from the camera's next picture on." : "";
  }

  function onChange() {
    const problems = editor.problems();
    save.disabled = isBusy || !editor.isUnsaved() || problems.length > 0;
    files.update(problems.length > 0);
    setText(saveHint, hintOf(problems.length));
    saveHint.hidden = !saveHint.textContent;
    const general = problems.filter(({ pointer }) => !/^\/(zones|lines)\/\d+/.test(pointer)).map(({ detail }) => detail);
    rebuild(wrong, JSON.stringify(general), () => general.map((text) => notice("bad", text)));
  }

  /** Take note of what is stored. @param {Places} now */
  function keep(now) {
    stored = now;
    doubt.update(stored.fault);
  }

  async function confirm() {
    try {
      keep(await api.post(`${url}/confirm?version=${stored.version}`));
      toast("good", "Confirmed. Their numbers count as before from the camera's next picture on.");
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {File} file */
  async function take(file) {
    try {
      editor.replace(readFile(await textOf(file), { cameraId: id, stored, newKey }));
      toast("good", "Imported. Look at it, then save.");
    } catch (error) {
      toastError(error);
    }
  }

  /** Send what is drawn now; drawing goes on meanwhile. @returns {Promise<void>} */
  async function put() {
    const sent = editor.draft();
    try {
      keep(await api.put(url, requestOf(sent, stored.version), { timeoutMs: 30_000 }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return settle();
      if (error instanceof ApiError && error.errors.length) editor.refuse(error.errors, sent);
      throw error;
    }
    editor.load(stored, sent);
    toast("good", editor.isUnsaved() ? "Saved. What you have changed since is not saved yet." : "Saved.", { link: { href: `/cameras/${id}`, word: "To the camera" } });
  }

  /** Somebody else has saved since. @returns {Promise<void>} */
  async function settle() {
    const whose = await askWhose();
    if (whose === null) return;
    keep(await api.get(url, { signal }));
    if (whose === "theirs") return editor.load(stored);
    editor.rebase(stored);
    return put();
  }

  async function store() {
    isBusy = true;
    onChange();
    await put().catch(toastError);
    isBusy = false;
    onChange();
  }

  async function showPicture() {
    try {
      const picture = await live.first();
      pictureNote.replaceChildren(...(picture.note ? [notice("caution", picture.note)] : []));
      picturePlace.replaceChildren(editor.picture);
      editor.show(picture);
      live.start();
    } catch (error) {
      if (signal.aborted) return;
      const again = h("button", { class: "button", type: "button", on: { click: () => void showPicture() } }, "Try again");
      picturePlace.replaceChildren(emptyState({ icon: "bi-camera-video-off", title: "No picture yet", text: messageOf(error), action: again }));
    }
  }

  addEventListener("beforeunload", (event) => {
    if (editor.isUnsaved() || editor.isHalfDrawn()) event.preventDefault();
  });
  editor.load(stored);
  keep(stored);
  await showPicture();
});

/**
 * Calibrate one camera: tell where places in its picture lie on the ground, see the metre grid,
 * measure something to believe it, save.
 */
import { mountEditor } from "../components/calibration/editor.js";
import { takePicture } from "../components/calibration/picture.js";
import { mountStoredPanel } from "../components/calibration/stored_panel.js";
import { confirmDialog } from "../components/dialog.js";
import { emptyState, errorState, loadingState, messageOf, notice } from "../components/state.js";
import { toast, toastError } from "../components/toast.js";
import { h, icon, setText } from "../dom.js";
import { requestOf } from "../lib/calibration_draft.js";
import { isSimulated } from "../lib/camera.js";
import { mayEditCamera } from "../lib/permissions.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Calibration} Calibration */

startPage(async ({ root, actions, params, user, api, signal }) => {
  const id = Number(params.camera_id);
  const url = `/api/cameras/${id}/calibration`;
  root.replaceChildren(loadingState());
  /** @type {Calibration} */
  let stored;
  try {
    const camera = await api.get(`/api/cameras/${id}`, { signal });
    if (!mayEditCamera(user, camera)) {
      root.replaceChildren(emptyState({ icon: "bi-lock", title: "Not for your account", text: "Cameras are calibrated by administrators, uploads by who owns them." }));
      return;
    }
    if (isSimulated(camera)) {
      root.replaceChildren(emptyState({ icon: "bi-rulers", title: "Nothing to calibrate", text: "The ground of a simulated camera is known by construction.", action: h("a", { class: "button", href: `/cameras/${id}` }, "To the camera") }));
      return;
    }
    stored = await api.get(url, { signal });
  } catch (error) {
    root.replaceChildren(errorState(error, () => location.reload()));
    return;
  }
  const editor = mountEditor({ api, url, signal, newPicture: () => void showPicture(), onChange });
  const storedPanel = mountStoredPanel(() => void removeStored());
  const save = h("button", { class: "button button--primary", type: "button", disabled: true, on: { click: () => void store() } });
  const saveHint = h("p", { class: "hint" });
  const picturePlace = h("div", {}, loadingState("Fetching the picture …"));
  const pictureNote = h("div", { class: "stack" });
  const side = h("div", { class: "split__side", hidden: true }, panel("What you know", [editor.method]), panel("Check", [h("div", { class: "stack" }, editor.result, saveHint)]));
  const areas = panel("Areas (optional)", [editor.areas]);
  areas.hidden = true; // until there is a picture to draw on
  let isLoaded = false;
  let isBusy = false;

  actions.append(h("a", { class: "button", href: `/cameras/${id}` }, icon("bi-camera-video"), "To the camera"), save);
  root.replaceChildren(
    h(
      "div",
      { class: "split split--wide-side" },
      h("div", { class: "stack split__first" }, pictureNote, h("section", { class: "panel", "aria-label": "Picture" }, picturePlace)),
      side,
      h("div", { class: "split__rest form-grid" }, areas, panel("In force", [storedPanel.root])),
    ),
  );

  function hintText() {
    if (!editor.isReady()) return "";
    if (editor.isUnsaved()) return "Not saved yet. Measure something in the picture first, to believe it.";
    return stored.fault ? "This is stored, but not used now: drag everything to where its place is in this picture, then save." : "This is what is in force.";
  }

  function onChange() {
    save.disabled = isBusy || !isLoaded || !editor.isReady() || !(editor.isUnsaved() || stored.fault);
    setText(save, stored.calibrated ? `Save as version ${(stored.version ?? 0) + 1}` : "Save calibration");
    setText(saveHint, hintText());
  }

  async function showPicture() {
    try {
      const picture = await takePicture(api, id, signal);
      pictureNote.replaceChildren(...(picture.note ? [notice("caution", picture.note)] : []));
      picturePlace.replaceChildren(editor.picture);
      editor.show(picture);
      if (!isLoaded) {
        isLoaded = true;
        [side.hidden, areas.hidden] = [false, false];
        editor.load(stored);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isLoaded) return toastError(error);
      picturePlace.replaceChildren(
        emptyState({ icon: "bi-camera-video-off", title: "No picture yet", text: messageOf(error), action: h("button", { class: "button", type: "button", on: { click: () => void showPicture() } }, "Try again") }),
      );
    }
  }

  /** @param {() => Promise<void>} work */
  async function busy(work) {
    isBusy = true;
    onChange();
    try {
      await work();
    } catch (error) {
      toastError(error);
    }
    isBusy = false;
    onChange();
  }

  async function store() {
    if (stored.calibrated) {
      const sure = await confirmDialog({
        title: `Replace version ${stored.version}?`,
        text: `Everything measured from now on rests on version ${(stored.version ?? 0) + 1}. What was measured before stays as it was.`,
        word: "Save",
      });
      if (!sure) return;
    }
    await busy(async () => {
      stored = await api.put(url, requestOf(editor.draft(), editor.pictureWh()), { timeoutMs: 30_000 });
      toast("good", `Saved as version ${stored.version}.`, { link: { href: `/cameras/${id}`, word: "To the camera" } });
      storedPanel.update(stored);
      editor.load(stored);
    });
  }

  async function removeStored() {
    const sure = await confirmDialog({
      title: "Remove the calibration?",
      text: "Densities, speeds in metres and all that rests on them are not measured any more until the camera is calibrated again.",
      word: "Remove",
    });
    if (!sure) return;
    await busy(async () => {
      await api.delete(url);
      stored = await api.get(url, { signal });
      toast("good", "The calibration is removed.");
      storedPanel.update(stored);
      editor.load(stored);
    });
  }

  addEventListener("beforeunload", (event) => {
    if (editor.isUnsaved() && isLoaded) event.preventDefault();
  });
  storedPanel.update(stored);
  onChange();
  await showPicture();
});

/**
 * The list of cameras and recordings: add, test, change, start, stop, delete.
 */
import { simulatedTag, stateTag } from "../components/badges.js";
import { mountCommands } from "../components/camera_commands.js";
import { cameraForm } from "../components/camera_form.js";
import { confirmDialog, openDialog } from "../components/dialog.js";
import { mountJobProgress } from "../components/job_progress.js";
import { emptyState, errorState, loadingState } from "../components/state.js";
import { showSourceTest, testStoredSource } from "../components/source_test.js";
import { toast, toastError } from "../components/toast.js";
import { h, icon, rebuild } from "../dom.js";
import { areaText } from "../lib/calibration_words.js";
import { isRecorded, isSimulated, SOURCE_WORDS, stateView } from "../lib/camera.js";
import { formatNumber, NONE } from "../lib/format.js";
import { hasRole, mayAddCamera, mayEditCamera } from "../lib/permissions.js";
import { openCameraStore } from "../realtime/cameras.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Camera} Camera */

/**
 * @param {Camera} camera
 * @param {import("../shell.js").PageContext} context
 * @param {{edit: (camera: Camera) => void, remove: (camera: Camera) => void, changed: (camera: Camera) => void}} does
 */
function mountRow(camera, { api, user }, does) {
  const state = h("div", { class: "stack stack--tight" });
  const commands = mountCommands({ api, user, onChanged: does.changed, small: true });
  const progress = isRecorded(camera) ? mountJobProgress({ withWord: false }) : null;
  const may = mayEditCamera(user, camera);
  const test = () => {
    const place = h("div", { class: "stack" });
    openDialog({ title: `Test ${camera.name}`, body: [place] });
    void showSourceTest(place, () => testStoredSource(api, camera.id));
  };
  /** @param {string} name @param {string} word @param {() => void} click */
  const button = (name, word, click) =>
    h("button", { class: "button button--small button--icon", type: "button", "aria-label": `${word} ${camera.name}`, title: word, on: { click } }, icon(name));
  const size = [
    camera.calibration ? `${areaText(camera.calibration.area_m2)}, ${isSimulated(camera) ? "known" : "calibrated"}` : camera.area_m2 ? `${formatNumber(camera.area_m2)} m² by hand` : "",
    camera.people_limit ? `limit ${formatNumber(camera.people_limit)} people` : "",
  ].filter(Boolean).join(", ");
  const root = h(
    "tr",
    { "data-camera": camera.id },
    h("td", { "data-label": "Name" }, h("div", { class: "row-line" }, h("a", { href: `/cameras/${camera.id}` }, camera.name), isSimulated(camera) && simulatedTag())),
    h("td", { "data-label": "Source" }, h("div", {}, icon(SOURCE_WORDS[camera.source_type].icon), " ", SOURCE_WORDS[camera.source_type].word, h("div", { class: "hint mono" }, camera.job?.original_name ?? camera.source_display))),
    h("td", { "data-label": "Area" }, size || NONE),
    h("td", { "data-label": "State" }, h("div", { class: "stack stack--tight" }, state, progress?.root)),
    h(
      "td",
      { class: "table-list__actions" },
      h(
        "div",
        {},
        commands.root,
        hasRole(user, "admin") && !isRecorded(camera) && button("bi-plug", "Test", test),
        may && !isSimulated(camera) && h("a", { class: "button button--small button--icon", href: `/cameras/${camera.id}/calibration`, "aria-label": `Calibrate ${camera.name}`, title: "Calibrate" }, icon("bi-rulers")),
        may && button("bi-pencil", "Change", () => does.edit(camera)),
        may && button("bi-trash", "Delete", () => does.remove(camera)),
      ),
    ),
  );
  return {
    root,
    /** @param {Camera} now */
    update(now) {
      const view = stateView(now);
      rebuild(state, view.word + view.detail, () => [h("div", {}, stateTag(now)), view.detail ? h("span", { class: "hint" }, view.detail) : null]);
      commands.update(now);
      progress?.update(now);
    },
  };
}

startPage(async (context) => {
  const { root, actions, user, api, socket, signal } = context;
  const store = openCameraStore({ api, socket, signal });
  /** @type {Map<number, ReturnType<typeof mountRow>>} */
  const rows = new Map();
  const place = h("div", {}, loadingState("Loading the cameras …"));
  root.replaceChildren(place);

  /** @param {Camera|null} camera */
  function openForm(camera) {
    const form = cameraForm({ api, user, camera, onSaved: (saved) => store.put(saved), onDone: () => dialog.close() });
    const dialog = openDialog({ title: camera ? `Change ${camera.name}` : hasRole(user, "admin") ? "Add a camera" : "Upload a recording", body: [form] });
  }

  /** @param {Camera} camera */
  async function remove(camera) {
    const sure = await confirmDialog({
      title: `Delete ${camera.name}?`,
      text: "Its settings, measurements and recordings are deleted and cannot be brought back. Its alerts stay in the alert list.",
      word: "Delete",
    });
    if (!sure) return;
    try {
      await api.delete(`/api/cameras/${camera.id}`, { timeoutMs: 30_000 });
      toast("good", `${camera.name} is deleted.`);
      await store.load();
    } catch (error) {
      toastError(error);
    }
  }

  function draw() {
    const cameras = store.list().sort((a, b) => Number(isRecorded(a)) - Number(isRecorded(b)) || a.name.localeCompare(b.name));
    rows.clear();
    if (!cameras.length) {
      const may = mayAddCamera(user);
      place.replaceChildren(
        emptyState({
          icon: "bi-camera-video",
          title: "No cameras yet",
          text: may ? "Add a network camera, a USB camera or a video. A recording can be uploaded from this computer." : "An operator or administrator has to add one first.",
          action: may ? addButton() : null,
        }),
      );
      return;
    }
    const body = h("tbody");
    for (const camera of cameras) {
      const row = mountRow(camera, context, { edit: openForm, remove: (one) => void remove(one), changed: (one) => store.put(one) });
      row.update(camera);
      rows.set(camera.id, row);
      body.append(row.root);
    }
    const heads = ["Name", "Source", "Area and limit", "State", ""].map((word) => h("th", { scope: "col" }, word || h("span", { class: "visually-hidden" }, "Actions")));
    place.replaceChildren(panel(`${formatNumber(cameras.length)} in all`, [h("table", { class: "table-list" }, h("thead", {}, h("tr", {}, ...heads)), body)], { flush: true }));
  }

  function addButton() {
    return h(
      "button",
      { class: "button button--primary", type: "button", "data-action": "add-camera", on: { click: () => openForm(null) } },
      icon("bi-plus-lg"),
      hasRole(user, "admin") ? "Add camera" : "Upload recording",
    );
  }

  if (mayAddCamera(user)) {
    actions.append(addButton());
    if (new URLSearchParams(location.search).has("add")) {
      history.replaceState(null, "", "/cameras"); // going back must not open it again
      openForm(null);
    }
  }
  store.onList(draw);
  store.onCamera((camera, what) => what !== "metrics" && rows.get(camera.id)?.update(camera));
  const load = () => store.load().catch((error) => place.replaceChildren(errorState(error, () => void load())));
  await load();
});

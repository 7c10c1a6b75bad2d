/**
 * Segments of annotated video: play, download, delete.
 */
import { h, icon } from "../dom.js";
import { formatBytes, formatDateTime, formatDuration } from "../lib/format.js";
import { hasRole } from "../lib/permissions.js";
import { simulatedTag } from "./badges.js";
import { confirmDialog, openDialog } from "./dialog.js";
import { mountPagedList } from "./paged_list.js";
import { emptyState } from "./state.js";
import { toast, toastError } from "./toast.js";
import { withQuery } from "../api/client.js";

/** @typedef {import("../types.js").Recording} Recording */

/** @param {Recording} recording @param {string} name */
function play(recording, name) {
  const video = h("video", { class: "player", controls: true, autoplay: true, muted: true, playsinline: true, src: `/api/recordings/${recording.id}/video` });
  video.addEventListener("error", () => {
    video.replaceWith(emptyState({ icon: "bi-film", title: "This recording cannot be played", text: "The file may be damaged or deleted. Try to download it.", isError: true }));
  });
  openDialog({
    title: `${recording.is_simulated ? "SIMULATED: " : ""}${name}, ${formatDateTime(recording.started_at)}`,
    body: [video],
    wide: true,
    onClose: () => {
      video.pause();
      video.removeAttribute("src");
      video.load();
    },
  });
}

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {import("../types.js").PageUser} deps.user
 * @param {AbortSignal} deps.signal
 * @param {() => number|null} deps.cameraId null: of all cameras
 * @param {(id: number) => string} deps.nameOf
 * @param {number} [deps.perPage]
 * @param {boolean} [deps.withCamera]
 */
export function mountRecordings({ api, user, signal, cameraId, nameOf, perPage = 25, withCamera = true }) {
  /** @param {Recording} recording */
  async function remove(recording) {
    const sure = await confirmDialog({ title: "Delete this recording?", text: `${nameOf(recording.camera_id)}, ${formatDateTime(recording.started_at)}. It cannot be brought back.`, word: "Delete" });
    if (!sure) return;
    try {
      await api.delete(`/api/recordings/${recording.id}`);
      toast("good", "The recording is deleted.");
      await list.reload();
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {Recording} recording */
  function row(recording) {
    const name = nameOf(recording.camera_id);
    return h(
      "tr",
      { "data-recording": recording.id },
      withCamera && h("td", { "data-label": "Camera" }, h("div", { class: "row-line" }, h("a", { href: `/cameras/${recording.camera_id}` }, name), recording.is_simulated && simulatedTag())),
      h("td", { "data-label": "Started" }, formatDateTime(recording.started_at)),
      h("td", { "data-label": "Length" }, recording.is_open ? h("span", { class: "tag tag--accent" }, icon("bi-record-circle"), "Recording") : formatDuration(recording.duration_s)),
      h("td", { "data-label": "Size" }, `${recording.width} × ${recording.height} px, ${formatBytes(recording.size_bytes)}`),
      h(
        "td",
        { class: "table-list__actions" },
        h(
          "div",
          {},
          h("button", { class: "button button--small", type: "button", "data-action": "play", on: { click: () => play(recording, name) } }, icon("bi-play-fill"), "Play"),
          h("a", { class: "button button--small", href: `/api/recordings/${recording.id}/video?download=1`, download: "" }, icon("bi-download"), "Download"),
          hasRole(user, "admin") && !recording.is_open &&
            h("button", { class: "button button--small button--icon", type: "button", "aria-label": "Delete recording", title: "Delete", on: { click: () => void remove(recording) } }, icon("bi-trash")),
        ),
      ),
    );
  }

  const heads = [withCamera && "Camera", "Started", "Length", "Size"].filter((word) => word !== false);
  const list = mountPagedList({
    load: (page) => api.get(withQuery("/api/recordings/", { camera_id: cameraId(), page, per_page: perPage }), { signal }),
    build: (/** @type {Recording[]} */ items) =>
      h(
        "table",
        { class: "table-list" },
        h("thead", {}, h("tr", {}, ...heads.map((word) => h("th", { scope: "col" }, word)), h("th", {}, h("span", { class: "visually-hidden" }, "Actions")))),
        h("tbody", {}, ...items.map(row)),
      ),
    empty: () => emptyState({ icon: "bi-film", title: "No recordings", text: "Cameras with “Record the annotated video” switched on leave their segments here." }),
  });
  return list;
}

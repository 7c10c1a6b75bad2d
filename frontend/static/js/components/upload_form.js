/**
 * Sends one video with real progress, and says what happens next.
 */
import { h } from "../dom.js";
import { formatBytes, formatPercent } from "../lib/format.js";
import { UPLOAD_EXTENSIONS, uploadProblem } from "../lib/source_types.js";
import { field } from "./fields.js";
import { mountMeter } from "./job_progress.js";

/** @typedef {import("../types.js").Camera} Camera */

export function mountUpload() {
  const input = h("input", { type: "file", accept: UPLOAD_EXTENSIONS.join(",") });
  const chooser = field({
    name: "video",
    label: "Video",
    help: `${UPLOAD_EXTENSIONS.map((extension) => extension.slice(1).toUpperCase()).join(", ")}. Every frame is analysed; the result is stamped with the recording's own time.`,
    input,
  });
  const meter = mountMeter("Upload");
  const text = h("span", { class: "hint", role: "status" });
  const progress = h("div", { class: "stack stack--tight", hidden: true }, meter.root, text);
  const root = h("div", { class: "stack" }, chooser.root, progress);

  return {
    root,
    chooser,
    /** @returns {File|null} null after showing what is wrong */
    chosen() {
      const file = input.files?.[0] ?? null;
      const problem = uploadProblem(file);
      chooser.setError(problem);
      return problem ? null : file;
    },
    /**
     * @param {import("../api/client.js").Api} api
     * @param {number} cameraId
     * @param {File} file
     * @param {AbortSignal} [signal]
     * @returns {Promise<Camera>}
     */
    async send(api, cameraId, file, signal) {
      progress.hidden = false;
      /** @param {number} sent @param {number} total */
      const onProgress = (sent, total) => {
        meter.update(total ? sent / total : null);
        text.textContent = sent < total
          ? `${formatPercent(total ? sent / total : null)}, ${formatBytes(sent)} of ${formatBytes(total)} sent`
          : "Sent. The server checks the video …";
      };
      onProgress(0, file.size);
      return api.upload(`/api/cameras/${cameraId}/upload`, "video", file, { onProgress, signal });
    },
  };
}

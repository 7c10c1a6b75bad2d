/**
 * The buttons that start, stop, pause or cancel, as the state and the role allow.
 */
import { h, icon, rebuild } from "../dom.js";
import { availableCommands, COMMAND_WORDS, isRecorded } from "../lib/camera.js";
import { mayControl } from "../lib/permissions.js";
import { confirmDialog } from "./dialog.js";
import { toastError } from "./toast.js";

/** @typedef {import("../types.js").Camera} Camera */

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {import("../types.js").PageUser} deps.user
 * @param {(camera: Camera) => void} deps.onChanged
 * @param {boolean} [deps.small]
 */
export function mountCommands({ api, user, onChanged, small = false }) {
  const root = h("div", { class: "row-line" });

  /** @param {Camera} camera @param {import("../lib/camera.js").Command} command */
  async function run(camera, command) {
    if (command === "cancel") {
      const sure = await confirmDialog({ title: "Cancel the analysis", text: `The analysis of “${camera.name}” ends here. What was measured so far is kept; starting again begins at the first frame.`, word: "Cancel analysis" });
      if (!sure) return;
    }
    for (const button of root.querySelectorAll("button")) button.disabled = true;
    try {
      onChanged(await api.post(`/api/cameras/${camera.id}/${command}`));
    } catch (error) {
      toastError(error);
    } finally {
      for (const button of root.querySelectorAll("button")) button.disabled = false;
    }
  }

  return {
    root,
    /** @param {Camera} camera */
    update(camera) {
      const commands = mayControl(user, camera) ? availableCommands(camera) : [];
      rebuild(root, commands.join(), () =>
        commands.map((command) => {
          const view = COMMAND_WORDS[command];
          const again = command === "start" && isRecorded(camera);
          return h(
            "button",
            { class: `button${small ? " button--small" : ""}`, type: "button", "data-command": command, on: { click: () => void run(camera, command) } },
            icon(again ? "bi-arrow-counterclockwise" : view.icon),
            again ? "Analyse again" : view.word,
          );
        }),
      );
    },
  };
}

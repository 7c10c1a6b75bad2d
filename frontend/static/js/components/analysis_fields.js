/**
 * How people are found and followed on one camera: model, tiles, tracker, fixed or moving.
 */
import { h } from "../dom.js";
import { modelChoices, tilesChoices, trackerChoices } from "../lib/detection_words.js";
import { checkbox, field, select } from "./fields.js";

/** @typedef {import("../types.js").Camera} Camera */

/**
 * @param {import("../api/client.js").Api} api
 * @param {Camera|null} camera
 */
export function analysisFields(api, camera) {
  const chosen = camera?.detection_model ?? null;
  const model = field({
    name: "detection_model",
    label: "Model",
    help: "Finds the people. Others than the installation's own lie in the models folder of the server.",
    input: select(modelChoices([], chosen), chosen ?? ""),
  });
  const tiles = field({
    name: "detection_tiles",
    label: "Tiles",
    help: "Cutting the picture up finds small, far people. Each tile costs as much as a whole picture.",
    input: select(tilesChoices(camera?.detection_tiles ?? ""), camera?.detection_tiles ?? ""),
  });
  const tracker = field({
    name: "tracker",
    label: "Tracker",
    help: "Follows people from picture to picture. Take another only if people are mixed up.",
    input: select(trackerChoices(), camera?.tracker ?? "botsort"),
  });
  const moving = checkbox("is_moving", "The camera itself moves: it pans, sways or is carried (costs more)", camera?.is_moving ?? false);
  const isUsual = !camera || (!chosen && !camera.detection_tiles && camera.tracker === "botsort" && !camera.is_moving);
  const root = h(
    "details",
    { class: "form-more", open: !isUsual },
    h("summary", { class: "form-more__head" }, "Analysis: model, tiles, tracker"),
    h("div", { class: "form-more__body" }, model.root, h("div", { class: "form-grid" }, tiles.root, tracker.root), moving.root),
  );
  api.get("/api/cameras/models").then(
    ({ items }) => {
      const now = model.value;
      const options = Object.entries(modelChoices(items, chosen)).map(([value, word]) => h("option", { value, selected: value === now }, word));
      model.control.replaceChildren(...options);
    },
    () => undefined, // the choice there is can still be kept or taken back
  );
  return {
    root,
    fields: [model, tiles, tracker],
    /** Show the fields when one of them was refused. */
    open() {
      root.setAttribute("open", "");
    },
    read: () => ({
      detection_model: model.value || null,
      detection_tiles: tiles.value,
      tracker: tracker.value,
      is_moving: moving.box.checked,
    }),
  };
}

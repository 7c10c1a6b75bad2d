/**
 * All recorded segments, newest first.
 */
import { withQuery } from "../api/client.js";
import { field, select } from "../components/fields.js";
import { mountRecordings } from "../components/recordings_list.js";
import { h } from "../dom.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Camera} Camera */

startPage(async ({ root, user, api, signal }) => {
  const { items } = await api.get("/api/cameras/?per_page=500", { signal });
  const cameras = /** @type {Camera[]} */ (items);
  const names = new Map(cameras.map(({ id, name }) => [id, name]));
  const chosen = new URLSearchParams(location.search).get("camera_id") ?? "";
  const filter = field({
    name: "camera_id",
    label: "Camera",
    input: select({ "": "All cameras" }, ""),
  });
  for (const { id, name } of cameras) filter.control.append(h("option", { value: id, selected: String(id) === chosen }, name));
  const list = mountRecordings({
    api,
    user,
    signal,
    cameraId: () => (filter.value ? Number(filter.value) : null),
    nameOf: (id) => names.get(id) ?? `Camera ${id}`,
  });
  filter.control.addEventListener("change", () => {
    history.replaceState(null, "", withQuery("/recordings", { camera_id: filter.value }));
    void list.show(1);
  });
  root.replaceChildren(h("div", { class: "stack" }, h("div", { class: "filters" }, filter.root), panel("Segments", [list.root], { flush: true })));
  await list.show(1);
});

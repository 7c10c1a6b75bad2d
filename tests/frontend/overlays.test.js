import assert from "node:assert/strict";
import test from "node:test";
import { chosenOverlays, DEFAULT_OVERLAYS, keptOverlays, OVERLAYS, pictureUrl } from "../../frontend/static/js/lib/overlays.js";

test("a choice comes back as it was made", () => {
  for (const names of [[], ["boxes"], ["places", "heat"]]) assert.deepEqual(chosenOverlays(JSON.parse(JSON.stringify(keptOverlays(names)))), names);
});

test("without a choice, or with what is none, it is what is on for everybody", () => {
  for (const kept of [null, 5, "boxes", {}, { names: "boxes" }]) assert.equal(chosenOverlays(kept), DEFAULT_OVERLAYS);
});

test("what has come since the choice is on where it is on for everybody", () => {
  assert.deepEqual(chosenOverlays(["boxes", "hud"]), ["places", "boxes", "hud"]); // kept before there were zones
  const known = OVERLAYS.map(({ name }) => name).filter((name) => name !== "trails" && name !== "heat");
  assert.deepEqual(chosenOverlays({ names: ["boxes", "gone"], known }), ["boxes", "trails"]);
});

test("the same choice is the same address", () => {
  const url = pictureUrl(1, "stream", { overlays: ["hud", "boxes"], width: 640 });
  assert.equal(url, "/api/cameras/1/stream?overlays=boxes,hud&width=640");
});

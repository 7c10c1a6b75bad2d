import assert from "node:assert/strict";
import test from "node:test";
import { ApiError } from "../../frontend/static/js/api/errors.js";
import { openPreview } from "../../frontend/static/js/components/calibration/preview.js";
import { emptyDraft } from "../../frontend/static/js/lib/calibration_draft.js";

const WH = [1280, 720];
const heights = (angle = "") => ({ ...emptyDraft(), method: "heights", field_of_view_deg: angle });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A server that answers when it is told to. */
function fakeServer() {
  const asked = [];
  const put = (url, body, { signal }) => new Promise((resolve, reject) => {
    asked.push({ url, body, answer: resolve, refuse: reject });
    signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
  });
  return { asked, api: { put } };
}

function open(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const server = fakeServer();
  const preview = openPreview({ api: server.api, url: "/c", signal: new AbortController().signal, onVerdict: () => undefined });
  return { ...server, preview, wait: (ms) => context.mock.timers.tick(ms) };
}

test("nothing is asked while something is missing", (context) => {
  const { asked, preview, wait } = open(context);
  preview.follow(emptyDraft(), WH);
  wait(5000);
  assert.equal(asked.length, 0);
  assert.match(preview.now().missing, /Four points/);
});

test("one question after the last of several changes", async (context) => {
  const { asked, preview, wait } = open(context);
  for (const angle of ["6", "60", "62"]) {
    preview.follow(heights(angle), WH);
    wait(100);
  }
  wait(400);
  assert.deepEqual(asked.map(({ url, body }) => [url, body.field_of_view_deg]), [["/c?dry_run=true", 62]]);
  assert.equal(preview.now().isAsking, true);
  asked[0].answer({ area_m2: 7 });
  await turn();
  assert.deepEqual([preview.now().preview.area_m2, preview.now().isAsking], [7, false]);
});

test("an answer overtaken by a newer draft is dropped", async (context) => {
  const { asked, preview, wait } = open(context);
  preview.follow(heights("60"), WH);
  wait(400);
  preview.follow(heights("70"), WH);
  asked[0].answer({ area_m2: 1 });
  await turn();
  assert.equal(preview.now().preview, null);
  wait(400);
  asked[1].answer({ area_m2: 2 });
  await turn();
  assert.equal(preview.now().preview.area_m2, 2);
});

test("a refusal is kept with the point it names", async (context) => {
  const { asked, preview, wait } = open(context);
  preview.follow(heights(), WH);
  wait(400);
  asked[0].refuse(new ApiError({ status: 422, errors: [{ pointer: "/points/3/world", detail: "Behind the horizon." }] }));
  await turn();
  assert.deepEqual(preview.now().refused, ["Behind the horizon."]);
  assert.equal(preview.now().wrongPoints.get(3), "Behind the horizon.");
  assert.equal(preview.now().preview, null);
});

test("what is in force is not asked again until it changes", (context) => {
  const { asked, preview, wait } = open(context);
  preview.accept(heights(), WH, { area_m2: 9 });
  preview.follow(heights(), WH);
  wait(1000);
  assert.equal(asked.length, 0);
  assert.equal(preview.now().preview.area_m2, 9);
  preview.follow(heights(), WH, true);
  wait(1000);
  assert.equal(asked.length, 1);
});

import assert from "node:assert/strict";
import test from "node:test";
import { problemOf } from "../../frontend/static/js/api/errors.js";
import { makeRefresher, readCookie } from "../../frontend/static/js/api/session.js";
import { loadHistory } from "../../frontend/static/js/lib/history.js";

test("cookies by their exact name", () => {
  assert.equal(readCookie("csrf_access_token", "a=1; csrf_access_token=x%2By; csrf_access_token_old=z"), "x+y");
  assert.equal(readCookie("csrf", "a=1; csrf_access_token=x"), "");
});

test("many refusals at once renew the session once", async () => {
  let renewals = 0;
  const refresh = makeRefresher(async () => ((renewals += 1), "alive"), () => "old");
  assert.deepEqual(await Promise.all([refresh(), refresh(), refresh()]), ["alive", "alive", "alive"]);
  assert.equal(renewals, 1);
  await refresh();
  assert.equal(renewals, 2);
});

test("an ended session and an unreachable server are told apart", async () => {
  for (const state of ["ended", "unreachable"]) {
    assert.equal(await makeRefresher(async () => state, () => "")(), state);
  }
});

test("problem+json becomes an error with its fields", () => {
  const error = problemOf(422, { type: "/problems/invalid-input", detail: "Some values are wrong.", errors: [{ pointer: "/name", detail: "Taken." }], request_id: "r1" }, null);
  assert.equal(error.type, "invalid-input");
  assert.equal(error.message, "Some values are wrong.");
  assert.equal(error.forField("name"), "Taken.");
  assert.equal(error.forField("source"), "");
  assert.equal(error.requestId, "r1");
});

test("an answer that is no problem document still gives a sentence", () => {
  assert.equal(problemOf(502, null, null).message, "The server answered 502.");
  assert.equal(problemOf(429, {}, "30").retryAfterS, 30);
  assert.equal(problemOf(429, {}, "Wed, 21 Oct 2026 07:28:00 GMT").retryAfterS, null);
});

test("history: all pages of a recording's newest run", async () => {
  const pages = [[{ run_id: 1, n: 1 }, { run_id: 2, n: 2 }], [{ run_id: 2, n: 3 }]];
  const asked = [];
  const api = {
    async get(url) {
      asked.push(url);
      return { items: pages[asked.length - 1], pages: pages.length };
    },
  };
  const items = await loadHistory(api, { id: 4, source_type: "upload" }, { windowMs: 1000, maxPoints: 100 });
  assert.deepEqual(items.map(({ n }) => n), [2, 3]);
  assert.ok(asked.every((url) => url.startsWith("/api/metrics/4?page=") && !url.includes("from=")));
  asked.length = 0;
  await loadHistory(api, { id: 4, source_type: "rtsp" }, { windowMs: 60_000, maxPoints: 1, nowMs: Date.UTC(2026, 0, 1) });
  assert.match(asked[0], /from=2025-12-31T23%3A59%3A00.000Z$/);
});

import assert from "node:assert/strict";
import test from "node:test";
import { eventText } from "../../frontend/static/js/lib/timeline.js";

test("an event reads as a sentence, without file names", () => {
  const detail = { level: "WARNING", picture: "37a6.jpg", text: "5 people, 163 % of the limit of 3." };
  assert.equal(eventText(detail), "Warning: 5 people, 163 % of the limit of 3.");
});

test("notes are quoted, channels named, what is new is not swallowed", () => {
  assert.equal(eventText({ note: "Ana is on the way" }), "“Ana is on the way”");
  assert.equal(eventText({ note: "" }), "");
  assert.equal(eventText({ channel: "telegram" }), "Telegram");
  assert.equal(eventText({ level: "CRITICAL" }), "Critical");
  assert.equal(eventText({ snoozed_s: 60 }), "Snoozed s: 60");
  assert.equal(eventText(null), "");
});

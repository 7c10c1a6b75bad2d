import assert from "node:assert/strict";
import test from "node:test";
import { SequenceGate } from "../../frontend/static/js/lib/sequence.js";

test("late and repeated events are dropped, streams are independent", () => {
  const gate = new SequenceGate();
  assert.equal(gate.accepts("metrics:1", { run_id: 1, seq: 5 }), true);
  assert.equal(gate.accepts("metrics:1", { run_id: 1, seq: 5 }), false);
  assert.equal(gate.accepts("metrics:1", { run_id: 1, seq: 4 }), false);
  assert.equal(gate.accepts("metrics:2", { run_id: 1, seq: 4 }), true);
});

test("a new run starts at one again, the old one is over", () => {
  const gate = new SequenceGate();
  gate.accepts("metrics:1", { run_id: 1, seq: 900 });
  assert.equal(gate.accepts("metrics:1", { run_id: 2, seq: 1 }), true);
  assert.equal(gate.accepts("metrics:1", { run_id: 1, seq: 901 }), false);
});

test("events without a number pass; a reset forgets", () => {
  const gate = new SequenceGate();
  assert.equal(gate.accepts("alert:", {}), true);
  gate.accepts("alert:", { seq: 10 });
  gate.reset();
  assert.equal(gate.accepts("alert:", { seq: 1 }), true);
});

test("the newest numbers may come again as they age, older ones may not", () => {
  const gate = new SequenceGate();
  gate.accepts("metrics:1", { run_id: 1, seq: 5 }, { repeats: true });
  assert.equal(gate.accepts("metrics:1", { run_id: 1, seq: 5 }, { repeats: true }), true);
  assert.equal(gate.accepts("metrics:1", { run_id: 1, seq: 4 }, { repeats: true }), false);
});

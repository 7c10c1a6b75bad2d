/**
 * Drops socket events that arrive late or twice. Events of one stream are ordered by
 * `(run_id, seq)`: the run grows with every start of a camera, the number within it.
 */
export class SequenceGate {
  /** @type {Map<string, [number, number]>} */
  #last = new Map();

  /**
   * @param {string} stream name of the stream, for instance `metrics:3`
   * @param {{seq?: number, run_id?: number}} event
   * @param {{repeats?: boolean}} [options] repeats: the newest one may come again, as it ages
   * @returns {boolean} whether the event is newer than all before it; events without a
   *   number always are
   */
  accepts(stream, event, { repeats = false } = {}) {
    if (event.seq === undefined) return true;
    const run = event.run_id ?? 0;
    const last = this.#last.get(stream);
    if (last) {
      const step = run - last[0] || event.seq - last[1];
      if (step < 0 || (step === 0 && !repeats)) return false;
    }
    this.#last.set(stream, [run, event.seq]);
    return true;
  }

  /** Forget everything: after a reconnect the server counts from its own start. */
  reset() {
    this.#last.clear();
  }
}

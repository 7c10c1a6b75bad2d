/**
 * Steps back and forth through states that are never changed in place.
 */

const MOST_STEPS = 200;

/** @template T */
export class UndoStack {
  /** @type {T[]} */
  #past = [];
  /** @type {T[]} */
  #future = [];
  /** @type {T} */
  #now;
  #gesture = "";

  /** @param {T} first */
  constructor(first) {
    this.#now = first;
  }

  get now() {
    return this.#now;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /**
   * @param {T} next
   * @param {string} [gesture] changes in a row with the same name are one step: a drag, a word typed
   */
  set(next, gesture = "") {
    if (next === this.#now) return;
    if (!gesture || gesture !== this.#gesture) this.#past = [...this.#past, this.#now].slice(-MOST_STEPS);
    this.#gesture = gesture;
    this.#future = [];
    this.#now = next;
  }

  /** Start over: nothing before this can be undone. @param {T} first */
  reset(first) {
    [this.#past, this.#future, this.#now, this.#gesture] = [[], [], first, ""];
  }

  /** Change every step alike. @param {(state: T) => T} change */
  map(change) {
    [this.#past, this.#future, this.#now] = [this.#past.map(change), this.#future.map(change), change(this.#now)];
  }

  undo() {
    const before = this.#past.at(-1);
    if (before === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, this.#now];
    [this.#now, this.#gesture] = [before, ""];
  }

  redo() {
    const after = this.#future.at(-1);
    if (after === undefined) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, this.#now];
    [this.#now, this.#gesture] = [after, ""];
  }
}

/**
 * The draft of zones and lines with its steps: what of it is stored, and what is wrong with it.
 */
import { adopter, draftOf, rebased } from "./places.js";
import { problemsOf } from "./places_rules.js";
import { UndoStack } from "./undo.js";

/** @typedef {import("./places.js").PlacesDraft} PlacesDraft */
/** @typedef {import("./places_rules.js").Problem} Problem */
/** @typedef {Pick<import("../types.js").Places, "zones"|"lines">} Stored */

export class PlacesHistory {
  /** @type {UndoStack<PlacesDraft>} */
  #steps = new UndoStack(draftOf({ zones: [], lines: [] }));
  #saved = this.#steps.now;
  /** @type {Problem[]} */
  #refused = [];
  /** @type {{draft: PlacesDraft, problems: Problem[]}|null} asked again with every move of the pointer */
  #judged = null;

  get draft() {
    return this.#steps.now;
  }

  get isUnsaved() {
    return this.draft !== this.#saved;
  }

  get canUndo() {
    return this.#steps.canUndo;
  }

  get canRedo() {
    return this.#steps.canRedo;
  }

  /** What the server has objected to since the last change, else what the rules object to. */
  get problems() {
    if (this.#refused.length) return this.#refused;
    if (this.#judged?.draft !== this.draft) this.#judged = { draft: this.draft, problems: problemsOf(this.draft) };
    return this.#judged.problems;
  }

  /** Start from what is stored. @param {Stored} stored */
  load(stored) {
    this.#steps.reset(draftOf(stored));
    [this.#saved, this.#refused] = [this.draft, []];
  }

  /**
   * What was sent is stored, and has been changed since: that goes on, every step of it, under
   * the ids the places have now.
   *
   * @param {Stored} stored
   * @param {PlacesDraft} sent
   */
  adopt(stored, sent) {
    const adopt = adopter(stored, sent);
    this.#steps.map(adopt);
    [this.#saved, this.#refused] = [adopt(sent), []];
  }

  /** Build every step on what somebody else has stored. @param {Stored} theirs */
  rebase(theirs) {
    this.#steps.map((draft) => rebased(draft, theirs));
    [this.#saved, this.#refused] = [draftOf(theirs), []];
  }

  /** @param {Problem[]} problems what the server objects to @param {PlacesDraft} sent of another draft it says nothing */
  refuse(problems, sent) {
    if (sent === this.draft) this.#refused = problems;
  }

  /** @param {PlacesDraft} next @param {string} [gesture] */
  change(next, gesture) {
    if (next === this.draft) return;
    this.#steps.set(next, gesture);
    this.#refused = [];
  }

  /** @param {"undo"|"redo"} which */
  step(which) {
    this.#steps[which]();
    this.#refused = [];
  }
}

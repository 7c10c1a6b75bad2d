/**
 * The desk on which zones and lines are worked on: the draft with its steps, what is selected,
 * what is being drawn, and what a click, a drag or a key does to them.
 */
import { finished, freshPen, placed, stepBack } from "./pen.js";
import { neighbourOf, patched, placeOf, pointsOf, reordered, withLine, without, withPoints, withZone } from "./places.js";
import { pixelsOf, shareOf, shifted } from "./places_geometry.js";
import { PlacesHistory } from "./places_history.js";
import { inWord, whereWord } from "./places_words.js";
import { sideMiddles } from "./polygon.js";

/** @typedef {import("./homography.js").Point} Point */
/** @typedef {import("./places.js").PlacesDraft} PlacesDraft */

export class PlacesDesk {
  /** @type {string|null} */
  #chosen = null;
  #say;
  #newKey;

  history = new PlacesHistory();
  /** @type {[number, number]} pixels of the picture */
  wh = [16, 9];
  pen = freshPen("select");
  /** @type {Point|null} pixels */
  hover = null;

  /** @param {{say: (text: string) => void, newKey: () => string}} deps say: to who cannot see it */
  constructor({ say, newKey }) {
    this.#say = say;
    this.#newKey = newKey;
  }

  get draft() {
    return this.history.draft;
  }

  get chosen() {
    return placeOf(this.draft, this.#chosen);
  }

  get isDrawing() {
    return this.pen.tool !== "select";
  }

  get isUnsaved() {
    return this.history.isUnsaved;
  }

  /** Whether something is being drawn that no save would hold. */
  get isHalfDrawn() {
    return this.pen.points.length > 0;
  }

  get canUndo() {
    return this.history.canUndo || this.isHalfDrawn;
  }

  get canRedo() {
    return this.history.canRedo;
  }

  /**
   * Start from what is stored; what is half drawn is drawn on.
   *
   * @param {import("./places_history.js").Stored} stored
   * @param {PlacesDraft} [sent] what it was stored from: what was changed since is kept
   */
  load(stored, sent = this.draft) {
    if (sent !== this.draft) return this.history.adopt(stored, sent);
    const was = this.chosen;
    this.history.load(stored);
    this.#chosen = was ? this.draft[/** @type {"zones"|"lines"} */ (`${was.kind}s`)][was.index]?.key ?? null : null;
  }

  /** @param {PlacesDraft} next @param {string} [gesture] */
  change = (next, gesture) => this.history.change(next, gesture);

  /** @param {"undo"|"redo"} which */
  step(which) {
    if (which === "undo" && this.isHalfDrawn) this.pen = stepBack(this.pen);
    else this.history.step(which);
  }

  /** @param {string|null} key */
  choose(key) {
    this.#chosen = key;
    this.setTool("select");
  }

  /** @param {import("./pen.js").Tool} tool */
  setTool(tool) {
    [this.pen, this.hover] = [freshPen(tool), null];
    if (this.isDrawing) this.#chosen = null;
  }

  cancel() {
    this.setTool("select");
    this.#say("Cancelled.");
  }

  /** Put a point of a new shape down, or select nothing. @param {Point} at pixels @param {number} reach */
  place(at, reach) {
    if (!this.isDrawing) return this.choose(null);
    this.#follow(placed(this.pen, at, reach));
    if (this.isHalfDrawn) this.#say(`Point ${this.pen.points.length}, ${whereWord(shareOf(at, this.wh))}.`);
  }

  finish() {
    const stroke = finished(this.pen);
    return stroke.shape ? this.#follow(stroke) : this.#say("A zone needs at least three corners.");
  }

  /** @param {import("./pen.js").Stroke} stroke */
  #follow({ pen, shape }) {
    const { tool } = this.pen;
    this.pen = pen;
    const [start, end, ...rest] = (shape ?? []).map((p) => shareOf(p, this.wh));
    if (!start || !end) return;
    const key = this.#newKey();
    this.change(tool === "line" ? withLine(this.draft, key, start, end) : withZone(this.draft, key, [start, end, ...rest]));
    this.choose(key);
    const place = this.chosen?.place;
    if (place) this.#say(`${place.name} drawn, ${"corners" in place ? `${place.corners.length} corners` : `in is ${inWord(place, this.wh)}`}.`);
  }

  /** @param {string} handle "body:zone-3", or "point:2" or "middle:1" of the selected one */
  #partsOf(handle) {
    const [, kind = "", rest = ""] = /^(\w+):(.+)$/.exec(handle) ?? [];
    const found = placeOf(this.draft, kind === "body" ? rest : this.#chosen);
    return { kind, index: Number(rest), found, points: found ? pointsOf(found.place) : [] };
  }

  /** @param {string} handle @returns {Point|null} pixels */
  whereIs(handle) {
    const { kind, index, points } = this.#partsOf(handle);
    const at = kind === "middle" ? sideMiddles(points)[index - 1] : points[kind === "body" ? 0 : index];
    return at ? pixelsOf(at, this.wh) : null;
  }

  /**
   * @param {string} handle
   * @param {Point} at pixels
   * @param {string} [gesture]
   * @returns {string} the handle that is held now
   */
  move(handle, at, gesture) {
    const { kind, index, found, points } = this.#partsOf(handle);
    if (!found) return handle;
    if (kind === "body") this.choose(found.place.key);
    const to = shareOf(at, this.wh);
    const moved = kind === "body" ? shifted(points, to) : kind === "point" ? points.map((p, k) => (k === index ? to : p)) : [...points.slice(0, index), to, ...points.slice(index)];
    this.change(withPoints(this.draft, found.place.key, moved), gesture && `${gesture} of ${found.place.key}`);
    return kind === "middle" ? `point:${index}` : handle;
  }

  /** @param {string} handle @returns {string} the handle to go on from, "" for none */
  remove(handle) {
    const { kind, index, found, points } = this.#partsOf(handle);
    if (found && kind === "body") this.removePlace(found.place.key);
    if (!found || kind !== "point") return kind === "body" ? "" : handle;
    const least = found.kind === "line" ? "A line has two ends: delete the line itself." : points.length <= 3 ? "A zone needs at least three corners: delete the zone itself." : "";
    if (!least) this.change(withPoints(this.draft, found.place.key, points.filter((_, k) => k !== index)));
    this.#say(least || `Corner ${index + 1} of ${found.place.name} deleted.`);
    return least ? handle : `point:${Math.min(index, points.length - 2)}`;
  }

  /** @param {string} key @returns {string|null} the key of the place to go on from */
  removePlace(key) {
    const name = placeOf(this.draft, key)?.place.name;
    const next = neighbourOf(this.draft, key);
    this.change(without(this.draft, key));
    this.#say(`${name} deleted. Undo brings it back.`);
    return next;
  }

  /** @param {Record<string, string>} fields of the selected one @param {string} gesture */
  patch(fields, gesture) {
    if (this.#chosen) this.change(patched(this.draft, this.#chosen, fields), `${gesture} ${this.#chosen}`);
  }

  /** Let the other side of the selected line be in. */
  reverse() {
    const found = this.chosen;
    if (found?.kind !== "line") return;
    const { key, start, end } = found.place;
    this.change(withPoints(this.draft, key, [end, start]));
    this.#say(`In is ${inWord({ start: end, end: start }, this.wh)} now.`);
  }

  /** @param {string} key @param {1|-1} direction */
  reorder = (key, direction) => this.change(reordered(this.draft, key, direction));
}

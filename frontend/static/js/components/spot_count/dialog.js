/**
 * Somebody counts a still. What was measured of it is told after the count, and the page with its
 * live numbers is out of sight meanwhile: who knows the answer counts it.
 */
import { h, icon } from "../../dom.js";
import { formatDateTime } from "../../lib/format.js";
import { areaHelp, countProblem, NOTE_MAX, resultText, rollingLines } from "../../lib/spot_count.js";
import { openDialog } from "../dialog.js";
import { clearFormError, field, onSubmit, select, showFormError } from "../fields.js";
import { errorState, loadingState, notice } from "../state.js";
import { mountCountingPicture } from "./picture.js";

/** @typedef {import("../../types.js").SpotStill} SpotStill */
/** @typedef {import("../../types.js").EnteredCount} EnteredCount */

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {{id: number, name: string}} deps.camera
 * @param {() => void} deps.onEntered
 */
export function openSpotCount({ api, camera, onEntered }) {
  const leaving = new AbortController();
  const { signal } = leaving;
  const path = `/api/cameras/${camera.id}/spot-count`;
  const place = field({ name: "zone_id", label: "What you count", input: select({ "": "The whole picture" }) });
  const count = field({ name: "count", label: "How many people do you see?", attributes: { inputmode: "numeric", autocomplete: "off", maxlength: 6, required: true } });
  const note = field({ name: "note", label: "Note", help: "Optional: what made it hard, for instance.", attributes: { maxlength: NOTE_MAX, autocomplete: "off" } });
  const fields = [place, count, note];
  let marked = 0;
  const picture = mountCountingPicture((n) => {
    if (n || marked) count.value = n ? String(n) : ""; // without a dot it is typed, which stays
    marked = n;
  });
  const help = h("p", { class: "hint" });
  const taken = h("p", { class: "hint" });
  const stage = h("div", {}, loadingState());
  const answer = h("div");
  const again = h("button", { class: "button", type: "button", on: { click: () => void begin() } }, icon("bi-camera"), "New picture");
  const form = h(
    "form",
    { class: "spot-form", novalidate: true },
    h("div", { class: "spot-form__picture" }, stage),
    h("div", { class: "stack spot-form__fields" }, place.root, help, count.root, note.root, answer, taken, h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, "Compare"), again)),
  );
  const body = h("div", {}, form);
  /** @type {SpotStill|null} */
  let still = null;
  let turn = 0;

  /** Take a still of the chosen place; what was marked in the last one is gone. */
  async function begin() {
    turn += 1;
    const mine = turn;
    still = null;
    clearFormError(fields, answer);
    count.value = "";
    help.textContent = taken.textContent = "";
    stage.replaceChildren(loadingState("Taking a picture …"));
    try {
      const begun = await api.post(`${path}/begin`, place.value ? { zone_id: Number(place.value) } : {}, { signal });
      const { blob } = await api.picture(begun.picture_url, { signal });
      if (mine !== turn) return; // another place was chosen meanwhile
      still = begun;
      stage.replaceChildren(picture.root);
      picture.show(blob);
      help.textContent = areaHelp(begun.area, begun.zone_name);
      taken.textContent = `Picture of ${formatDateTime(begun.taken_at)}; you have ${Math.round(begun.expires_in_s / 60)} minutes. CrowdSafe's own number is told after yours, so that it does not sway you.`;
    } catch (error) {
      if (mine === turn && !signal.aborted) stage.replaceChildren(errorState(error, () => void begin()));
    }
  }

  /** @param {EnteredCount} entered */
  function showResult(entered) {
    dialog.element.classList.remove("dialog--blind");
    const tone = entered.is_inside ? "good" : "caution";
    const heading = h("p", { class: "spot-result", tabindex: -1 }, resultText(entered));
    body.replaceChildren(
      h(
        "div",
        { class: "stack" },
        notice(tone, heading),
        entered.trust !== "ok" && entered.trust !== "estimated" ? h("p", { class: "hint" }, `CrowdSafe itself called this number ${entered.trust}.`) : "",
        h("section", { class: "stack stack--tight", "aria-label": "Accuracy here" }, h("h3", {}, `Accuracy of ${entered.zone_name ?? "the whole picture"}`), ...rollingLines(entered.rolling).map((line) => h("p", { class: "spot-line" }, line))),
        h(
          "div",
          { class: "form-actions" },
          h("button", { class: "button button--primary", type: "button", on: { click: () => dialog.close() } }, "Done"),
          h("button", { class: "button", type: "button", on: { click: anew } }, "Count another picture"),
        ),
      ),
    );
    heading.focus();
  }

  function anew() {
    note.value = "";
    dialog.element.classList.add("dialog--blind");
    body.replaceChildren(form);
    void begin();
  }

  /** Without zones the whole picture is all there is to count. */
  async function offerZones() {
    const { zones } = await api.get(`/api/cameras/${camera.id}/places`, { signal });
    place.control.append(.../** @type {import("../../types.js").Zone[]} */ (zones).map(({ id, name }) => h("option", { value: id }, `Zone ${name}`)));
    place.root.hidden = !zones.length;
  }

  place.root.hidden = true;
  place.control.addEventListener("change", () => void begin());
  onSubmit(form, async () => {
    clearFormError(fields, answer);
    const wrong = countProblem(count.value);
    if (wrong) {
      count.setError(wrong);
      return void count.control.focus();
    }
    if (!still) return void answer.replaceChildren(notice("caution", "There is no picture to compare with yet."));
    try {
      const entered = await api.post(path, { count: Number(count.value.trim()), token: still.token, note: note.value.trim() }, { signal });
      showResult(entered);
      onEntered();
    } catch (error) {
      if (!signal.aborted) showFormError(error, fields, answer);
    }
  });
  const dialog = openDialog({
    title: `Spot count: ${camera.name}`,
    body: [body],
    wide: true,
    onClose: () => {
      leaving.abort();
      picture.destroy();
    },
  });
  dialog.element.classList.add("dialog--blind");
  void begin();
  offerZones().catch((error) => signal.aborted || showFormError(error, [], answer));
}

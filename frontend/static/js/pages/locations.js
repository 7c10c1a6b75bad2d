/**
 * All locations, most dangerous first, and what they come to together.
 */
import { mountLocationCard } from "../components/locations/card.js";
import { openLocationForm } from "../components/locations/form.js";
import { mountSummary } from "../components/locations/summary.js";
import { confirmDialog } from "../components/dialog.js";
import { emptyState, errorState, loadingState } from "../components/state.js";
import { toast, toastError } from "../components/toast.js";
import { h, icon, rebuild, setText } from "../dom.js";
import { compareLocations, levelNews } from "../lib/location_words.js";
import { hasRole } from "../lib/permissions.js";
import { openLocationStore } from "../realtime/locations.js";
import { startPage } from "../shell.js";

/** @typedef {import("../types.js").Location} Location */

const REORDER_MS = 2000;

startPage(async ({ root, actions, user, api, socket, signal }) => {
  socket.subscribe([]);
  const store = openLocationStore({ api, socket, signal });
  const mayEdit = hasRole(user, "admin");
  const summary = mountSummary({ api, signal, nameOf: (id) => store.get(id)?.name ?? "", total: () => store.list().length });
  const news = h("div", { class: "visually-hidden", "aria-live": "polite" });
  const list = h("ul", { class: "tiles", "aria-label": "Locations, most dangerous first" });
  const place = h("div", {}, loadingState("Loading the locations …"));
  const bar = h("div", { class: "row-line" });
  /** @type {Map<number, {card: ReturnType<typeof mountLocationCard>, item: HTMLElement, made: string}>} */
  const cards = new Map();
  /** @type {Map<number, import("../types.js").LocationNumbers|null>} as announced last */
  const announced = new Map();
  actions.append(bar);
  root.replaceChildren(h("div", { class: "stack" }, summary.root, place, news));

  /** @param {string} name @param {string} word @param {() => void} click @param {boolean} [isFirst] */
  const button = (name, word, click, isFirst = false) => h("button", { class: `button${isFirst ? " button--primary" : ""}`, type: "button", on: { click } }, icon(name), word);
  const add = () => button("bi-plus-lg", "Add a location", () => openLocationForm({ api, location: null, onSaved: (saved) => location.assign(`/locations/${saved.id}`) }), true);
  const samples = () => button("bi-box", "Add sample locations", () => void changeSamples("post"));

  /** @param {"post"|"delete"} what */
  async function changeSamples(what) {
    if (what === "delete" && !(await confirmDialog({ title: "Delete the sample locations?", text: "The samples and all that was counted in them are deleted. Cameras stay.", word: "Delete" }))) return;
    for (const one of document.querySelectorAll("button")) one.disabled = true;
    try {
      await api[what]("/api/locations/samples");
      toast("good", what === "post" ? "Sample locations are added." : "The sample locations are deleted.");
      await store.load();
    } catch (error) {
      toastError(error);
    } finally {
      for (const one of document.querySelectorAll("button")) one.disabled = false;
    }
  }

  /** @param {Location} one */
  function refresh(one) {
    const numbers = store.believed(one);
    cards.get(one.id)?.card.update(numbers, store.ageS(one.id));
    const text = levelNews(announced.get(one.id) ?? null, numbers);
    announced.set(one.id, numbers);
    if (text) setText(news, text);
  }

  /** Most dangerous first; while somebody holds a card nothing moves under the hand. */
  function order() {
    const wanted = store.list().map((one) => ({ ...one, numbers: store.believed(one) })).sort(compareLocations);
    if (list.matches(":focus-within, :hover") && list.childElementCount === wanted.length) return;
    wanted.forEach(({ id }, index) => {
      const item = cards.get(id)?.item;
      if (item && list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
  }

  function nothing() {
    return emptyState({
      icon: "bi-geo-alt",
      title: "No locations yet",
      text: mayEdit
        ? "A location is a place people speak of: a hall, a stand, a square. It has a capacity, and its number comes from cameras, counting lines or people who count."
        : "An administrator has to add one first.",
      action: mayEdit ? h("div", { class: "form-actions" }, add(), samples()) : null,
    });
  }

  function redraw() {
    const all = store.list();
    const known = new Map(all.map((one) => [one.id, JSON.stringify([one.name, one.is_sample, one.is_simulated, one.problems])]));
    for (const [id, { item, made }] of cards) {
      if (known.get(id) === made) continue;
      item.remove();
      cards.delete(id);
    }
    for (const one of all) {
      if (cards.has(one.id)) continue;
      const card = mountLocationCard(one);
      cards.set(one.id, { card, item: h("li", {}, card.root), made: known.get(one.id) ?? "" });
    }
    all.forEach(refresh);
    if (all.length) order();
    if (!all.length) place.replaceChildren(nothing());
    else if (list.parentNode !== place) place.replaceChildren(list);
    const hasSamples = all.some(({ is_sample: isSample }) => isSample);
    rebuild(bar, String([mayEdit && all.length > 0, hasSamples]), () => (mayEdit && all.length ? [hasSamples && button("bi-trash", "Delete the samples", () => void changeSamples("delete")), add()] : []));
    summary.root.hidden = !all.length;
    void summary.load();
  }

  store.onList(redraw);
  store.onNumbers(refresh);
  const ticking = setInterval(() => store.list().forEach(refresh), 1000);
  const ordering = setInterval(order, REORDER_MS);
  signal.addEventListener("abort", () => [ticking, ordering].forEach(clearInterval));
  const load = () => store.load().catch((error) => {
    if (!store.list().length) place.replaceChildren(errorState(error, () => void load()));
  });
  await load();
});

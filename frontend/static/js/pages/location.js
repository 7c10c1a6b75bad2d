/**
 * One location: how many people, how sure, when it is full, and what all of it rests on.
 */
import { mountAlertFeed } from "../components/alert_feed.js";
import { confirmDialog } from "../components/dialog.js";
import { mountActionCard } from "../components/locations/action_card.js";
import { mountBalance } from "../components/locations/balance_panel.js";
import { kindTags } from "../components/locations/card.js";
import { openCountDialog } from "../components/locations/count_dialog.js";
import { openLocationForm } from "../components/locations/form.js";
import { mountLog } from "../components/locations/log_list.js";
import { mountNow } from "../components/locations/now_panel.js";
import { mountAreas, mountParts } from "../components/locations/sources_table.js";
import { mountStats } from "../components/locations/stats_panel.js";
import { errorState, loadingState, notice } from "../components/state.js";
import { toastError } from "../components/toast.js";
import { find, h, icon, rebuild, setText } from "../dom.js";
import { levelNews } from "../lib/location_words.js";
import { hasRole, maySettleAlerts } from "../lib/permissions.js";
import { openLocationStore } from "../realtime/locations.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Location} Location */

startPage(async ({ root, actions, params, user, api, socket, signal }) => {
  root.replaceChildren(loadingState());
  const id = Number(params.location_id);
  socket.subscribe([]);
  const store = openLocationStore({ api, socket, signal, only: id });
  try {
    await store.load();
  } catch (error) {
    root.replaceChildren(errorState(error, () => location.reload()));
    return;
  }
  const known = () => /** @type {Location} */ (store.get(id));
  const { name } = known();
  const [mayEdit, mayCount] = [hasRole(user, "admin"), hasRole(user, "operator")];
  const now = mountNow(name);
  const parts = mountParts();
  const areas = mountAreas();
  const balance = mountBalance(() => enter("correction"), mayCount);
  const stats = mountStats({ api, locationId: id, name, capacity: () => known().capacity, signal });
  const log = mountLog({ api, locationId: id, signal });
  const alerts = mountAlertFeed({ api, socket, mayAct: maySettleAlerts(user), signal, locationId: id });
  const card = mountActionCard({ api, kind: "location", placeId: id, signal });
  const problems = h("div", { class: "stack stack--tight" });
  const about = h("p", { class: "hint" });
  const news = h("div", { class: "visually-hidden", "aria-live": "polite" });
  const tags = h("div", { class: "row-line" });
  const balancePanel = panel("Line balance", [balance.root], { actions: balance.button });

  /** @param {"count"|"correction"} kind */
  function enter(kind) {
    openCountDialog({
      api,
      location: known(),
      kind,
      onSaved: (numbers) => {
        void log.reload();
        if (numbers) store.put({ ...known(), numbers });
      },
    });
  }

  async function remove() {
    const sure = await confirmDialog({ title: `Delete ${known().name}?`, text: "Its log and its statistics are deleted and cannot be brought back. Its cameras stay, and its alerts stay in the alert list.", word: "Delete" });
    if (!sure) return;
    try {
      await api.delete(`/api/locations/${id}`);
      location.assign("/locations");
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {string} sign @param {string} word @param {() => void} click @param {string} [look] */
  const button = (sign, word, click, look = "") => h("button", { class: `button ${look}`, type: "button", on: { click } }, icon(sign), word);
  const edit = () => openLocationForm({ api, location: known(), onSaved: (saved) => { store.put(saved); stats.redraw(); } });
  actions.append(tags, ...(mayCount ? [button("bi-plus-slash-minus", "Enter a count", () => enter("count"), "button--primary")] : []));
  const mapLink = h("a", { class: "button button--small" }, icon("bi-map"), "Map");
  const tools = h(
    "div",
    { class: "row-line" },
    mapLink,
    mayEdit && button("bi-pencil", "Change", edit, "button--small"),
    mayEdit && button("bi-trash", "Delete", () => void remove(), "button--small"),
  );
  root.replaceChildren(
    h(
      "div",
      { class: "stack" },
      problems,
      h("div", { class: "row-line row-line--spread" }, about, tools),
      h(
        "div",
        { class: "split split--wide-side" },
        h("div", { class: "stack split__first" }, panel("Now", [now.root])),
        h("div", { class: "stack split__rest" }, panel("What is known", [parts.root], { flush: true }), panel("Areas", [areas.root], { flush: true }), panel("The last 24 hours", [stats.root]), panel("Entered and corrected", [log.root], { flush: true })),
        h("div", { class: "split__side" }, card.root, panel("Open alerts", [alerts.root], { flush: true }), balancePanel),
      ),
      news,
    ),
  );

  /** @type {import("../types.js").LocationNumbers|null} */
  let before = null;
  function update() {
    const one = store.get(id);
    if (!one) return;
    const numbers = store.believed(one);
    setText(find(".page-title"), one.name);
    rebuild(tags, JSON.stringify([one.is_sample, one.is_simulated]), () => kindTags(one));
    rebuild(problems, JSON.stringify(one.problems), () => one.problems.map((text) => notice("caution", text)));
    setText(about, one.description);
    mapLink.setAttribute("href", one.position ? `/map?map=${one.position.floor_plan_id ?? "earth"}` : "/map");
    now.update(numbers, store.ageS(id), one.capacity);
    parts.update(numbers);
    areas.update(one, numbers);
    balancePanel.hidden = !one.lines.length;
    balance.update(one, numbers);
    const text = levelNews(before, numbers);
    before = numbers;
    if (text) setText(news, text);
  }

  store.onList(update);
  store.onNumbers(update);
  const ticking = setInterval(update, 1000);
  signal.addEventListener("abort", () => clearInterval(ticking));
  update();
});

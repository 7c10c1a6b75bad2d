/**
 * Which place feeds which, how long each has got, what holding a gate would change.
 */
import { withQuery } from "../api/client.js";
import { mountDrawing } from "../components/graph/drawing.js";
import { openLinkDialog } from "../components/graph/link_dialog.js";
import { mountPlacePanel } from "../components/graph/place_panel.js";
import { mountTables } from "../components/graph/tables.js";
import { emptyState, errorState, loadingState, notice } from "../components/state.js";
import { toast } from "../components/toast.js";
import { h, icon, rebuild, setText } from "../dom.js";
import { formatAge } from "../lib/format.js";
import { hasRole } from "../lib/permissions.js";
import { believedGraph, compareNodes, graphNews, OLD_AFTER_S, placeKey } from "../lib/place_graph.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").PlaceGraph} PlaceGraph */

const POLL_MS = 2000;
const PLACE = /^(zone|location)-\d{1,18}$/;

startPage(async ({ root, actions, user, api, socket, signal }) => {
  socket.subscribe([]);
  const mayLink = hasRole(user, "admin");
  /** @type {PlaceGraph|null} */
  let graph = null;
  let cameMs = 0;
  let chosen = location.hash.slice(1);
  const edit = (/** @type {import("../types.js").GraphLink|null} */ link) => openLinkDialog({ api, link, from: chosen, onDone: () => void load() });
  const drawing = mountDrawing({ onChoose: choose, signal });
  const tables = mountTables({ onChoose: choose, onEdit: mayLink ? edit : null });
  const side = mountPlacePanel({ api, mayWrite: hasRole(user, "operator"), onWritten: () => void load() });
  const noLinks = h("div");
  const age = h("div", { class: "stack" });
  const news = h("div", { class: "visually-hidden", "aria-live": "polite" });
  const whole = h(
    "div",
    { class: "split split--wide-side" },
    h("div", { class: "stack split__first" }, age, panel("Where people go", [drawing.root, noLinks])),
    h("div", { class: "split__side" }, panel("Chosen place", [side.root], { id: "chosen" })),
    h("div", { class: "split__rest" }, panel("As tables", [tables.root])),
    news,
  );
  const place = h("div", {}, loadingState("Loading the places …"));
  const add = () => h("button", { class: "button button--primary", type: "button", on: { click: () => edit(null) } }, icon("bi-plus-lg"), "Add a link");
  if (mayLink) actions.append(add());
  root.replaceChildren(place);

  /** @param {string} key */
  function choose(key) {
    chosen = key;
    history.replaceState(null, "", `#${key}`);
    show();
    const box = document.getElementById("chosen");
    if (box && box.getBoundingClientRect().top > innerHeight) box.scrollIntoView({ block: "start" });
  }

  function nothing() {
    return emptyState({
      icon: "bi-diagram-3",
      title: "No places yet",
      text: mayLink ? "Link two places: zones drawn on cameras, or locations. A zone with a people limit is shown here too." : "An administrator has to link places first.",
      action: mayLink ? add() : null,
    });
  }

  function show() {
    if (!graph) return;
    if (!graph.nodes.length) return rebuild(place, "nothing", () => [nothing()]);
    rebuild(place, "whole", () => [whole]);
    const sinceS = (performance.now() - cameMs) / 1000;
    const believed = believedGraph(graph, sinceS);
    const nodes = [...believed.nodes].sort(compareNodes);
    const node = nodes.find((one) => placeKey(one) === chosen) ?? /** @type {import("../types.js").GraphNode} */ (nodes[0]);
    if (chosen && placeKey(node) !== chosen) toast("caution", "This place is not there: it was deleted, or it is a zone of a recording.");
    chosen = placeKey(node);
    drawing.root.hidden = !graph.links.length;
    rebuild(noLinks, String([graph.links.length > 0]), () => (graph?.links.length ? [] : [h("p", { class: "hint" }, mayLink ? "No place is linked yet. Add a link to see which place feeds which." : "No place is linked yet.")]));
    drawing.update(believed, chosen);
    tables.update(believed, chosen);
    side.update(node, sinceS);
    const old = sinceS > OLD_AFTER_S ? `The server has not answered for ${formatAge(sinceS)}: what is shown is the last that was known.` : "";
    rebuild(age, String(old !== ""), () => (old ? [notice("caution", "")] : []));
    const words = age.querySelector(".notice__body");
    if (words) setText(words, old);
  }

  async function load() {
    const sentMs = performance.now();
    try {
      /** @type {PlaceGraph} */
      const found = await api.get(withQuery("/api/place-graph/", { also: PLACE.test(chosen) ? chosen : "" }), { signal });
      const text = graphNews(graph, found);
      [graph, cameMs] = [found, sentMs];
      if (text) setText(news, text);
    } catch (error) {
      if (signal.aborted) return;
      if (!graph) place.replaceChildren(errorState(error, () => void load()));
    }
    show();
  }

  const polling = setInterval(() => !document.hidden && void load(), POLL_MS);
  const ticking = setInterval(show, 1000);
  signal.addEventListener("abort", () => [polling, ticking].forEach(clearInterval));
  document.addEventListener("visibilitychange", () => !document.hidden && void load(), { signal });
  addEventListener(
    "hashchange",
    () => {
      chosen = location.hash.slice(1);
      void load(); // it may be a place that is shown only where it is asked for
    },
    { signal },
  );
  await load();
});

/**
 * A list that comes in pages: loading, empty, error, and the buttons to turn the page.
 */
import { h } from "../dom.js";
import { formatNumber } from "../lib/format.js";
import { errorState, loadingState } from "./state.js";

/**
 * @template T
 * @param {object} deps
 * @param {(page: number) => Promise<import("../types.js").Page<T>>} deps.load
 * @param {(items: T[]) => Node} deps.build
 * @param {() => Node} deps.empty
 */
export function mountPagedList({ load, build, empty }) {
  const root = h("div", {}, loadingState());
  let page = 1;
  let turn = 0;

  /** @param {number} wanted */
  async function show(wanted) {
    page = wanted;
    turn += 1;
    const mine = turn;
    root.setAttribute("aria-busy", "true");
    try {
      const answer = await load(page);
      if (mine !== turn) return; // a later request has overtaken this one
      if (!answer.items.length && page > 1) return void (await show(Math.max(1, answer.pages)));
      root.replaceChildren(answer.items.length ? build(answer.items) : empty(), pager(answer));
    } catch (error) {
      if (mine === turn && !(error instanceof DOMException && error.name === "AbortError")) {
        root.replaceChildren(errorState(error, () => void show(page)));
      }
    } finally {
      if (mine === turn) root.removeAttribute("aria-busy");
    }
  }

  /** @param {{total: number, pages: number}} answer */
  function pager({ total, pages }) {
    if (pages < 2) return h("div");
    /** @param {string} word @param {number} to @param {boolean} disabled */
    const button = (word, to, disabled) =>
      h("button", { class: "button button--small", type: "button", disabled, on: { click: () => void show(to) } }, word);
    return h(
      "nav",
      { class: "pager", "aria-label": "Pages" },
      h("span", {}, `Page ${page} of ${pages}, ${formatNumber(total)} in all`),
      h("div", { class: "row-line" }, button("Back", page - 1, page <= 1), button("Next", page + 1, page >= pages)),
    );
  }

  return { root, show, reload: () => show(page) };
}

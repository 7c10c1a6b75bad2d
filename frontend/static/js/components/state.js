/**
 * What stands where content will be, is not, or may not be: loading, empty, error, forbidden.
 */
import { ApiError } from "../api/errors.js";
import { h, icon } from "../dom.js";

/**
 * @param {object} view
 * @param {string} view.icon
 * @param {string} view.title
 * @param {string} [view.text]
 * @param {HTMLElement|null} [view.action]
 * @param {boolean} [view.isError]
 */
export function emptyState({ icon: name, title, text = "", action = null, isError = false }) {
  return h(
    "div",
    { class: `state${isError ? " state--error" : ""}` },
    h("i", { class: `bi ${name} state__icon`, "aria-hidden": "true" }),
    h("p", { class: "state__title" }, title),
    text && h("p", { class: "state__text" }, text),
    action,
  );
}

/** @param {string} [what] */
export function loadingState(what = "Loading …") {
  return h(
    "div",
    { class: "state", role: "status" },
    h("span", { class: "spinner", "aria-hidden": "true" }),
    h("p", { class: "state__text" }, what),
  );
}

/**
 * @param {unknown} error
 * @param {() => void} [retry]
 */
export function errorState(error, retry) {
  if (error instanceof ApiError && error.isForbidden) {
    return emptyState({ icon: "bi-lock", title: "Not for your account", text: error.detail });
  }
  const id = error instanceof ApiError && error.requestId ? ` (request ${error.requestId})` : "";
  return emptyState({
    icon: "bi-exclamation-circle",
    title: "This could not be loaded",
    text: messageOf(error) + id,
    action: retry ? h("button", { class: "button", type: "button", on: { click: retry } }, "Try again") : null,
    isError: true,
  });
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Load something into a place, with every state on the way; again on "Try again".
 *
 * @template T
 * @param {HTMLElement} place
 * @param {() => Promise<T>} load
 * @param {(value: T) => Node} build
 */
export async function fill(place, load, build) {
  if (!place.childElementCount || place.firstElementChild?.classList.contains("state")) {
    place.replaceChildren(loadingState());
  }
  place.setAttribute("aria-busy", "true");
  try {
    place.replaceChildren(build(await load()));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    place.replaceChildren(errorState(error, () => void fill(place, load, build)));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

/**
 * @param {"good"|"caution"|"bad"|"note"} tone
 * @param {...(Node|string)} body
 */
export function notice(tone, ...body) {
  const icons = { good: "bi-check-circle", caution: "bi-exclamation-triangle", bad: "bi-x-octagon", note: "bi-info-circle" };
  return h(
    "div",
    { class: `notice notice--${tone}`, role: tone === "bad" ? "alert" : "status" },
    icon(icons[tone]),
    h("div", { class: "notice__body" }, ...body),
  );
}

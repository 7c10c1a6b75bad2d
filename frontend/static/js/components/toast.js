/**
 * Short messages in the corner; errors stay until dismissed.
 */
import { h, icon } from "../dom.js";
import { messageOf, notice } from "./state.js";

const SHOWN_MS = 6000;

/** @returns {HTMLElement} */
function corner() {
  const existing = document.querySelector(".toasts");
  if (existing instanceof HTMLElement) return existing;
  const fresh = h("div", { class: "toasts", role: "region", "aria-label": "Messages" });
  document.body.append(fresh);
  return fresh;
}

/**
 * @param {"good"|"caution"|"bad"|"note"} tone
 * @param {string} text
 * @param {{link?: {href: string, word: string}}} [options]
 */
export function toast(tone, text, { link } = {}) {
  const item = notice(tone, text, link ? h("div", {}, h("a", { href: link.href }, link.word)) : "");
  item.classList.add("toasts__item");
  const close = h(
    "button",
    { class: "button button--quiet button--small button--icon", type: "button", "aria-label": "Dismiss", on: { click: () => item.remove() } },
    icon("bi-x-lg"),
  );
  item.append(close);
  corner().append(item);
  while (corner().childElementCount > 4) corner().firstElementChild?.remove();
  if (tone !== "bad") setTimeout(() => item.remove(), SHOWN_MS);
}

/** @param {unknown} error */
export function toastError(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  toast("bad", messageOf(error));
}

/**
 * Modal dialogs on the browser's own <dialog>: focus is kept inside, Escape closes.
 */
import { h, icon } from "../dom.js";

/**
 * @param {object} view
 * @param {string} view.title
 * @param {Node[]} view.body
 * @param {boolean} [view.wide]
 * @param {() => void} [view.onClose]
 * @returns {{element: HTMLDialogElement, close: () => void}}
 */
export function openDialog({ title, body, wide = false, onClose }) {
  const heading = h("h2", { id: `dialog-${crypto.getRandomValues(new Uint32Array(1))[0]}` }, title);
  const element = h(
    "dialog",
    { class: `dialog${wide ? " dialog--wide" : ""}`, "aria-labelledby": heading.id },
    h(
      "div",
      { class: "dialog__head" },
      heading,
      h(
        "button",
        { class: "button button--quiet button--icon", type: "button", "aria-label": "Close", on: { click: () => element.close() } },
        icon("bi-x-lg"),
      ),
    ),
    h("div", { class: "dialog__body" }, ...body),
  );
  const opener = document.activeElement;
  element.addEventListener("close", () => {
    element.remove();
    onClose?.();
    if (opener instanceof HTMLElement) opener.focus();
  });
  document.body.append(element);
  element.showModal();
  return { element, close: () => element.close() };
}

/**
 * Ask before something that cannot be undone.
 *
 * @param {{title: string, text: string, word: string}} question word: the confirming button's
 * @returns {Promise<boolean>}
 */
export function confirmDialog({ title, text, word }) {
  return new Promise((resolve) => {
    let answer = false;
    const { close } = openDialog({
      title,
      body: [
        h("p", {}, text),
        h(
          "div",
          { class: "form-actions" },
          h("button", { class: "button", type: "button", autofocus: true, on: { click: () => close() } }, "Keep"),
          h(
            "button",
            {
              class: "button button--danger",
              type: "button",
              on: {
                click: () => {
                  answer = true;
                  close();
                },
              },
            },
            word,
          ),
        ),
      ],
      onClose: () => resolve(answer),
    });
  });
}

/**
 * Ask for a note; null when the dialog was closed.
 *
 * @param {{title: string, text: string, word: string}} question
 * @returns {Promise<string|null>}
 */
export function noteDialog({ title, text, word }) {
  return new Promise((resolve) => {
    /** @type {string|null} */
    let answer = null;
    const note = h("textarea", { class: "field__input", maxlength: 500, rows: 3, autofocus: true });
    const form = h(
      "form",
      {
        method: "dialog",
        class: "stack",
        on: {
          submit: () => {
            answer = note.value.trim();
          },
        },
      },
      h("p", { class: "hint" }, text),
      h("label", { class: "field" }, h("span", { class: "field__label" }, "Note (optional)"), note),
      h("div", { class: "form-actions" }, h("button", { class: "button button--primary", type: "submit" }, word)),
    );
    openDialog({ title, body: [form], onClose: () => resolve(answer) });
  });
}

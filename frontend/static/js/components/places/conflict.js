/**
 * Somebody else has saved in the meantime: whose zones and lines shall stand?
 */
import { h } from "../../dom.js";
import { openDialog } from "../dialog.js";

/** @typedef {"theirs"|"mine"|null} Choice null: go on drawing, decide later */

/** @returns {Promise<Choice>} */
export function askWhose() {
  return new Promise((resolve) => {
    /** @type {Choice} */
    let choice = null;
    /** @param {string} word @param {Choice} value @param {string} kind */
    const button = (word, value, kind) =>
      h("button", { class: `button ${kind}`, type: "button", on: { click: () => {
        choice = value;
        close();
      } } }, word);
    const { close } = openDialog({
      title: "Changed by somebody else",
      body: [
        h("p", {}, "The zones and lines of this camera have been saved by somebody else, or the camera was given another source, since you opened them. Load what is stored and lose your changes, or save yours over it?"),
        h("div", { class: "form-actions" }, button("Go on drawing", null, ""), button("Load theirs", "theirs", ""), button("Save mine over theirs", "mine", "button--danger")),
      ],
      onClose: () => resolve(choice),
    });
  });
}

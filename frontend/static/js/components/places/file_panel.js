/**
 * Zones and lines to a file and from one.
 */
import { h, icon } from "../../dom.js";

/**
 * @param {object} does
 * @param {boolean} does.mayEdit
 * @param {() => {name: string, text: string}} does.give the file
 * @param {(text: string) => void} does.take
 */
export function mountFilePanel({ mayEdit, give, take }) {
  const chooser = h("input", {
    type: "file", accept: "application/json,.json", class: "visually-hidden", tabindex: -1, "aria-label": "File with zones and lines",
    on: { change: async () => {
      const [file] = chooser.files ?? [];
      chooser.value = ""; // the same file can be chosen again
      if (file) take(await file.text());
    } },
  });

  function save() {
    const { name, text } = give();
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  /** @param {string} name @param {string} word @param {() => void} click */
  const button = (name, word, click) => h("button", { class: "button button--small", type: "button", on: { click } }, icon(name), word);
  return {
    root: h(
      "div",
      { class: "stack stack--tight" },
      h("div", { class: "row-line" }, button("bi-download", "Export", save), mayEdit ? button("bi-upload", "Import", () => chooser.click()) : "", chooser),
      h("p", { class: "hint" }, mayEdit ? "All zones and lines as a JSON file. An import replaces what is drawn here; Undo brings it back, and nothing is stored before you save." : "All zones and lines as a JSON file."),
    ),
  };
}

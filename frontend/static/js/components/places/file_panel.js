/**
 * Zones and lines to a file and from one.
 */
import { h, icon, setText } from "../../dom.js";

/**
 * @param {object} does
 * @param {boolean} does.mayEdit
 * @param {() => {name: string, text: string}} does.give the file
 * @param {(file: File) => void} does.take
 */
export function mountFilePanel({ mayEdit, give, take }) {
  const chooser = h("input", {
    type: "file", accept: "application/json,.json", class: "visually-hidden", tabindex: -1, "aria-label": "File with zones and lines",
    on: { change: () => {
      const [file] = chooser.files ?? [];
      chooser.value = ""; // the same file can be chosen again
      if (file) take(file);
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
  const exporter = button("bi-download", "Export", save);
  const why = h("p", { class: "hint", role: "status", hidden: true });
  return {
    root: h(
      "div",
      { class: "stack stack--tight" },
      h("div", { class: "row-line" }, exporter, mayEdit ? button("bi-upload", "Import", () => chooser.click()) : "", chooser),
      why,
      h("p", { class: "hint" }, mayEdit ? "All zones and lines as a JSON file. An import replaces what is drawn here; Undo brings it back, and nothing is stored before you save." : "All zones and lines as a JSON file."),
    ),
    /** @param {boolean} isWrong a file would lack what cannot be read */
    update(isWrong) {
      exporter.disabled = isWrong;
      setText(why, isWrong ? "There is something to correct first: until then a file would not hold what is typed here." : "");
      why.hidden = !isWrong;
    },
  };
}

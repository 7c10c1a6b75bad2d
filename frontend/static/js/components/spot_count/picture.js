/**
 * A still to count people in: enlarged and moved about, with a dot on everybody counted so far.
 */
import { h, icon, setText } from "../../dom.js";
import { markedText } from "../../lib/spot_count.js";

const ZOOMS = [1, 1.5, 2, 3, 4, 6];

/** @param {(n: number) => void} onMarked told how many are marked whenever that changes */
export function mountCountingPicture(onMarked) {
  const image = h("img", { class: "spot-picture__image", alt: "The picture to count, without anything measured on it", draggable: "false" });
  const sheet = h("div", { class: "spot-picture__sheet" }, image);
  const view = h("div", { class: "spot-picture", tabindex: 0, role: "group", "aria-label": "Picture: plus and minus enlarge it, the arrow keys move it" }, sheet);
  const marked = h("span", { class: "hint", role: "status" });
  /** @type {HTMLElement[]} */
  let marks = [];
  let step = 0;
  let url = "";

  /** @param {string} name @param {string} word @param {() => void} act */
  const button = (name, word, act) => h("button", { class: "button button--small button--icon", type: "button", "aria-label": word, title: word, on: { click: act } }, icon(name));
  const out = button("bi-zoom-out", "Smaller", () => zoom(step - 1));
  const into = button("bi-zoom-in", "Larger", () => zoom(step + 1));
  const undo = h("button", { class: "button button--small", type: "button", on: { click: () => removeMark(marks.at(-1)) } }, icon("bi-arrow-counterclockwise"), "Last dot away");

  /** Keeps what is in the middle in the middle. @param {number} wanted */
  function zoom(wanted) {
    step = Math.min(Math.max(wanted, 0), ZOOMS.length - 1);
    const factor = ZOOMS[step] ?? 1;
    const [x, y] = [(view.scrollLeft + view.clientWidth / 2) / sheet.clientWidth, (view.scrollTop + view.clientHeight / 2) / sheet.clientHeight];
    sheet.style.width = `${factor * 100}%`;
    view.scrollTo(x * sheet.clientWidth - view.clientWidth / 2, y * sheet.clientHeight - view.clientHeight / 2);
    out.disabled = step === 0;
    into.disabled = step === ZOOMS.length - 1;
  }

  function told() {
    setText(marked, markedText(marks.length));
    undo.disabled = !marks.length;
    onMarked(marks.length);
  }

  /** @param {HTMLElement|undefined} mark */
  function removeMark(mark) {
    if (!mark) return;
    mark.remove();
    marks = marks.filter((one) => one !== mark);
    told();
  }

  sheet.addEventListener("click", (event) => {
    const hit = marks.find((mark) => mark === event.target);
    if (hit) return void removeMark(hit);
    const box = sheet.getBoundingClientRect();
    const mark = h("span", { class: "spot-picture__mark", title: "Tap to take it away" });
    mark.style.left = `${((event.clientX - box.left) / box.width) * 100}%`;
    mark.style.top = `${((event.clientY - box.top) / box.height) * 100}%`;
    marks.push(mark);
    sheet.append(mark);
    told();
  });
  view.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") zoom(step + 1);
    else if (event.key === "-") zoom(step - 1);
    else if (event.key === "Backspace" || event.key === "Delete") removeMark(marks.at(-1));
    else return;
    event.preventDefault();
  });

  /** @param {Blob|null} blob */
  function show(blob) {
    if (url) URL.revokeObjectURL(url);
    url = blob ? URL.createObjectURL(blob) : "";
    if (url) image.src = url;
    for (const mark of marks) mark.remove();
    marks = [];
    zoom(0);
    told();
  }

  return {
    root: h("div", { class: "stack stack--tight" }, view, h("div", { class: "row-line row-line--spread" }, marked, h("div", { class: "row-line" }, undo, out, into))),
    show,
    /** Frees the picture. */
    destroy: () => url && URL.revokeObjectURL(url),
  };
}

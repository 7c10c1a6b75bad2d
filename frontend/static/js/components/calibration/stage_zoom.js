/**
 * How large the picture stands in its frame: in steps, around the place looked at.
 */

const ZOOMS = [1, 1.5, 2, 3, 4, 6, 8];

/** @typedef {{clientX: number, clientY: number}} Spot on the screen */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.view the frame, which scrolls
 * @param {HTMLElement} parts.sheet what grows in it
 * @param {() => void} redraw the scale has changed
 */
export function mountZoom({ view, sheet }, redraw) {
  let zoom = 1;

  /** @param {number} wanted @param {Spot} [around] */
  function setZoom(wanted, around) {
    const frame = view.getBoundingClientRect();
    const middle = around ?? { clientX: frame.left + frame.width / 2, clientY: frame.top + frame.height / 2 };
    const before = sheet.getBoundingClientRect();
    const [x, y] = [(middle.clientX - before.left) / before.width, (middle.clientY - before.top) / before.height];
    zoom = wanted;
    sheet.style.width = `${zoom * 100}%`;
    const box = sheet.getBoundingClientRect();
    view.scrollBy(box.left + x * box.width - middle.clientX, box.top + y * box.height - middle.clientY);
    redraw();
  }

  /** @param {1|-1} direction @param {Spot} [around] */
  function stepZoom(direction, around) {
    const next = ZOOMS[ZOOMS.indexOf(zoom) + direction];
    if (next !== undefined) setZoom(next, around);
  }

  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    stepZoom(event.deltaY < 0 ? 1 : -1, event);
  }, { passive: false });
  new ResizeObserver(() => redraw()).observe(view);
  return { stepZoom };
}

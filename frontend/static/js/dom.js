/**
 * Building elements without markup strings: nothing here parses HTML.
 */

/** @typedef {Node|string|number|null|undefined|false} Child */

const PROPERTIES = new Set([
  "value", "checked", "disabled", "hidden", "textContent", "muted", "selected", "required",
]);

/**
 * @param {Element} node
 * @param {Record<string, any>} properties
 */
export function setProperties(node, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (key === "class") {
      node.setAttribute("class", value);
    } else if (PROPERTIES.has(key)) {
      Reflect.set(node, key, value);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(key, value === true ? "" : String(value));
    } else {
      node.removeAttribute(key);
    }
  }
}

/**
 * Make an element: `h("p", {class: "hint"}, "text", child)`.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties] attributes, DOM properties, and `on: {click: fn}`
 * @param {...(Child|Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  setProperties(node, properties);
  node.append(...nodesOf(children));
  return node;
}

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, properties = {}, ...children) {
  const node = /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", tag));
  setProperties(node, properties);
  node.append(...nodesOf(children));
  return node;
}

/**
 * @param {(Child|Child[])[]} children
 * @returns {(Node|string)[]}
 */
function nodesOf(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "number" ? String(child) : /** @type {Node|string} */ (child)));
}

/**
 * A Bootstrap icon; words beside it carry the meaning.
 *
 * @param {string} name class of the icon, for instance `bi-camera-video`
 */
export function icon(name) {
  return h("i", { class: `bi ${name}`, "aria-hidden": "true" });
}

/**
 * @template {keyof HTMLElementTagNameMap} [K="div"]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function find(selector, root = document) {
  const node = root.querySelector(selector);
  if (!(node instanceof HTMLElement)) throw new Error(`No element matches ${selector}`);
  return node;
}

/**
 * Set text only when it differs: keeps selections, and live regions quiet.
 *
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Replace the children only when `key` differs from the last time.
 *
 * @param {HTMLElement} node
 * @param {string} key
 * @param {() => Child[]} build
 */
export function rebuild(node, key, build) {
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...nodesOf(build()));
}

/**
 * Redraw a list without taking the keyboard away from somebody standing on one of its buttons.
 *
 * @param {HTMLElement} root
 * @param {() => void} draw
 */
export function keepFocus(root, draw) {
  const active = document.activeElement;
  const item = active && root.contains(active) ? active.closest("[data-alert]") : null;
  const place = item?.getAttribute("data-alert");
  const word = active?.textContent;
  draw();
  if (!place) return;
  const buttons = root.querySelectorAll(`[data-alert="${place}"] :is(button, a)`);
  const same = [...buttons].find((button) => button.textContent === word) ?? buttons[0];
  if (same instanceof HTMLElement) same.focus();
}

/**
 * Locations as pins: a shape for the risk, the number in it, the name below; a popup with the rest.
 */
import { h, icon, setProperties, setText, svg } from "../../dom.js";
import { latLngOf, isInside, pointOf } from "../../lib/map_frame.js";
import { pinView, SHAPE_PATHS } from "../../lib/map_words.js";
import { levelRank } from "../../lib/risk.js";
import { leaflet } from "./board.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../types.js").LocationNumbers} LocationNumbers */
/** @typedef {import("../../leaflet_types.js").Marker} Marker */
/** @typedef {import("./board.js").Opened} Opened */
/** @typedef {{root: HTMLElement, update: (numbers: LocationNumbers|null, ageS: number|null) => void}} Popup */
/** @typedef {{made: string, marker: Marker, popup: Popup, sign: ReturnType<typeof mountSign>}} Pin */

const BOX_PX = 52;

/** @param {Location} location */
function mountSign({ name, is_simulated: isSimulated }) {
  const outline = svg("path", { d: SHAPE_PATHS.square });
  const text = h("span", { class: "pin__text" });
  const note = h("span", { class: "pin__note" });
  const root = h(
    "span",
    { class: "pin", "aria-hidden": "true" },
    svg("svg", { class: "pin__shape", viewBox: "0 0 48 48" }, outline),
    text,
    h("span", { class: "pin__words" }, h("span", { class: "pin__name" }, name), note, isSimulated && h("span", { class: "pin__note pin__note--simulated" }, icon("bi-robot"), " simulated")),
  );
  return {
    root,
    /** @param {LocationNumbers|null} numbers @returns {string} what is read out */
    update(numbers) {
      const view = pinView(name, numbers);
      const looks = `pin pin--${view.key} pin--${view.shape}`;
      if (root.className !== looks) {
        root.className = looks;
        setProperties(outline, { d: SHAPE_PATHS[view.shape] });
      }
      setText(text, view.text);
      setText(note, view.note);
      note.hidden = !view.note;
      return `${view.label}${isSimulated ? ", simulated" : ""}`;
    },
  };
}

/**
 * @param {object} deps
 * @param {(location: Location) => Popup} deps.popupOf
 * @param {(id: number, point: import("../../lib/map_frame.js").Point) => void} deps.onMoved
 * @param {(id: number) => void} deps.onOpened its popup is open, and empty so far
 */
export function mountPins({ popupOf, onMoved, onOpened }) {
  /** @type {Map<number, Pin>} */
  const pins = new Map();
  /** @type {Opened|null} */
  let open = null;
  let isMovable = false;

  /** @param {Location} location */
  const recipe = ({ name, position, areas, lines, is_simulated, problems, version }) =>
    JSON.stringify([name, position, areas.map(({ camera_id, camera_name }) => [camera_id, camera_name]), lines.length, is_simulated, problems, version]);

  /** @param {Pin} pin */
  const setMovable = ({ marker }) => (isMovable ? marker.dragging?.enable() : marker.dragging?.disable());

  /** @param {Opened} on @param {Location} location @returns {Pin} */
  function make({ map, frame }, location) {
    const { id, position } = location;
    const where = () => latLngOf(frame, [position?.x ?? 0, position?.y ?? 0]);
    const sign = mountSign(location);
    const popup = popupOf(location);
    const html = h("span", {}, sign.root);
    const marker = leaflet().marker(where(), {
      icon: leaflet().divIcon({ html, className: "pin-place", iconSize: [BOX_PX, BOX_PX] }),
      keyboard: true,
      riseOnHover: true,
      draggable: isMovable,
      autoPan: true,
    });
    marker.bindPopup(popup.root, { minWidth: 240, maxWidth: 320, maxHeight: 340, autoPanPadding: [12, 12] });
    let wasFocused = false;
    marker.on("popupopen", () => {
      onOpened(id);
      marker.getPopup()?.update(); // its size has changed: move it into view
      wasFocused = marker.getElement()?.contains(document.activeElement) ?? false;
      if (wasFocused) popup.root.focus({ preventScroll: true });
    });
    marker.on("popupclose", () => wasFocused && marker.getElement()?.focus({ preventScroll: true }));
    popup.root.addEventListener("keydown", ({ key }) => key === "Escape" && marker.closePopup());
    marker.on("dragend", () => {
      const to = marker.getLatLng();
      if (isInside(frame, to)) onMoved(id, pointOf(frame, to));
      else marker.setLatLng(where());
    });
    marker.addTo(map);
    return { made: recipe(location), marker, popup, sign };
  }

  return {
    /** @param {Opened} on */
    attach(on) {
      pins.clear(); // the map before took its markers with it
      open = on;
    },
    /** @param {Location[]} locations those that stand on this map */
    show(locations) {
      if (!open) return;
      const wanted = new Map(locations.map((one) => [one.id, one]));
      for (const [id, pin] of pins) {
        const one = wanted.get(id);
        if (one && recipe(one) === pin.made) continue;
        const wasOpen = pin.marker.isPopupOpen();
        pin.marker.remove();
        pins.delete(id);
        if (!one || !wasOpen) continue;
        const fresh = make(open, one);
        pins.set(id, fresh);
        fresh.marker.openPopup();
      }
      for (const one of locations) if (!pins.has(one.id)) pins.set(one.id, make(open, one));
    },
    /** Pins that were dragged in vain. @param {Location[]} locations */
    putBack(locations) {
      for (const { id, position } of locations) {
        if (open && position) pins.get(id)?.marker.setLatLng(latLngOf(open.frame, [position.x, position.y]));
      }
    },
    /** @param {Location} location @param {LocationNumbers|null} numbers @param {number|null} ageS */
    refresh({ id }, numbers, ageS) {
      const pin = pins.get(id);
      if (!pin) return;
      const label = pin.sign.update(numbers);
      const node = pin.marker.getElement();
      if (node && node.getAttribute("aria-label") !== label) node.setAttribute("aria-label", label);
      pin.marker.setZIndexOffset(levelRank(numbers?.risk_level) * 1000);
      if (pin.marker.isPopupOpen()) pin.popup.update(numbers, ageS);
    },
    /** @param {number} id */
    point(id) {
      const pin = pins.get(id);
      if (!pin || !open) return;
      const ground = open.map.getContainer();
      const { top, bottom } = ground.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight) ground.scrollIntoView({ block: "center" }); // on a telephone the list stands below it
      open.map.panTo(pin.marker.getLatLng());
      pin.marker.openPopup();
      pin.popup.root.focus({ preventScroll: true });
    },
    /** @param {boolean} wanted */
    setMovable(wanted) {
      isMovable = wanted;
      for (const pin of pins.values()) setMovable(pin);
    },
    close: () => void open?.map.closePopup(),
  };
}


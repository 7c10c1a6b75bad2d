/**
 * The map itself: a floor plan, or the earth as a plain grid with a scale; tiles of an online map
 * only where an administrator has named their server. Nothing else is asked of another host.
 */
import { h, setText } from "../../dom.js";
import { formatMetres, frameOf, gridLines, gridStep, latLngOf, pointOf, isInside } from "../../lib/map_frame.js";

/** @typedef {import("../../leaflet_types.js").Leaflet} Leaflet */
/** @typedef {import("../../leaflet_types.js").LeafletMap} LeafletMap */
/** @typedef {import("../../types.js").FloorPlan} FloorPlan */
/** @typedef {import("../../lib/map_frame.js").Frame} Frame */
/** @typedef {import("../../lib/map_frame.js").Point} Point */
/** @typedef {{map: LeafletMap, frame: Frame}} Opened */
/** @typedef {{template: string, attribution: string}} Tiles */

const GRID_PX = 90;
const BUTTONS_PX = 52; // at the left edge, where no pin is to hide behind them
const CLOSEST_ON_EARTH = 22;
const TILES_END = 19;

/** @returns {Leaflet} */
export const leaflet = () => /** @type {{L: Leaflet}} */ (/** @type {unknown} */ (window)).L;

/** @param {LeafletMap} map @param {HTMLElement} note says how large its squares are */
function drawGrid(map, note) {
  const L = leaflet();
  const lines = L.layerGroup();
  lines.addTo(map);
  function draw() {
    const { y } = map.getSize();
    const metresPerPx = map.distance(map.containerPointToLatLng([0, y / 2]), map.containerPointToLatLng([100, y / 2])) / 100;
    if (!(metresPerPx > 0)) return;
    const step = gridStep(metresPerPx * GRID_PX);
    const bounds = map.getBounds();
    const seen = { south: bounds.getSouth(), west: bounds.getWest(), north: bounds.getNorth(), east: bounds.getEast() };
    const { latitudes, longitudes } = gridLines(seen, step);
    const style = { interactive: false, className: "board__grid" };
    lines.clearLayers();
    for (const lat of latitudes) L.polyline([[lat, seen.west], [lat, seen.east]], style).addTo(lines);
    for (const lng of longitudes) L.polyline([[seen.south, lng], [seen.north, lng]], style).addTo(lines);
    setText(note, `Squares of ${formatMetres(step)}. North is up.`);
  }
  map.on("moveend", draw);
  draw();
}

/**
 * @param {object} deps
 * @param {Tiles|null} deps.tiles
 * @param {AbortSignal} deps.signal
 * @param {(id: number, point: Point) => void} deps.onDrop a location was dragged here from the list
 */
export function mountBoard({ tiles, signal, onDrop }) {
  const place = h("div", { class: "board__place" });
  const note = h("p", { class: "board__note" });
  const credit = h("p", { class: "board__credit", hidden: true });
  const root = h("div", { class: "board" }, place, h("div", { class: "board__foot" }, note, credit));
  /** @type {Opened|null} */
  let open = null;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** @param {LeafletMap} map @param {FloorPlan} plan @param {Frame} frame */
  function showPlan(map, plan, frame) {
    const L = leaflet();
    const bounds = L.latLngBounds([-frame.height, 0], [0, frame.width]);
    const picture = L.imageOverlay(`/api/floor-plans/${plan.id}/image?of=${encodeURIComponent(plan.created_at)}`, bounds, { className: "board__plan", alt: `Floor plan ${plan.name}` });
    picture.on("error", () => setText(note, "The picture of this plan cannot be loaded. Locations stand where they are all the same."));
    picture.addTo(map);
    const whole = map.getBoundsZoom(bounds);
    map.setMinZoom(whole - 1).setMaxZoom(whole + 6).fitBounds(bounds, { animate: false, paddingTopLeft: [BUTTONS_PX, 0] }).setMaxBounds(bounds.pad(3));
    setText(note, frame.isMetric ? "" : "No scale: nobody has said how wide this plan is in reality.");
  }

  /** @param {LeafletMap} map @param {Frame} frame @param {Point[]} spots */
  function showEarth(map, frame, spots) {
    const L = leaflet();
    const places = spots.map((spot) => latLngOf(frame, spot));
    if (places.length) {
      const [lats, lngs] = [places.map(([lat]) => lat), places.map(([, lng]) => lng)];
      const around = L.latLngBounds([Math.min(...lats) - 0.001, Math.min(...lngs) - 0.001], [Math.max(...lats) + 0.001, Math.max(...lngs) + 0.001]);
      map.fitBounds(around.pad(0.2), { maxZoom: 18, animate: false });
    } else {
      map.setView([25, 10], 2);
    }
    if (!tiles) return drawGrid(map, note);
    let isBroken = false;
    setText(note, "");
    const layer = L.tileLayer(tiles.template, { maxZoom: CLOSEST_ON_EARTH, maxNativeZoom: TILES_END });
    layer.on("tileerror", () => {
      if (isBroken) return;
      isBroken = true;
      drawGrid(map, note);
      setText(credit, "The online map cannot be reached: this is a plain grid.");
      credit.hidden = false;
    });
    layer.addTo(map);
    return undefined;
  }

  /** @param {DragEvent} event @returns {boolean} whether a location is being dragged */
  const isLocation = (event) => event.dataTransfer?.types.includes("application/x-location") ?? false;
  root.addEventListener("dragover", (event) => isLocation(event) && event.preventDefault());
  root.addEventListener("drop", (event) => {
    if (!open || !isLocation(event)) return;
    event.preventDefault();
    const where = open.map.mouseEventToLatLng(event);
    if (isInside(open.frame, where)) onDrop(Number(event.dataTransfer?.getData("application/x-location")), pointOf(open.frame, where));
  });
  const resized = new ResizeObserver(() => open?.map.invalidateSize());
  resized.observe(root);
  signal.addEventListener("abort", () => resized.disconnect());

  return {
    root,
    /**
     * @param {FloorPlan|null} plan null: the earth
     * @param {Point[]} spots what stands on it
     * @returns {Opened}
     */
    open(plan, spots) {
      const L = leaflet();
      open?.map.remove();
      open?.map.getContainer().remove();
      const frame = frameOf(plan);
      const ground = h("div", { class: "board__map", role: "region", "aria-label": plan ? `Floor plan ${plan.name}` : "Map of the earth" });
      place.prepend(ground);
      credit.hidden = plan !== null || !tiles?.attribution;
      setText(credit, tiles?.attribution ?? "");
      const map = L.map(ground, {
        ...(plan ? { crs: L.CRS.Simple, minZoom: -20, maxZoom: 40 } : { minZoom: 2, maxZoom: CLOSEST_ON_EARTH, worldCopyJump: true }),
        zoomSnap: 0.25,
        zoomDelta: 0.5,
        attributionControl: false,
        zoomAnimation: !isCalm,
        fadeAnimation: !isCalm,
        markerZoomAnimation: !isCalm,
      });
      if (plan) showPlan(map, plan, frame);
      else showEarth(map, frame, spots);
      if (frame.isMetric) L.control.scale({ imperial: false, maxWidth: 120, position: "bottomright" }).addTo(map);
      open = { map, frame };
      return open;
    },
  };
}

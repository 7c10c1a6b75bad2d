/**
 * The parts of the drawing a viewer can switch, and the address of a picture or stream with them.
 */

export const OVERLAYS = /** @type {const} */ ([
  { name: "places", word: "Zones and lines" },
  { name: "boxes", word: "Boxes" },
  { name: "arrows", word: "Arrows" },
  { name: "trails", word: "Trails" },
  { name: "clusters", word: "Clusters" },
  { name: "proximity", word: "Proximity" },
  { name: "heat", word: "Heat" },
  { name: "hud", word: "HUD" },
]);

export const DEFAULT_OVERLAYS = ["places", "boxes", "clusters", "proximity", "arrows", "trails", "hud"];

/**
 * Keep known names only, in the order of the switches: the same choice is the same variant.
 *
 * @param {Iterable<string>} names
 */
export function orderedOverlays(names) {
  const wanted = new Set(names);
  return OVERLAYS.map(({ name }) => name).filter((name) => wanted.has(name));
}

/**
 * @param {number} cameraId
 * @param {"stream"|"snapshot"} kind
 * @param {{overlays: Iterable<string>, width: number}} variant width in pixels
 */
export function pictureUrl(cameraId, kind, { overlays, width }) {
  const names = orderedOverlays(overlays).join(",");
  return `/api/cameras/${cameraId}/${kind}?overlays=${names}&width=${width}`;
}

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

/** Those there were when a choice was kept without saying what it was made from. */
const FIRST_ONES = ["boxes", "arrows", "trails", "clusters", "proximity", "heat", "hud"];

/**
 * The viewer's choice. What has come since it was made is on where it is for everybody.
 *
 * @param {any} kept as `keptOverlays` gave it, or a list of names; anything else is no choice
 * @returns {string[]}
 */
export function chosenOverlays(kept) {
  const { names, known } = Array.isArray(kept) ? { names: kept, known: FIRST_ONES } : kept ?? {};
  if (!Array.isArray(names) || !Array.isArray(known)) return DEFAULT_OVERLAYS;
  return orderedOverlays([...names, ...DEFAULT_OVERLAYS.filter((name) => !known.includes(name))]);
}

/** A choice with what it was made from. @param {string[]} names */
export const keptOverlays = (names) => ({ names, known: OVERLAYS.map(({ name }) => name) });

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

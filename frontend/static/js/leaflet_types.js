/**
 * The little of Leaflet that is used, for the type checker only: the package brings no types.
 *
 * @typedef {{lat: number, lng: number}} LatLng
 * @typedef {{x: number, y: number}} Pixel
 * @typedef {[number, number]} LatLngPair
 *
 * @typedef {object} Bounds
 * @property {() => number} getSouth
 * @property {() => number} getWest
 * @property {() => number} getNorth
 * @property {() => number} getEast
 * @property {(by: number) => Bounds} pad
 *
 * @typedef {object} Layer
 * @property {(to: LeafletMap|LayerGroup) => void} addTo
 * @property {() => void} remove
 * @property {(name: string, listener: (event: any) => void) => void} on
 *
 * @typedef {Layer & {clearLayers: () => void}} LayerGroup
 *
 * @typedef {object} PathOptions
 * @property {string} [color]
 * @property {number} [weight]
 * @property {number} [opacity]
 * @property {string} [fillColor]
 * @property {number} [fillOpacity]
 * @property {boolean} [fill]
 * @property {string} [dashArray]
 * @property {boolean} [interactive]
 * @property {string} [className]
 *
 * @typedef {object} PathParts
 * @property {(options: PathOptions) => void} setStyle
 * @property {(places: LatLngPair[]) => void} setLatLngs
 * @property {(content: HTMLElement, options?: object) => void} bindTooltip
 * @property {(at: LatLngPair) => void} openTooltip
 * @property {() => {update: () => void}|undefined} getTooltip
 * @typedef {Layer & PathParts} Path
 *
 * @typedef {object} MarkerParts
 * @property {(place: LatLngPair) => void} setLatLng
 * @property {() => LatLng} getLatLng
 * @property {() => HTMLElement|undefined} getElement
 * @property {(offset: number) => void} setZIndexOffset
 * @property {{enable: () => void, disable: () => void}} [dragging]
 * @property {(content: HTMLElement, options?: object) => void} bindPopup
 * @property {() => void} openPopup
 * @property {() => void} closePopup
 * @property {() => boolean} isPopupOpen
 * @property {() => {update: () => void}|undefined} getPopup
 * @typedef {Layer & MarkerParts} Marker
 *
 * @typedef {object} LeafletMap
 * @property {(name: string, listener: (event: any) => void) => LeafletMap} on
 * @property {(bounds: Bounds, options?: object) => LeafletMap} fitBounds
 * @property {(place: LatLngPair, zoom: number) => LeafletMap} setView
 * @property {(bounds: Bounds) => LeafletMap} setMaxBounds
 * @property {(bounds: Bounds) => number} getBoundsZoom
 * @property {(zoom: number) => LeafletMap} setMinZoom
 * @property {(zoom: number) => LeafletMap} setMaxZoom
 * @property {(place: LatLng) => LeafletMap} panTo
 * @property {() => Bounds} getBounds
 * @property {() => LatLng} getCenter
 * @property {() => number} getZoom
 * @property {() => Pixel} getSize
 * @property {(a: LatLng, b: LatLng) => number} distance metres on the earth
 * @property {(at: [number, number]) => LatLng} containerPointToLatLng
 * @property {(event: MouseEvent) => LatLng} mouseEventToLatLng
 * @property {() => LeafletMap} invalidateSize
 * @property {() => HTMLElement} getContainer
 * @property {{enable: () => void, disable: () => void}} doubleClickZoom
 * @property {() => LeafletMap} closePopup
 * @property {() => void} remove
 *
 * @typedef {object} Leaflet
 * @property {(root: HTMLElement, options: object) => LeafletMap} map
 * @property {{Simple: object}} CRS
 * @property {(southWest: LatLngPair, northEast: LatLngPair) => Bounds} latLngBounds
 * @property {(url: string, bounds: Bounds, options: object) => Layer} imageOverlay
 * @property {(template: string, options: object) => Layer} tileLayer
 * @property {() => LayerGroup} layerGroup
 * @property {(place: LatLngPair, options: object) => Marker} marker
 * @property {(options: object) => object} divIcon
 * @property {(places: LatLngPair[], options?: PathOptions) => Path} polygon
 * @property {(places: LatLngPair[], options?: PathOptions) => Path} polyline
 * @property {(place: LatLngPair, options?: PathOptions & {radius?: number}) => Path} circleMarker
 * @property {{scale: (options: object) => Layer}} control
 */

export {};

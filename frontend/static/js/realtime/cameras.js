/**
 * All cameras as last heard: loaded over REST, kept fresh by the socket, and polled slowly
 * over REST while the socket is down, so that the page goes on working without it.
 */
import { isStale } from "../lib/risk.js";
import { isActive, isRecorded } from "../lib/camera.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").Metrics} Metrics */

const POLL_MS = 5000;

/**
 * @param {object} deps
 * @param {import("../api/client.js").Api} deps.api
 * @param {import("./socket.js").LiveSocket} deps.socket
 * @param {AbortSignal} deps.signal
 */
export function openCameraStore({ api, socket, signal }) {
  /** @type {Map<number, Camera>} */
  const cameras = new Map();
  /** @type {Map<number, number>} `performance.now()` minus age, of the numbers held */
  const bornMs = new Map();
  /** @type {Set<(camera: Camera, what: "metrics"|"status"|"job") => void>} */
  const cameraListeners = new Set();
  /** @type {Set<() => void>} */
  const listListeners = new Set();
  /** @type {Map<number, {places: NonNullable<Metrics["places"]>, bornMs: number}>} told of more rarely than the rest */
  const placesOf = new Map();
  let socketIsLive = false;

  /** @param {number} id @param {Metrics["places"]} places none = unchanged since @param {number|null} [ageS] */
  function keepPlaces(id, places, ageS) {
    if (places) placesOf.set(id, { places, bornMs: performance.now() - (ageS ?? 0) * 1000 });
    return placesOf.get(id)?.places ?? null;
  }

  /** @param {Metrics} metrics */
  function stamp(metrics) {
    bornMs.set(metrics.camera_id, performance.now() - (metrics.age_s ?? 0) * 1000);
    metrics.places = keepPlaces(metrics.camera_id, metrics.places, metrics.age_s);
  }

  /** @param {Camera[]} list */
  function replaceAll(list) {
    cameras.clear();
    for (const camera of list) {
      cameras.set(camera.id, camera);
      if (camera.current) stamp(camera.current);
    }
    for (const listener of listListeners) listener();
  }

  async function load() {
    replaceAll((await api.get("/api/cameras/?per_page=500", { signal })).items);
  }

  /**
   * @param {number} id
   * @param {Partial<Camera>} change
   * @param {"metrics"|"status"|"job"} what
   */
  function change(id, change, what) {
    const camera = cameras.get(id);
    if (!camera) return void load().catch(() => undefined); // one that was added meanwhile
    Object.assign(camera, change);
    for (const listener of cameraListeners) listener(camera, what);
    return undefined;
  }

  const stops = [
    socket.on("initial_state", ({ cameras: list }) => Array.isArray(list) && replaceAll(list)),
    socket.on("metrics", (/** @type {Metrics} */ metrics) => {
      stamp(metrics);
      change(metrics.camera_id, { current: metrics }, "metrics");
    }),
    socket.on("places", ({ camera_id, places, age_s }) => {
      const kept = keepPlaces(camera_id, places, age_s);
      const { current } = cameras.get(camera_id) ?? {};
      if (current) current.places = kept; // shown with the next numbers, or the next second
    }),
    socket.on("camera_status", ({ camera_id, status, job }) => {
      change(camera_id, job ? { status, job } : { status }, "status");
    }),
    socket.on("job_progress", ({ camera_id, job }) => job && change(camera_id, { job }, "job")),
    socket.onConnection(({ state }) => {
      socketIsLive = state === "live";
    }),
  ];
  const poll = setInterval(() => {
    if (!socketIsLive && document.visibilityState === "visible") load().catch(() => undefined);
  }, POLL_MS);
  signal.addEventListener("abort", () => {
    clearInterval(poll);
    for (const stop of stops) stop();
  });

  return {
    load,
    list: () => [...cameras.values()],
    /** @param {number} id */
    get: (id) => cameras.get(id) ?? null,
    /** @param {Camera} camera */
    put(camera) {
      cameras.set(camera.id, camera);
      if (camera.current) stamp(camera.current);
      for (const listener of listListeners) listener();
    },
    /**
     * Seconds since the numbers held were measured; null where there are none.
     *
     * @param {number} id
     */
    ageS(id) {
      const born = bornMs.get(id);
      return born === undefined ? null : (performance.now() - born) / 1000;
    },
    /**
     * The numbers as they may be believed now: unknown once they are old or the camera is gone.
     *
     * @param {Camera} camera
     * @returns {Metrics|null}
     */
    believed(camera) {
      const { current } = camera;
      if (!current || isRecorded(camera)) return current;
      const age = this.ageS(camera.id) ?? Infinity;
      if (isActive(camera) && !isStale(age, camera.status.fps)) return current;
      const reason = current.trust === "unknown" && current.trust_reason;
      return { ...current, quantities: undefined, trust: "unknown", trust_reason: reason || "No fresh numbers from this camera." };
    },
    /**
     * Why no number of its zones and lines is fresh; null where they are. They have an age of
     * their own: they come more rarely than the other numbers.
     *
     * @param {Camera} camera
     * @returns {string|null}
     */
    whyPlacesAreOld(camera) {
      const metrics = this.believed(camera);
      if (metrics !== camera.current) return metrics?.trust_reason ?? "";
      if (isRecorded(camera)) return null;
      const kept = placesOf.get(camera.id);
      const ageS = kept ? (performance.now() - kept.bornMs) / 1000 : Infinity;
      return isStale(ageS, camera.status.fps) ? "No fresh numbers of zones and lines from this camera." : null;
    },
    /** @param {(camera: Camera, what: "metrics"|"status"|"job") => void} listener */
    onCamera(listener) {
      cameraListeners.add(listener);
      return () => cameraListeners.delete(listener);
    },
    /** @param {() => void} listener */
    onList(listener) {
      listListeners.add(listener);
      return () => listListeners.delete(listener);
    },
  };
}

/** @typedef {ReturnType<typeof openCameraStore>} CameraStore */

/**
 * Locations as last heard: loaded over REST, kept fresh by the socket, and asked for over REST
 * while nothing is heard, so that the page goes on working without the socket.
 */

/** @typedef {import("../types.js").Location} Location */
/** @typedef {import("../types.js").LocationNumbers} LocationNumbers */

const POLL_MS = 4000;
const STALE_MS = 10_000;
const REFRESH_MS = 30_000; // definitions are not told of by the socket

/**
 * @param {object} deps
 * @param {Pick<import("../api/client.js").Api, "get">} deps.api
 * @param {Pick<import("./socket.js").LiveSocket, "on"|"subscribeLocations">} deps.socket
 * @param {AbortSignal} deps.signal
 * @param {number|null} [deps.only] the one location the page is about; null = all of them
 */
export function openLocationStore({ api, socket, signal, only = null }) {
  /** @type {Map<number, Location>} */
  const locations = new Map();
  /** @type {Map<number, number>} `performance.now()` when the numbers held were heard first */
  const heardMs = new Map();
  let loadedMs = -Infinity;
  /** @type {Set<() => void>} */
  const listListeners = new Set();
  /** @type {Set<(location: Location) => void>} */
  const listeners = new Set();

  /** @param {number} id milliseconds since anything new was heard of it */
  const silenceMs = (id) => performance.now() - (heardMs.get(id) ?? -Infinity);

  /** Numbers that come again unchanged do not become younger. @param {Location} location @param {LocationNumbers|null} numbers */
  function keep(location, numbers) {
    const held = locations.get(location.id)?.numbers ?? null;
    const isOvertaken = numbers && held && Date.parse(numbers.last_updated) < Date.parse(held.last_updated) && silenceMs(location.id) <= STALE_MS;
    if (isOvertaken) return void locations.set(location.id, { ...location, numbers: held }); // an answer that was under way for long
    if (numbers && (numbers.last_updated !== held?.last_updated || !heardMs.has(location.id))) heardMs.set(location.id, performance.now());
    return void locations.set(location.id, { ...location, numbers });
  }

  /** @param {Location[]} list */
  function replaceAll(list) {
    const ids = new Set(list.map(({ id }) => id));
    for (const id of [...locations.keys()].filter((known) => !ids.has(known))) {
      locations.delete(id);
      heardMs.delete(id);
    }
    for (const location of list) keep(location, location.numbers);
    for (const listener of listListeners) listener();
  }

  async function load() {
    loadedMs = performance.now();
    replaceAll(only === null ? (await api.get("/api/locations/", { signal })).items : [await api.get(`/api/locations/${only}`, { signal })]);
  }

  const stop = socket.on("crowd_update", (/** @type {LocationNumbers} */ numbers) => {
    if (only !== null && numbers.location_id !== only) return;
    const known = locations.get(numbers.location_id);
    if (!known) return void load().catch(() => undefined); // one that was added meanwhile
    keep(known, numbers);
    const location = /** @type {Location} */ (locations.get(known.id));
    for (const listener of listeners) listener(location);
  });
  socket.subscribeLocations(only === null ? "all" : [only]);

  const poll = setInterval(() => {
    const isSilent = !locations.size || [...locations.keys()].some((id) => silenceMs(id) > POLL_MS);
    const isDue = isSilent || performance.now() - loadedMs > REFRESH_MS;
    if (isDue && document.visibilityState === "visible") load().catch(() => undefined);
  }, POLL_MS);
  signal.addEventListener("abort", () => {
    clearInterval(poll);
    stop();
  });

  /**
   * The numbers as they may be believed now: what has grown old is unknown, what it was made of too.
   *
   * @param {Location} location
   * @returns {LocationNumbers|null}
   */
  function believed({ id, numbers }) {
    if (!numbers || silenceMs(id) <= STALE_MS) return numbers;
    /** @template {{trust: import("../types.js").Trust, trust_reason: string}} T @param {T} one @returns {T} */
    const old = (one) => ({ ...one, trust: "unknown", trust_reason: (one.trust === "unknown" && one.trust_reason) || "No fresh numbers of this location." });
    return {
      ...old(numbers),
      density_level: null,
      density_from: "",
      peak_density_per_m2: null,
      parts: numbers.parts.map(old),
      shares: numbers.shares.map((share) => ({ ...old(share), risk_level: null, peak_density_per_m2: null })),
    };
  }

  return {
    load,
    believed,
    list: () => [...locations.values()],
    /** @param {number} id */
    get: (id) => locations.get(id) ?? null,
    /** @param {Location} location as the server has just answered */
    put(location) {
      keep(location, location.numbers ?? locations.get(location.id)?.numbers ?? null);
      for (const listener of listListeners) listener();
    },
    /**
     * Seconds since the newest number behind the count was measured or entered; null for none.
     * By the server's clock up to its answer, by ours since.
     *
     * @param {number} id
     */
    ageS(id) {
      const numbers = locations.get(id)?.numbers;
      if (!numbers?.last_measured_at) return null;
      const before = (Date.parse(numbers.last_updated) - Date.parse(numbers.last_measured_at)) / 1000;
      return Math.max(0, before) + silenceMs(id) / 1000;
    },
    /** @param {(location: Location) => void} listener its numbers have changed */
    onNumbers(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** @param {() => void} listener */
    onList(listener) {
      listListeners.add(listener);
      return () => listListeners.delete(listener);
    },
  };
}

/** @typedef {ReturnType<typeof openLocationStore>} LocationStore */

/**
 * The only place that touches Socket.IO: connects with the session cookie, joins the rooms of
 * cameras and locations again after every reconnect, drops late events, and says how old the
 * news are.
 */
import { SequenceGate } from "../lib/sequence.js";

/** @typedef {"connecting"|"live"|"reconnecting"} ConnectionState */
/** @typedef {{state: ConnectionState, heardMs: number|null}} Connection heardMs: `performance.now()` */

const EVENTS = /** @type {const} */ ([
  "initial_state", "metrics", "places", "crowd_update", "alert", "camera_status", "job_progress", "system_status",
]);
/** @typedef {typeof EVENTS[number]} EventName */

/** @type {ReadonlySet<string>} the newest one comes again, as it ages */
const REPEATED = new Set(["metrics", "places", "crowd_update"]);

const RETRY_MS = 3000;

/**
 * @param {object} deps
 * @param {typeof import("socket.io-client").io} deps.io
 * @param {() => Promise<import("../api/session.js").SessionState>} deps.refreshSession
 * @param {() => void} deps.onSessionLost
 */
export function openSocket({ io, refreshSession, onSessionLost }) {
  const socket = io({ reconnectionDelay: 1000, reconnectionDelayMax: 10_000, autoConnect: false });
  const gate = new SequenceGate();
  /** @type {Map<string, Set<(payload: any) => void>>} */
  const listeners = new Map();
  /** @type {Set<(connection: Connection) => void>} */
  const watchers = new Set();
  /** @type {Connection} */
  const connection = { state: "connecting", heardMs: null };
  /** @type {{cameras: "all"|number[], locations?: "all"|number[]}} what is not named stays as it is */
  const wanted = { cameras: "all" };
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let retry;

  /** @param {ConnectionState} state */
  function setState(state) {
    connection.state = state;
    for (const watcher of watchers) watcher(connection);
  }

  function join() {
    if (socket.connected) socket.emit("subscribe", { ...wanted });
  }

  /** The server refused or hung up: only a fresh session helps, and never in a tight loop. */
  function renewAndReconnect() {
    clearTimeout(retry);
    retry = setTimeout(async () => {
      if ((await refreshSession()) === "ended") onSessionLost();
      else socket.connect();
    }, RETRY_MS * (0.5 + Math.random()));
  }

  socket.on("connect", () => {
    gate.reset();
    join();
    setState("live");
  });
  socket.on("disconnect", (reason) => {
    setState("reconnecting");
    if (reason === "io server disconnect") renewAndReconnect();
  });
  socket.on("connect_error", () => {
    setState(connection.heardMs === null ? "connecting" : "reconnecting");
    if (!socket.active) renewAndReconnect();
  });
  for (const name of EVENTS) {
    socket.on(name, (/** @type {any} */ payload) => {
      connection.heardMs = performance.now();
      const stream = `${name}:${payload?.camera_id ?? payload?.location_id ?? ""}`;
      if (!gate.accepts(stream, payload ?? {}, { repeats: REPEATED.has(name) })) return;
      for (const listener of listeners.get(name) ?? []) listener(payload);
    });
  }
  socket.connect();

  return {
    /**
     * @param {EventName} name
     * @param {(payload: any) => void} listener
     * @returns {() => void} stops listening
     */
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    /** @param {(connection: Connection) => void} watcher */
    onConnection(watcher) {
      watchers.add(watcher);
      watcher(connection);
      return () => watchers.delete(watcher);
    },
    /** @param {"all"|number[]} cameras */
    subscribe(cameras) {
      wanted.cameras = cameras;
      join();
    },
    /** None until a page asks. @param {"all"|number[]} locations */
    subscribeLocations(locations) {
      wanted.locations = locations;
      join();
    },
    close() {
      clearTimeout(retry);
      socket.close();
    },
  };
}

/** @typedef {ReturnType<typeof openSocket>} LiveSocket */

/**
 * Saving where a location stands, one change after the other, and taking changes back.
 */
import { ApiError } from "../../api/errors.js";
import { h, icon } from "../../dom.js";
import { groundBack } from "../../lib/map_edits.js";
import { toast, toastError } from "../toast.js";

/** @typedef {import("../../types.js").Location} Location */
/** @typedef {import("../../lib/map_edits.js").Ground} Ground */

const MOST_STEPS = 50;

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {import("../../realtime/locations.js").LocationStore} deps.store
 * @param {() => void} deps.onFailed shows again what is stored
 */
export function mountChanges({ api, store, onFailed }) {
  /** @type {{id: number, before: Location}[]} */
  let past = [];
  let last = Promise.resolve();
  const undo = h("button", { class: "button button--small", type: "button", disabled: true, on: { click: () => void takeBack() } }, icon("bi-arrow-counterclockwise"), "Undo");

  /** @param {number} id @param {Partial<Ground>} change */
  async function put(id, change) {
    const location = store.get(id);
    if (!location) throw new ApiError({ status: 404, detail: "This location is gone." });
    store.put(await api.put(`/api/locations/${id}`, { version: location.version, ...change }));
  }

  /** @param {unknown} error */
  async function fail(error) {
    const isOutrun = error instanceof ApiError && [404, 409].includes(error.status);
    toastError(isOutrun ? new Error("Somebody else has changed this location meanwhile. Look at it, then try again.") : error);
    await store.load().catch(() => undefined);
    onFailed();
  }

  /** In order, so that each is of the newest version. @param {() => Promise<void>} work */
  function queue(work) {
    last = last.then(work).catch(fail);
    return last;
  }

  /** @param {(typeof past)[number]} step */
  function forget(step) {
    past = past.filter((one) => one !== step);
    undo.disabled = !past.length;
  }

  function takeBack() {
    return queue(async () => {
      const step = past.at(-1);
      if (!step) return;
      const now = store.get(step.id);
      try {
        await put(step.id, now ? groundBack(step.before, now) : {});
      } catch (error) {
        const isFinal = error instanceof ApiError && error.status >= 400 && error.status < 500 && ![401, 409, 429].includes(error.status);
        if (isFinal) forget(step); // it would be refused every time, and hide the steps before it
        throw error;
      }
      forget(step);
      toast("note", `${step.before.name} is back where it was.`);
    });
  }

  return {
    undo,
    /**
     * @param {number} id
     * @param {(location: Location) => Partial<Ground>} change of what is stored by then
     * @param {(location: Location) => string} words said when it is saved
     */
    save: (id, change, words) =>
      queue(async () => {
        const before = store.get(id);
        if (!before) return;
        await put(id, change(before));
        past = [...past, { id, before }].slice(-MOST_STEPS);
        undo.disabled = false;
        toast("good", words(before));
      }),
  };
}

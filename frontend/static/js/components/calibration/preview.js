/**
 * Asks the server what it would make of a draft, a moment after the last change; an answer that
 * has been overtaken by a newer draft is dropped.
 */
import { ApiError } from "../../api/errors.js";
import { missing, refusals, requestOf } from "../../lib/calibration_draft.js";
import { messageOf } from "../state.js";

/** @typedef {import("./result_panel.js").Verdict & {wrongPoints: Map<number, string>, wrongFields: Map<string, string>}} FullVerdict */

const PAUSE_MS = 300;

/** @typedef {import("../../lib/calibration_draft.js").Draft} Draft */

/** @param {Draft} draft @param {[number, number]} wh */
const keyOf = (draft, wh) => missing(draft) || JSON.stringify(requestOf(draft, wh));

/** @returns {FullVerdict} */
export function nothingYet() {
  return { missing: "", isAsking: false, preview: null, refused: [], wrongPoints: new Map(), wrongFields: new Map() };
}

/** @param {unknown} error @returns {FullVerdict} */
export function refusalOf(error) {
  const { points, fields, texts } = refusals(error instanceof ApiError ? error : { detail: messageOf(error), errors: [] });
  return { ...nothingYet(), refused: texts, wrongPoints: points, wrongFields: fields };
}

/**
 * @param {object} deps
 * @param {import("../../api/client.js").Api} deps.api
 * @param {string} deps.url
 * @param {AbortSignal} deps.signal
 * @param {(verdict: FullVerdict) => void} deps.onVerdict
 */
export function openPreview({ api, url, signal, onVerdict }) {
  let verdict = nothingYet();
  let asked = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {AbortController|null} */
  let running = null;

  /** @param {FullVerdict} next */
  function say(next) {
    verdict = next;
    onVerdict(next);
  }

  /** @param {unknown} body */
  async function ask(body) {
    const own = new AbortController();
    running = own;
    try {
      const preview = await api.put(`${url}?dry_run=true`, body, { signal: AbortSignal.any([own.signal, signal]) });
      if (running === own) say({ ...nothingYet(), preview });
    } catch (error) {
      if (running === own && !signal.aborted) say(refusalOf(error));
    }
  }

  return {
    now: () => verdict,
    /**
     * What is in force needs no asking, and people's heights would by now say something else.
     *
     * @param {Draft} draft
     * @param {[number, number]} wh
     * @param {import("../../types.js").Calibration} stored
     */
    accept(draft, wh, stored) {
      asked = keyOf(draft, wh);
      say({ ...nothingYet(), preview: stored });
    },
    /** @param {Draft} draft @param {[number, number]} wh @param {boolean} [again] though nothing has changed */
    follow(draft, wh, again = false) {
      const gap = missing(draft);
      const body = gap ? null : requestOf(draft, wh);
      if (!again && keyOf(draft, wh) === asked) return;
      asked = keyOf(draft, wh);
      clearTimeout(timer);
      running?.abort();
      running = null;
      if (!body) return void say({ ...nothingYet(), missing: gap });
      say({ ...nothingYet(), isAsking: true, preview: verdict.preview });
      timer = setTimeout(() => void ask(body), PAUSE_MS);
    },
  };
}

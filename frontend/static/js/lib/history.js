/**
 * The stored seconds of one camera, page by page, for its chart.
 */
import { isRecorded } from "./camera.js";

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").Metrics} Metrics */

const PER_PAGE = 500;

/**
 * @param {{get: (url: string, options?: {signal?: AbortSignal}) => Promise<any>}} api
 * @param {Camera} camera a recording is loaded whole, a live camera back to `windowMs`
 * @param {{windowMs: number, maxPoints: number, signal?: AbortSignal, nowMs?: number}} limits
 * @returns {Promise<Metrics[]>} oldest first; of a recording only its newest run
 */
export async function loadHistory(api, camera, { windowMs, maxPoints, signal, nowMs = Date.now() }) {
  const from = isRecorded(camera) ? "" : `&from=${encodeURIComponent(new Date(nowMs - windowMs).toISOString())}`;
  /** @type {Metrics[]} */
  const items = [];
  for (let page = 1; items.length < maxPoints; page += 1) {
    const answer = await api.get(`/api/metrics/${camera.id}?page=${page}&per_page=${PER_PAGE}${from}`, { signal });
    items.push(...answer.items);
    if (page >= answer.pages) break;
  }
  if (!isRecorded(camera)) return items;
  const newest = Math.max(0, ...items.map(({ run_id: run }) => run ?? 0));
  return items.filter(({ run_id: run }) => (run ?? 0) === newest);
}

/**
 * The only place that talks HTTP: session cookies with their CSRF header, time limits,
 * one renewal of the session on 401, and errors as `ApiError`.
 */
import { ApiError, problemOf } from "./errors.js";
import { makeRefresher, readCookie } from "./session.js";

const TIMEOUT_MS = 15_000;
const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal]
 * @property {number} [timeoutMs]
 * @property {boolean} [anonymous] do not renew the session or go to the log-in on 401
 */

export const refreshSession = makeRefresher(
  async () => {
    const answer = await fetchOnce("/api/auth/refresh", {
      method: "POST",
      headers: { "X-CSRF-TOKEN": readCookie("csrf_refresh_token") },
    }).catch(() => null);
    if (answer === null || answer.status >= 500) return "unreachable";
    return answer.ok ? "alive" : "ended";
  },
  () => readCookie("csrf_access_token"),
);

/** Leave for the log-in page, keeping the page wanted. */
export function goToLogin() {
  const here = location.pathname + location.search;
  location.assign(`/login?next=${encodeURIComponent(here)}`);
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @param {Options} [options]
 */
async function fetchOnce(url, init, { signal, timeoutMs = TIMEOUT_MS } = {}) {
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
  try {
    return await fetch(url, { credentials: "same-origin", ...init, signal: AbortSignal.any(limits) });
  } catch (error) {
    if (signal?.aborted) throw error;
    const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
    const detail = isTimeout
      ? `The server did not answer within ${timeoutMs / 1000} s.`
      : "The server cannot be reached.";
    throw new ApiError({ status: 0, detail });
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} body
 * @param {Options} options
 * @returns {Promise<Response>} an answer with a 2xx status
 */
async function send(method, url, body, options) {
  const attempt = () => {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (!SAFE_METHODS.has(method)) headers["X-CSRF-TOKEN"] = readCookie("csrf_access_token");
    return fetchOnce(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }, options);
  };
  let answer = await attempt();
  if (answer.status === 401 && !options.anonymous) {
    if ((await refreshSession()) === "alive") answer = await attempt();
    if (answer.status === 401) goToLogin();
  }
  if (answer.ok) return answer;
  const problem = problemOf(answer.status, await readJson(answer), answer.headers.get("Retry-After"));
  if (problem.type === "password-change-required") location.assign("/profile");
  throw problem;
}

/** @param {Response} answer */
async function readJson(answer) {
  try {
    return await answer.json();
  } catch {
    return null; // an answer without a body, or one from a proxy in front
  }
}

/**
 * @param {Response} answer with a 2xx status
 * @param {Options} options
 * @returns {Promise<any>} null only where the server said that there is nothing
 */
async function readAnswer(answer, { signal }) {
  if (answer.status === 204) return null;
  try {
    return await answer.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ status: 0, detail: "The answer broke off." });
  }
}

/**
 * @param {string} method
 * @returns {(url: string, body?: unknown, options?: Options) => Promise<any>}
 */
function withBody(method) {
  return async (url, body, options = {}) => readAnswer(await send(method, url, body, options), options);
}

/**
 * Upload one file with real progress (which `fetch` cannot tell).
 *
 * @param {string} url
 * @param {string} field name of the multipart field
 * @param {File} file
 * @param {{onProgress: (sent: number, total: number) => void, signal?: AbortSignal, fields?: Record<string, string>}} options
 * @returns {Promise<any>}
 */
async function upload(url, field, file, { onProgress, signal, fields = {} }) {
  await api.get("/api/auth/me"); // renews an old session before gigabytes travel in vain
  const form = new FormData();
  form.append(field, file);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("X-CSRF-TOKEN", readCookie("csrf_access_token"));
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.total));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(problemOf(request.status, request.response, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => {
      reject(new ApiError({ status: 0, detail: "The connection broke off during the upload." }));
    });
    request.addEventListener("abort", () => reject(new DOMException("Upload cancelled", "AbortError")));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

export const api = {
  /**
   * @param {string} url
   * @param {Options} [options]
   * @returns {Promise<any>}
   */
  get: async (url, options = {}) => readAnswer(await send("GET", url, undefined, options), options),
  post: withBody("POST"),
  put: withBody("PUT"),
  patch: withBody("PATCH"),
  /** @param {string} url @param {Options} [options] @returns {Promise<any>} */
  delete: async (url, options = {}) => readAnswer(await send("DELETE", url, undefined, options), options),
  /**
   * A picture with its age in seconds, as the server measured it.
   *
   * @param {string} url
   * @param {Options} [options]
   * @returns {Promise<{blob: Blob, ageS: number|null}>}
   */
  picture: async (url, options = {}) => {
    const answer = await send("GET", url, undefined, options);
    const age = answer.headers.get("X-Frame-Age-S");
    return { blob: await answer.blob(), ageS: age === null ? null : Number(age) };
  },
  upload,
};

/** @typedef {typeof api} Api */

/**
 * @param {string} path
 * @param {Record<string, string|number|null|undefined>} query empty values are left out
 */
export function withQuery(path, query) {
  const entries = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/**
 * Where to go after the log-in: a path of this site, nothing else.
 *
 * @param {string|null|undefined} wanted
 * @returns {string}
 */
export function safeNext(wanted) {
  if (!wanted || !wanted.startsWith("/") || /^\/[/\\]/.test(wanted)) return "/";
  if (/[\u0000-\u001f\\]/.test(wanted) || /^\/login(\?|$)/.test(wanted)) return "/";
  return wanted;
}

/**
 * The sentence shown for a refused log-in.
 *
 * @param {{status: number, detail: string, retryAfterS: number|null}} problem
 */
export function loginMessage({ status, detail, retryAfterS }) {
  if (status === 429) {
    const wait = retryAfterS === null ? "a minute" : `${Math.max(1, Math.ceil(retryAfterS))} s`;
    return `Too many attempts. Wait ${wait}, then try again.`;
  }
  if (status === 0) return "The server does not answer. Check that CrowdSafe is running.";
  return detail || "That did not work. Try again.";
}

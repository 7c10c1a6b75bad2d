/**
 * Renewing the log-in: one attempt at a time in this tab, one at a time across tabs.
 */

/** @param {string} name @param {string} [cookies] */
export function readCookie(name, cookies = document.cookie) {
  const pair = cookies.split("; ").find((entry) => entry.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}

/** @typedef {"alive"|"ended"|"unreachable"} SessionState */

/**
 * @param {() => Promise<SessionState>} renew asks the server for fresh cookies
 * @param {() => string} accessMark changes whenever the access cookie does
 * @returns {() => Promise<SessionState>} state of the session afterwards
 */
export function makeRefresher(renew, accessMark) {
  /** @type {Promise<SessionState>|null} */
  let running = null;

  /** @param {string} before */
  async function renewUnlessDone(before) {
    // another tab may have renewed the cookies while this one waited for the lock
    const now = accessMark();
    return now && now !== before ? "alive" : renew();
  }

  return () => {
    const before = accessMark();
    running ??= withLock(() => renewUnlessDone(before)).finally(() => {
      running = null;
    });
    return running;
  };
}

/** @param {() => Promise<SessionState>} job @returns {Promise<SessionState>} */
async function withLock(job) {
  const locks = globalThis.navigator?.locks; // undefined on plain http in a LAN
  return locks ? locks.request("crowdsafe-session", job) : job();
}

/**
 * The source of a simulated camera: `peak`, or `peak:7` with a seed.
 */

const MAX_SEED = 2 ** 31 - 1;

/** @param {string} source */
export function splitScenario(source) {
  const [name = "", seed = ""] = source.split(":");
  return { name: name.trim().toLowerCase(), seed: seed.trim() };
}

/** @param {string} name @param {string} seed as typed, "" for none */
export function joinScenario(name, seed) {
  const tidy = seed.trim();
  return tidy && Number(tidy) !== 0 ? `${name}:${tidy}` : name;
}

/** @param {string} seed as typed @returns {string} what is wrong, "" when nothing is */
export function seedProblem(seed) {
  const tidy = seed.trim();
  return !tidy || (/^\d+$/.test(tidy) && Number(tidy) <= MAX_SEED) ? "" : `A whole number from 0 to ${MAX_SEED}, or nothing.`;
}

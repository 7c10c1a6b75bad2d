/**
 * Names of zones and lines, judged as the server judges them.
 */

export const LONGEST_NAME = 80; // characters, of which some take two places in a string

/** What the server takes for blanks; `\s` knows the byte order mark too, and fewer control characters. */
const BLANKS = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const UNSEEN = /[\p{C}\p{Z}]/u; // joiners of no width, marks of direction, what no font has

/** As it is stored: without needless blanks. @param {string} name */
export const tidyName = (name) => name.replaceAll(BLANKS, " ").replace(/^ | $/g, "");

/** Letter by letter: a sigma is one wherever it stands; the dotless i is no other i. @param {string} letter */
const folded = (letter) => (letter === "ı" ? letter : letter.toUpperCase().toLowerCase()); // by way of large ones, ß is ss

/** @param {string} name what names have in common that people would take for the same */
export const nameKey = (name) => [...tidyName(name).normalize("NFKC")].map(folded).join("");

/** @param {string} typed @param {Set<string>} taken keys of the names before it @returns {string} what is wrong, "" when nothing is */
export function nameProblem(typed, taken) {
  const name = tidyName(typed);
  if (!name) return "Give it a name.";
  if ([...name].length > LONGEST_NAME) return `At most ${LONGEST_NAME} characters.`;
  if (UNSEEN.test(name.replaceAll(" ", ""))) return "A character of it cannot be seen, or is made up of several. Type the name anew without it.";
  return taken.has(nameKey(name)) ? `Another zone or line of this camera is called “${name}” already. Choose another name.` : "";
}

/**
 * What happened in an incident, in words for people.
 */
import { LEVELS, levelView } from "./risk.js";

/** File names and the like: for the record, not for reading. */
const UNREAD = new Set(["picture"]);

/** @param {unknown} value */
const isShown = (value) => ["string", "number", "boolean"].includes(typeof value) && value !== "";

/** @param {string} text */
const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * "Warning: 5 people, 163 % of the limit of 3." rather than a list of fields.
 *
 * @param {Record<string, unknown>|null|undefined} detail
 */
export function eventText(detail) {
  const { level, text, note, channel, ...rest } = detail ?? {};
  /** @type {string[]} */
  const said = [];
  const found = LEVELS.find((known) => known === level);
  const word = found ? levelView(found).word : "";
  if (isShown(text)) said.push(word ? `${word}: ${text}` : String(text));
  else if (word) said.push(word);
  if (isShown(note)) said.push(`“${note}”`);
  if (isShown(channel)) said.push(capitalised(String(channel)));
  for (const [key, value] of Object.entries(rest)) {
    if (!UNREAD.has(key) && isShown(value)) said.push(`${capitalised(key.replaceAll("_", " "))}: ${value}`);
  }
  return said.join(" ");
}

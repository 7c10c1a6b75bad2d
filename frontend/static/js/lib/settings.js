/**
 * Live settings as the page shows and reads them.
 */

import { readableUnit } from "./format.js";

/** @typedef {import("../types.js").Setting} Setting */

/**
 * Settings sorted into the server's sections, in the order in which these first appear.
 *
 * @param {Pick<Setting, "key"|"section">[]} settings
 * @returns {{title: string, keys: string[]}[]}
 */
export function settingGroups(settings) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const { key, section } of settings) groups.set(section, [...(groups.get(section) ?? []), key]);
  return [...groups].map(([title, keys]) => ({ title, keys }));
}

/** @param {Setting} setting */
export function settingHelp({ effect, minimum, maximum, kind, default: standard, unit }) {
  const parts = [effect];
  if (minimum !== null && maximum !== null) parts.push(`From ${minimum} to ${maximum}.`);
  if (kind !== "secret" && standard !== null && standard !== "") parts.push(`Default ${standard === true ? "on" : standard === false ? "off" : standard}${unit ? ` ${readableUnit(unit)}` : ""}.`);
  return parts.filter(Boolean).join(" ");
}

/**
 * What was typed into a setting's field, and whether it is a change.
 *
 * @param {Setting} setting
 * @param {string|boolean} typed
 * @returns {{value: unknown, problem: string, isChanged: boolean}}
 */
export function readSetting(setting, typed) {
  const { kind, minimum, maximum, value: before } = setting;
  if (typeof typed === "boolean") return { value: typed, problem: "", isChanged: typed !== before };
  const text = typed.trim();
  if (kind === "secret") return { value: text, problem: "", isChanged: text !== "" };
  if (kind === "text") return { value: text || null, problem: "", isChanged: text !== (before ?? "") };
  const value = Number(text.replace(",", "."));
  const range = minimum !== null && maximum !== null ? ` from ${minimum} to ${maximum}` : "";
  const whole = kind === "integer" ? "whole " : "";
  const isWrong =
    text === "" ||
    !Number.isFinite(value) ||
    (kind === "integer" && !Number.isInteger(value)) ||
    (minimum !== null && value < minimum) ||
    (maximum !== null && value > maximum);
  return { value, problem: isWrong ? `A ${whole}number${range}.` : "", isChanged: value !== before };
}

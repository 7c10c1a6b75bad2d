/**
 * What each kind of source asks for, and what is wrong with an answer before it is sent.
 */

/** @typedef {import("../types.js").SourceType} SourceType */

/**
 * @typedef {object} SourceField
 * @property {string} label
 * @property {string} help
 * @property {string} placeholder
 */

/** @type {Record<SourceType, SourceField|null>} null: it has no address to type */
export const SOURCE_FIELDS = {
  rtsp: {
    label: "RTSP address",
    help: "From the camera's manual. User name and password may stand in it: they are stored encrypted and never shown again.",
    placeholder: "rtsp://user:password@192.0.2.10:554/stream1",
  },
  http: {
    label: "Stream address",
    help: "MJPEG, HLS (.m3u8) or MPEG-TS over http or https.",
    placeholder: "http://192.0.2.10/video.mjpg",
  },
  usb: {
    label: "Device number",
    help: "0 is the first camera plugged into the server, 1 the next.",
    placeholder: "0",
  },
  file: {
    label: "Path on the server",
    help: "A video below one of the server's video folders, played in real time as if it were a camera.",
    placeholder: "entrance.mp4",
  },
  simulated: null,
  upload: null,
};

/**
 * @param {SourceType} type
 * @param {string} source
 * @returns {string} what is wrong, "" when nothing is
 */
export function sourceProblem(type, source) {
  if (SOURCE_FIELDS[type] === null) return "";
  if (!source.trim()) return "Say what to open.";
  if (type === "rtsp" && !/^rtsps?:\/\/[^/\s]+/i.test(source)) {
    return "An RTSP address starts with rtsp:// and names a host.";
  }
  if (type === "http" && !/^https?:\/\/[^/\s]+/i.test(source)) {
    return "A stream address starts with http:// or https:// and names a host.";
  }
  if (type === "usb" && !/^\d{1,2}$/.test(source.trim())) return "A device number is 0, 1, 2 …";
  return "";
}

export const UPLOAD_EXTENSIONS = [".mp4", ".avi", ".mkv", ".mov", ".webm"];

/**
 * @param {{name: string, size: number}|null|undefined} file
 * @returns {string} what is wrong, "" when nothing is
 */
export function uploadProblem(file) {
  if (!file) return "Choose a video.";
  const name = file.name.toLowerCase();
  if (!UPLOAD_EXTENSIONS.some((extension) => name.endsWith(extension))) {
    return `A video ends in ${UPLOAD_EXTENSIONS.join(", ")}; ${file.name} does not.`;
  }
  return file.size === 0 ? `${file.name} is empty.` : "";
}

/**
 * An optional whole number typed into a field. Digits only: in "1,000" and "1.000" some read a
 * thousand and others one.
 *
 * @param {string} text
 * @returns {number|null|undefined} null for "nothing typed", undefined for "not a whole number"
 */
export function optionalWhole(text) {
  const trimmed = text.trim();
  if (!trimmed) return null;
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** To some people one thousand, to others one; "0,125" and "12,5" are the same to everybody. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/**
 * An optional number typed into a field, in digits with a point or a comma before the decimals.
 * A comma that may as well part thousands is not read at all.
 *
 * @param {string} text
 * @returns {number|null|undefined} null for "nothing typed", undefined for "not a number"
 */
export function optionalNumber(text) {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const isPlain = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(trimmed) && !AMBIGUOUS.test(trimmed);
  const value = isPlain ? Number(trimmed.replace(",", ".")) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/**
 * How to write what `optionalNumber` could not read.
 *
 * @param {string} text
 */
export function numberAdvice(text) {
  const trimmed = text.trim();
  if (!AMBIGUOUS.test(trimmed)) return `“${trimmed}” is not a number: type digits only, with a point before decimals.`;
  return `“${trimmed}” can be read in two ways: type ${Number(trimmed.replace(",", ""))} or ${Number(trimmed.replace(",", "."))}.`;
}

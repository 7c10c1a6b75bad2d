/**
 * What a camera or a recorded job is doing, in words, and which commands make sense now.
 */

/** @typedef {import("../types.js").Camera} Camera */
/** @typedef {import("../types.js").SourceType} SourceType */
/** @typedef {"live"|"caution"|"bad"|"recorded"|"accent"|""} Tone */
/** @typedef {"start"|"stop"|"pause"|"resume"|"cancel"} Command */

/** @type {Record<SourceType, {word: string, icon: string}>} */
export const SOURCE_WORDS = {
  rtsp: { word: "RTSP camera", icon: "bi-broadcast" },
  http: { word: "HTTP stream", icon: "bi-globe2" },
  usb: { word: "USB camera", icon: "bi-usb-symbol" },
  file: { word: "Video file as camera", icon: "bi-film" },
  simulated: { word: "Simulated crowd", icon: "bi-robot" },
  upload: { word: "Uploaded recording", icon: "bi-cloud-arrow-up" },
};

/** @type {Record<string, {word: string, icon: string, tone: Tone}>} */
const JOB_VIEWS = {
  empty: { word: "No video yet", icon: "bi-cloud-slash", tone: "" },
  queued: { word: "Queued", icon: "bi-hourglass", tone: "accent" },
  analysing: { word: "Analysing", icon: "bi-cpu", tone: "accent" },
  paused: { word: "Paused", icon: "bi-pause-circle", tone: "caution" },
  finished: { word: "Analysed", icon: "bi-check2-circle", tone: "live" },
  failed: { word: "Failed", icon: "bi-x-octagon", tone: "bad" },
  cancelled: { word: "Cancelled", icon: "bi-slash-circle", tone: "" },
};

/** @type {Record<string, {word: string, icon: string, tone: Tone}>} */
const STATUS_VIEWS = {
  connecting: { word: "Connecting", icon: "bi-arrow-repeat", tone: "accent" },
  live: { word: "Live", icon: "bi-record-circle", tone: "live" },
  reconnecting: { word: "Reconnecting", icon: "bi-arrow-repeat", tone: "caution" },
  offline: { word: "Off", icon: "bi-stop-circle", tone: "" },
  failed: { word: "Failed", icon: "bi-x-octagon", tone: "bad" },
};

/**
 * @param {Pick<Camera, "status"|"job"|"source_type">} camera
 * @returns {{word: string, icon: string, tone: Tone, detail: string}}
 */
export function stateView(camera) {
  if (camera.source_type === "upload" && camera.job) {
    const view = JOB_VIEWS[camera.job.state] ?? JOB_VIEWS.empty;
    return { .../** @type {NonNullable<typeof view>} */ (view), detail: camera.job.error || camera.status.message };
  }
  const view = STATUS_VIEWS[camera.status.status] ?? STATUS_VIEWS.offline;
  return { .../** @type {NonNullable<typeof view>} */ (view), detail: camera.status.message };
}

/** @param {Pick<Camera, "source_type">} camera */
export function isRecorded(camera) {
  return camera.source_type === "upload";
}

/** @param {Pick<Camera, "source_type">} camera nobody stands before it: its picture is drawn */
export function isSimulated(camera) {
  return camera.source_type === "simulated";
}

/**
 * Whether fresh pictures and numbers are to be expected.
 *
 * @param {Pick<Camera, "status"|"job"|"source_type">} camera
 */
export function isActive(camera) {
  if (isRecorded(camera)) return camera.job?.state === "analysing";
  return ["connecting", "live", "reconnecting"].includes(camera.status.status);
}

/**
 * Whether the server has a picture of it, be it an old one.
 *
 * @param {Pick<Camera, "status"|"current">} camera
 */
export function hasPicture({ status, current }) {
  return status.last_frame_age_s !== null || (current !== null && status.status === "live");
}

/**
 * @param {Pick<Camera, "status"|"job"|"source_type">} camera
 * @returns {Command[]}
 */
export function availableCommands(camera) {
  if (!isRecorded(camera)) {
    return isActive(camera) ? ["stop"] : ["start"];
  }
  switch (camera.job?.state) {
    case "analysing":
      return ["pause", "cancel"];
    case "paused":
      return ["resume", "cancel"];
    case "queued":
      return ["cancel"];
    case "finished":
    case "failed":
    case "cancelled":
      return ["start"];
    default:
      return [];
  }
}

/** @type {Record<Command, {word: string, icon: string}>} */
export const COMMAND_WORDS = {
  start: { word: "Start", icon: "bi-play-fill" },
  stop: { word: "Stop", icon: "bi-stop-fill" },
  pause: { word: "Pause", icon: "bi-pause-fill" },
  resume: { word: "Resume", icon: "bi-play-fill" },
  cancel: { word: "Cancel", icon: "bi-x-lg" },
};

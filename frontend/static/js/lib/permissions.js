/**
 * What a role may do; the server decides, this only keeps useless buttons away.
 */

/** @typedef {import("../types.js").User} User */
/** @typedef {import("../types.js").Camera} Camera */

/** @type {Record<import("../types.js").Role, number>} */
const RANK = { viewer: 0, operator: 1, admin: 2 };

/**
 * @param {Pick<User, "role">|null} user
 * @param {import("../types.js").Role} role
 */
export function hasRole(user, role) {
  return user !== null && RANK[user.role] >= RANK[role];
}

/** @param {Pick<User, "role">|null} user */
export function mayAddCamera(user) {
  return hasRole(user, "operator");
}

/**
 * Administrators add any camera, operators only recordings of their own.
 *
 * @param {Pick<User, "role">|null} user
 * @returns {import("../types.js").SourceType[]}
 */
export function addableSourceTypes(user) {
  if (hasRole(user, "admin")) return ["rtsp", "http", "usb", "file", "simulated", "upload"];
  return hasRole(user, "operator") ? ["upload"] : [];
}

/**
 * @param {Pick<User, "role"|"id">|null} user
 * @param {Pick<Camera, "source_type"|"owner_id">} camera
 */
export function mayEditCamera(user, camera) {
  if (hasRole(user, "admin")) return true;
  return (
    hasRole(user, "operator") && camera.source_type === "upload" && camera.owner_id === user?.id
  );
}

/**
 * Start, stop, pause: operators, but a recording only by its owner and administrators.
 *
 * @param {Pick<User, "role"|"id">|null} user
 * @param {Pick<Camera, "source_type"|"owner_id">} camera
 */
export function mayControl(user, camera) {
  return camera.source_type === "upload" ? mayEditCamera(user, camera) : hasRole(user, "operator");
}

/** @param {Pick<User, "role">|null} user */
export function maySettleAlerts(user) {
  return hasRole(user, "operator");
}

/**
 * What is wrong with the system as a whole, in the words of the banner on every page.
 */

/**
 * @typedef {object} SystemStatus
 * @property {{reduced_accuracy: boolean, remedy: string, error: string}} [model]
 * @property {{failing_since: string|null, last_error: string, failed: number}} [notifications]
 * @property {{unwritten: number, is_running: boolean}} [alerts]
 */

/** @typedef {{tone: "caution"|"bad", title: string, text: string}} Ill */

/**
 * @param {SystemStatus} status
 * @returns {Ill[]} worst first
 */
export function systemIlls({ model, notifications, alerts }) {
  /** @type {Ill[]} */
  const ills = [];
  if (alerts && !alerts.is_running) ills.push({ tone: "bad", title: "No alerts are raised.", text: "Watch the pictures, and have CrowdSafe restarted." });
  else if (alerts?.unwritten) ills.push({ tone: "bad", title: "Alerts cannot be stored.", text: "The database does not take them. Watch the pictures until it does." });
  if (notifications?.failing_since) ills.push({ tone: "bad", title: "Notifications reach nobody.", text: notifications.last_error });
  if (model?.error) ills.push({ tone: "bad", title: "There is no detector.", text: model.error });
  if (model?.reduced_accuracy) ills.push({ tone: "caution", title: "Reduced accuracy.", text: model.remedy || "The numbers come from the fallback detector." });
  return ills;
}

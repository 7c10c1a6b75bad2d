/**
 * Says on the dashboard that what is seen is drawn, as long as there is no real camera.
 */
import { h, icon } from "../dom.js";
import { hasRole } from "../lib/permissions.js";
import { notice } from "./state.js";

/** @param {import("../types.js").PageUser} user */
export function simulatedNote(user) {
  const may = hasRole(user, "admin");
  return notice(
    "note",
    h(
      "div",
      { class: "row-line row-line--spread" },
      h(
        "div",
        { class: "grow" },
        h("strong", {}, "This is a simulated crowd. "),
        may ? "Nobody stands there: it shows what CrowdSafe does. Stop or delete it whenever you like." : "Nobody stands there: an administrator has to add the first camera.",
      ),
      may && h("a", { class: "button button--primary", href: "/cameras?add" }, icon("bi-plus-lg"), "Add your first camera"),
    ),
  );
}

/**
 * On phones: the pages that do not fit the bottom bar.
 */
import { h, icon } from "../dom.js";
import { openDialog } from "./dialog.js";

/** @param {() => void} logOut */
export function openMoreMenu(logOut) {
  const links = [...document.querySelectorAll(":is(.sidebar__later, .sidebar__rest) a.sidebar__link")].map((link) =>
    h("a", { class: "button button--wide", href: link.getAttribute("href") }, link.textContent?.trim() ?? ""),
  );
  openDialog({
    title: "More",
    body: [
      h(
        "div",
        { class: "stack stack--tight" },
        ...links,
        h("button", { class: "button button--wide", type: "button", on: { click: logOut } }, icon("bi-box-arrow-right"), "Log out"),
      ),
    ],
  });
}

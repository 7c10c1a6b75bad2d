/**
 * The picture shows another view than the one zones and lines were drawn in: somebody is to look.
 */
import { h, rebuild } from "../../dom.js";
import { notice } from "../state.js";

/**
 * @param {object} deps
 * @param {boolean} deps.mayConfirm
 * @param {boolean} deps.mayEdit
 * @param {() => Promise<void>} deps.confirm say that all of them fit what the camera shows
 */
export function mountDoubt({ mayConfirm, mayEdit, confirm }) {
  const root = h("div", { class: "stack stack--tight" });

  function button() {
    const made = h("button", { class: "button button--small", type: "button", on: { click: () => {
      made.disabled = true;
      void confirm().finally(() => {
        made.disabled = false;
      });
    } } }, "They still fit");
    return made;
  }

  return {
    root,
    /** @param {string} fault "" where nothing speaks against them */
    update(fault) {
      const advice = mayEdit ? "Until you save them as they should be, or say that they still fit, their numbers are marked as degraded. " : "Until somebody has looked at them, their numbers are marked as degraded. ";
      rebuild(root, fault, () => (fault ? [notice("caution", h("strong", {}, `${fault} `), advice, mayConfirm ? button() : "")] : []));
    },
  };
}

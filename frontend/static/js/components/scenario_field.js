/**
 * What a simulated camera shows: a scenario, and the number that makes one run differ from another.
 */
import { h, setText } from "../dom.js";
import { joinScenario, seedProblem, splitScenario } from "../lib/scenario.js";
import { field, select } from "./fields.js";
import { messageOf } from "./state.js";

/** @typedef {import("../types.js").Scenario} Scenario */

/**
 * @param {import("../api/client.js").Api} api
 * @param {string} source as stored, "" for a new camera
 */
export function scenarioField(api, source) {
  const before = splitScenario(source);
  const scenario = field({ name: "source", label: "Scenario", help: "Loading the scenarios …", input: select(before.name ? { [before.name]: before.name } : {}, before.name) });
  const seed = field({ name: "seed", label: "Seed", help: "Another number, another crowd; the same number, the same crowd.", attributes: { inputmode: "numeric", value: before.seed } });
  const root = h("div", { class: "form-grid", hidden: true }, scenario.root, seed.root);
  const helpLine = /** @type {HTMLElement} */ (scenario.root.querySelector(".field__help"));
  /** @type {Scenario[]} */
  let known = [];
  let isAsked = false;

  const describe = () => setText(helpLine, known.find(({ name }) => name === scenario.value)?.description ?? "");
  scenario.control.addEventListener("change", describe);

  async function load() {
    try {
      known = (await api.get("/api/cameras/scenarios")).items;
      const chosen = before.name || (known.some(({ name }) => name === "peak") ? "peak" : known[0]?.name);
      scenario.control.replaceChildren(...known.map(({ name, title }) => h("option", { value: name, selected: name === chosen }, title)));
      describe();
    } catch (error) {
      setText(helpLine, messageOf(error));
      isAsked = false;
    }
  }

  return {
    root,
    field: scenario,
    /** @param {boolean} isShown the scenarios are fetched when first shown */
    show(isShown) {
      root.hidden = !isShown;
      if (!isShown || isAsked) return;
      isAsked = true;
      void load();
    },
    get value() {
      return joinScenario(scenario.value, seed.value);
    },
    /** @returns {boolean} whether it can be sent; what is wrong is shown */
    check() {
      const problem = seedProblem(seed.value);
      seed.setError(problem);
      scenario.setError(scenario.value ? "" : "Choose a scenario.");
      return !problem && scenario.value !== "";
    },
  };
}

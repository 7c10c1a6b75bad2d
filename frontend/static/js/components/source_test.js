/**
 * "Does it open?": one picture with resolution and frame rate, or the reason why not.
 */
import { h } from "../dom.js";
import { formatNumber } from "../lib/format.js";
import { loadingState, messageOf, notice } from "./state.js";

const TEST_TIMEOUT_MS = 45_000;

/**
 * @param {HTMLElement} place
 * @param {() => Promise<import("../types.js").ProbeAnswer>} ask
 */
export async function showSourceTest(place, ask) {
  place.replaceChildren(loadingState("Opening the source … this can take some seconds."));
  try {
    const answer = await ask();
    if (!answer.ok) {
      place.replaceChildren(notice("bad", answer.message));
      return;
    }
    const facts = [
      answer.width && answer.height && `${answer.width} × ${answer.height} px`,
      answer.fps && `${formatNumber(answer.fps, 1)} frames/s`,
      answer.codec,
    ].filter(Boolean);
    place.replaceChildren(
      notice("good", `It opens: ${facts.join(", ")}. ${answer.message ?? ""}`),
      answer.picture ? h("img", { class: "evidence", src: answer.picture, alt: "Picture from this source" }) : "",
    );
  } catch (error) {
    place.replaceChildren(notice("bad", messageOf(error)));
  }
  place.scrollIntoView({ block: "nearest" });
}

/**
 * @param {import("../api/client.js").Api} api
 * @param {number} cameraId
 */
export function testStoredSource(api, cameraId) {
  return api.post(`/api/cameras/${cameraId}/test`, {}, { timeoutMs: TEST_TIMEOUT_MS });
}

/**
 * @param {import("../api/client.js").Api} api
 * @param {{source_type: string, source: string}} source
 */
export function testNewSource(api, source) {
  return api.post("/api/cameras/test", source, { timeoutMs: TEST_TIMEOUT_MS });
}

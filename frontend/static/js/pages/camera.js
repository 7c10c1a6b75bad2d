/**
 * One camera: the live picture, what it measures and why, its history, its recordings.
 */
import { mountRisk, mountTrust, simulatedTag, stateTag } from "../components/badges.js";
import { mountCommands } from "../components/camera_commands.js";
import { mountCauses } from "../components/causes.js";
import { mountJobProgress } from "../components/job_progress.js";
import { mountLiveChart } from "../components/live_chart.js";
import { mountNumbers, mountTechnical } from "../components/numbers.js";
import { mountPlacesCard } from "../components/places/places_card.js";
import { mountRecordings } from "../components/recordings_list.js";
import { mountAccuracy } from "../components/spot_count/panel.js";
import { errorState, loadingState, notice } from "../components/state.js";
import { mountStream, overlaySwitches, storedOverlays } from "../components/stream_view.js";
import { openUpload } from "../components/upload_dialog.js";
import { h, icon, rebuild } from "../dom.js";
import { hasPicture, isActive, isRecorded, isSimulated, stateView } from "../lib/camera.js";
import { formatAge, formatDateTime } from "../lib/format.js";
import { loadHistory } from "../lib/history.js";
import { pictureUrl } from "../lib/overlays.js";
import { mayEditCamera } from "../lib/permissions.js";
import { pointOf, Series } from "../lib/series.js";
import { openCameraStore } from "../realtime/cameras.js";
import { panel, startPage } from "../shell.js";

/** @typedef {import("../types.js").Camera} Camera */

const LIVE_WINDOW_MS = 15 * 60_000;
const MAX_POINTS = 3600;

/** @param {Camera} camera @param {boolean} mayManage @param {string} misplaced why zones and lines may lie on other ground */
function warnings({ id, source_type, status, job, calibration, detection_model }, mayManage, misplaced) {
  const fault = status.calibration_fault;
  const link = mayManage ? h("a", { href: `/cameras/${id}/calibration` }, fault ? "Calibrate again" : "Calibrate") : "";
  return [
    source_type === "simulated" && notice("note", h("strong", {}, "This is a simulated crowd. "), "Nobody stands there. Its alerts are marked SIMULATED and never sent out; its ground is known by construction, there is nothing to calibrate."),
    detection_model && status.model?.remedy && notice("caution", h("strong", {}, "Another model is in use. "), status.model.remedy),
    status.status === "reconnecting" && notice("caution", h("strong", {}, "Reconnecting. "), status.message),
    status.status === "failed" && notice("bad", h("strong", {}, "Failed. "), status.message),
    status.status === "live" && status.message && status.message !== fault && notice("caution", status.message),
    job?.state === "failed" && notice("bad", h("strong", {}, "The analysis failed. "), job.error),
    fault && notice("caution", h("strong", {}, "The calibration is not used. "), `${fault} `, link),
    misplaced && notice("caution", h("strong", {}, "Zones and lines are in doubt. "), `${misplaced} `, h("a", { href: `/cameras/${id}/places` }, "Look at them")),
    !calibration && !fault && notice("note", h("strong", {}, "Not calibrated: "), "densities and speeds in metres are not available. ", link),
  ];
}

startPage(async ({ root, actions, params, user, api, socket, signal }) => {
  root.replaceChildren(loadingState());
  const id = Number(params.camera_id);
  const store = openCameraStore({ api, socket, signal });
  socket.subscribe([id]);
  /** @type {Camera} */
  let first;
  try {
    first = await api.get(`/api/cameras/${id}`, { signal });
  } catch (error) {
    root.replaceChildren(errorState(error, () => location.reload()));
    return;
  }
  const recorded = isRecorded(first);
  const axis = recorded ? "stream" : "wall";
  const overlays = storedOverlays();
  const stream = mountStream({ api, cameraId: id, alt: `Live picture from ${first.name}`, overlays, signal });
  const commands = mountCommands({ api, user, onChanged: (camera) => store.put(camera) });
  const risk = mountRisk({ large: true });
  const trust = mountTrust({ withReason: true });
  const numbers = mountNumbers(trust.root);
  const causes = mountCauses();
  const technical = mountTechnical();
  const job = recorded ? mountJobProgress() : null;
  const chart = mountLiveChart({ axis, label: `Count, density and score of ${first.name} over time` });
  const series = new Series({ maxPoints: MAX_POINTS, windowMs: recorded ? Infinity : LIVE_WINDOW_MS });
  const recordings = mountRecordings({ api, user, signal, cameraId: () => id, nameOf: () => first.name, perPage: 8, withCamera: false });
  const warningPlace = h("div", { class: "stack stack--tight" });
  const tag = h("div");
  const age = h("span", { class: "hint" });
  let stillShown = false;
  let drawnFault = ""; // as stored; a camera that is off says nothing of its view
  const accuracy = recorded ? null : mountAccuracy({ api, user, camera: first, signal });
  const mayManage = mayEditCamera(user, first);
  const places = mountPlacesCard({ cameraId: id, mayEdit: mayManage, reload: () => void loadPlaces() });

  actions.append(...(isSimulated(first) ? [simulatedTag()] : []), tag, commands.root);
  if (mayManage && !isSimulated(first)) actions.append(h("a", { class: "button", href: `/cameras/${id}/calibration` }, icon("bi-rulers"), "Calibrate"));
  if (recorded && mayManage) {
    actions.append(h("button", { class: "button", type: "button", on: { click: () => openUpload(api, first, (camera) => store.put(camera)) } }, icon("bi-cloud-arrow-up"), "Upload a video"));
  }
  root.replaceChildren(
    h(
      "div",
      { class: "stack" },
      warningPlace,
      h(
        "div",
        { class: "split split--wide-side" },
        h(
          "div",
          { class: "stack split__first" },
          h("section", { class: "panel", "aria-label": "Picture" }, stream.root, h("div", { class: "panel__body" }, overlaySwitches(overlays, (names) => stream.setOverlays(names)))),
          job && panel("Analysis", [job.root]),
        ),
        h(
          "div",
          { class: "stack split__rest" },
          panel("Zones and lines", [places.root], { actions: places.link }),
          panel(recorded ? "Over the recording" : "The last 15 minutes", [chart.root]),
          accuracy && panel("Accuracy here", [accuracy.root]),
          panel("Recordings", [recordings.root], { flush: true }),
        ),
        h(
          "div",
          { class: "split__side" },
          panel("Now", [h("div", { class: "stack" }, risk.root, numbers.root, age)], { actions: accuracy?.button }),
          panel("Why this level", [causes.root]),
          panel("Camera", [technical.root]),
        ),
      ),
    ),
  );

  async function loadPlaces() {
    await api.get(`/api/cameras/${id}/places`, { signal }).then(
      (stored) => {
        drawnFault = stored.fault;
        places.setPlaces(stored);
      },
      (error) => places.fail(error, () => void loadPlaces()),
    );
    update();
  }

  async function showStill() {
    if (stillShown) return;
    stillShown = true;
    const url = pictureUrl(id, "snapshot", { overlays, width: 960 });
    await api.picture(url, { signal }).then(({ blob }) => stream.showStill(blob), () => undefined);
  }

  function update() {
    const camera = store.get(id);
    if (!camera) return;
    const metrics = store.believed(camera);
    const active = isActive(camera) || (recorded && camera.job?.state === "paused");
    const misplaced = active ? camera.status.places_fault : drawnFault;
    rebuild(warningPlace, JSON.stringify([misplaced, camera.status.status, camera.status.message, camera.status.calibration_fault, camera.job?.state, camera.calibration?.version, camera.status.model?.remedy]), () => warnings(camera, mayManage, misplaced));
    rebuild(tag, stateView(camera).word, () => [stateTag(camera)]);
    commands.update(camera);
    job?.update(camera);
    risk.update(metrics);
    trust.update(metrics);
    numbers.update(camera, metrics);
    causes.update(metrics);
    places.update(metrics, store.whyPlacesAreOld(camera));
    technical.update(camera);
    const seconds = store.ageS(id);
    age.textContent = !metrics ? "" : recorded ? `Recording time ${formatDateTime(metrics.time)}` : `Measured ${formatAge(seconds)} ago`;
    stream.setWanted(active, recorded ? "Start the analysis to see the picture" : "The camera is off");
    if (!active && hasPicture(camera)) void showStill();
    if (active) stillShown = false;
  }

  let charted = 0;
  /** @type {number|null} */
  let basis = null;
  store.onCamera((camera, what) => {
    if (camera.id !== id) return;
    if (what === "metrics" && camera.current) {
      const version = camera.current.calibration_version;
      if (version !== basis && version !== (camera.calibration?.version ?? null)) void store.load().catch(() => undefined); // calibrated elsewhere
      basis = version;
      series.push(pointOf(camera.current, axis));
      if (performance.now() - charted > 900) {
        charted = performance.now();
        chart.update(series.points);
      }
    }
    if (what === "job" && camera.job?.state === "finished") void recordings.reload();
    update();
  });
  store.onList(update);
  store.put(first);
  const ticking = setInterval(update, 1000);
  signal.addEventListener("abort", () => clearInterval(ticking));
  update();
  void recordings.show(1);
  void loadPlaces();
  const history = await loadHistory(api, first, { windowMs: LIVE_WINDOW_MS, maxPoints: MAX_POINTS, signal });
  series.prepend(history.map((item) => pointOf(item, axis)));
  chart.update(series.points);
});

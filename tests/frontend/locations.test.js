import assert from "node:assert/strict";
import test from "node:test";
import { draftOf, areaOf, bodyOf, keptOverlaps, kindOf, overlapChoices, overlapProblem, placeErrors, withArea } from "../../frontend/static/js/lib/location_draft.js";
import { chartStart, loneMinutes, minuteLine, minutesOf, statsFigures } from "../../frontend/static/js/lib/location_stats.js";
import { ageText, compareLocations, countSentence, densityView, levelNews, locationCount, occupancyView, spanText, timeToFull, trendText, whyUsed } from "../../frontend/static/js/lib/location_words.js";
import { openLocationStore } from "../../frontend/static/js/realtime/locations.js";

const NO_TIME = { inflow_per_s: null, inflow_low: null, inflow_high: null, seconds: null, low_s: null, high_s: null };
const numbers = (rest = {}) => ({
  location_id: 1,
  location_name: "Main hall",
  current_count: 142,
  count_low: 120,
  count_high: 155,
  source: "CAMERA",
  trust: "ok",
  trust_reason: "",
  capacity_limit: 200,
  occupancy_percentage: 71,
  density_level: "HIGH",
  risk_level: "SAFE",
  time_to_limit: NO_TIME,
  parts: [],
  shares: [],
  last_updated: "2026-11-22T12:00:10Z",
  last_measured_at: "2026-11-22T12:00:08Z",
  ...rest,
});
const full = (rest) => timeToFull(numbers({ time_to_limit: { ...NO_TIME, inflow_per_s: 0.1, ...rest } }));

test("a count stands with its interval and where it is from", () => {
  assert.equal(countSentence(numbers()), "142 (120–155), from cameras");
  assert.deepEqual(locationCount(numbers({ source: "MANUAL", count_low: 142, count_high: 142 })), { figure: "142", note: "people, entered by a person" });
  assert.deepEqual(locationCount(numbers({ count_high: null })), { figure: "≥ 120", note: "people, at least, from cameras" });
});

test("no number is not nobody", () => {
  assert.deepEqual(locationCount(numbers({ current_count: null, count_low: null, count_high: null, source: null })), { figure: "–", note: "no number yet" });
  assert.equal(countSentence(null), "no number yet");
  assert.deepEqual(occupancyView(numbers({ occupancy_percentage: null })), { share: null, text: "– of 200 people", isOver: false });
  assert.equal(occupancyView(numbers({ capacity_limit: null }), 80).text, "no capacity set");
  assert.equal(occupancyView(null, 80).text, "– of 80 people");
});

test("a hundred per cent is said of what is full, and the bar ends there", () => {
  assert.deepEqual(occupancyView(numbers({ occupancy_percentage: 99.7 })), { share: 0.997, text: "99 % of 200 people", isOver: false });
  assert.deepEqual(occupancyView(numbers({ occupancy_percentage: 131.2 })), { share: 1, text: "131 % of 200 people", isOver: true });
});

test("every density level has a word and a shape of its own", () => {
  const views = ["LOW", "MEDIUM", "HIGH", "CRITICAL", null].map(densityView);
  assert.equal(new Set(views.map(({ word }) => word)).size, 5);
  assert.equal(new Set(views.map(({ icon }) => icon)).size, 5);
});

test("the time to full is an interval, or says that it may never come", () => {
  assert.equal(full({ seconds: 900, low_s: 720, high_s: 1200 }), "full in 12–20 min");
  assert.equal(full({ seconds: 900, low_s: 720, high_s: null }), "full in about 15 min (12 min at the soonest, perhaps never)");
  assert.equal(full({ seconds: null, low_s: 720, high_s: null }), "full in 12 min at the soonest, perhaps never");
  assert.equal(full({ seconds: 0, low_s: 0, high_s: 0 }), "full now");
  assert.equal(full({ inflow_per_s: -0.1 }), "not filling");
  assert.equal(full({ inflow_per_s: null }), "");
  assert.equal(full({ seconds: 200_000, low_s: 190_000, high_s: null }), "not full within a day");
  assert.equal(timeToFull(numbers({ trust: "unknown", time_to_limit: { ...NO_TIME, seconds: 60, low_s: 50, high_s: 70 } })), "");
  assert.deepEqual([spanText(40, 58), spanText(50, 130), spanText(3000, 7500), spanText(600, 610)], ["40–58 s", "50 s to 2 min", "50 min to 2 h 5 min", "10 min"]);
});

test("how fast it fills is told per minute, with its sign", () => {
  assert.equal(trendText({ ...NO_TIME, inflow_per_s: 0.2, inflow_low: 0.15, inflow_high: 0.25 }), "+12 people/min (+9.0 to +15)");
  assert.match(trendText({ ...NO_TIME, inflow_per_s: 0.01, inflow_low: -0.05, inflow_high: 0.07 }), /^about steady/);
  assert.match(trendText({ ...NO_TIME, inflow_per_s: -0.2, inflow_low: -0.3, inflow_high: -0.1 }), /^−12 people\/min/);
  assert.equal(trendText(NO_TIME), "not known yet");
});

test("an old number says since when it was known", () => {
  assert.equal(ageText(numbers(), 3), "measured 3 s ago");
  assert.equal(ageText(numbers(), 0.4), "measured just now");
  assert.equal(ageText(numbers({ source: "MANUAL" }), 720), "entered 12 min ago");
  assert.equal(ageText(numbers({ source: "MANUAL", trust: "unknown" }), 7200), "last known 2 h ago");
  assert.equal(ageText(numbers({ current_count: null }), null), "");
});

test("it is said why a number is used or not", () => {
  const part = { source: "LINE", count: 5, trust: "degraded", trust_reason: "It may have drifted.", is_used: false };
  assert.equal(whyUsed({ ...part, is_used: true }, part), "This is the number shown. It may have drifted.");
  assert.match(whyUsed({ ...part, trust: "unknown", trust_reason: "A line is not seen." }, part), /^Not used: A line is not seen/);
  assert.match(whyUsed(part, { ...part, count: 9 }), /another number is at least as large/);
  assert.match(whyUsed(part, { ...part, count: 3 }), /the cameras see everybody/);
});

test("the most dangerous comes first, then the fullest, then by name", () => {
  const place = (id, name, rest) => ({ id, name, numbers: rest && numbers(rest) });
  const list = [place(1, "B", { occupancy_percentage: 40.2 }), place(2, "A", { occupancy_percentage: 40.9 }), place(3, "C", { risk_level: "WARNING", occupancy_percentage: 10 }), place(4, "D", { occupancy_percentage: 90 }), place(5, "E", null)];
  assert.deepEqual(list.sort(compareLocations).map(({ id }) => id), [3, 4, 2, 1, 5]);
});

test("a change of level is news, the same level is none", () => {
  assert.equal(levelNews(numbers(), numbers({ current_count: 150 })), "");
  assert.equal(levelNews(null, numbers()), "");
  assert.equal(levelNews(numbers(), numbers({ density_level: "CRITICAL", risk_level: "WARNING" })), "Main hall: risk Warning, density level CRITICAL, 142 (120–155), from cameras.");
  assert.match(levelNews(numbers(), numbers({ trust: "unknown" })), /not known now/);
});

const location = (rest = {}) => ({
  id: 1, name: "Hall", description: "", capacity: 50, cameras_see_all: false, entry_valid_s: 600, position: { floor_plan_id: null, x: 9.99, y: 53.55 },
  areas: [{ camera_id: 3, zone_id: null }, { camera_id: 4, zone_id: 7 }], lines: [{ camera_id: 4, line_id: 2, is_reversed: true }],
  overlaps: [[{ camera_id: 3, zone_id: null }, { camera_id: 4, zone_id: 7 }]], ...rest,
});
const SIGHTS = [
  { id: 3, name: "Gate", source_type: "rtsp", zones: [{ id: 5, name: "Floor" }] },
  { id: 4, name: "Roof", source_type: "rtsp", zones: [{ id: 7, name: "Yard" }, { id: 8, name: "Lane" }] },
];

test("what is opened and saved again is the same", () => {
  const { body, problems } = bodyOf(draftOf(location()), { withPosition: true });
  const { id, ...rest } = location();
  assert.equal(id, 1);
  assert.deepEqual(body, rest);
  assert.deepEqual(problems, {});
});

test("a position on a floor plan is left to the map page", () => {
  const draft = draftOf(location({ position: { floor_plan_id: 2, x: 0.5, y: 0.5 } }));
  assert.equal(draft.latitude, "");
  assert.equal("position" in bodyOf(draft, { withPosition: false }).body, false);
});

test("what cannot be read is said at its field", () => {
  const typed = { ...draftOf(null), name: " ", capacity: "1,000", minutes: "0", latitude: "91", longitude: "" };
  assert.deepEqual(Object.keys(bodyOf(typed, { withPosition: true }).problems).sort(), ["capacity", "entry_valid_s", "latitude", "longitude", "name"]);
});

test("the whole picture and zones of one camera exclude each other", () => {
  const zones = withArea(withArea(new Set(["4:0"]), "3:5", true), "3:6", true);
  assert.deepEqual([...zones], ["4:0", "3:5", "3:6"]);
  assert.deepEqual([...withArea(zones, "3:0", true)], ["4:0", "3:0"]);
  assert.deepEqual([...withArea(new Set(["3:0"]), "3:5", true)], ["3:5"]);
  assert.deepEqual([...withArea(zones, "3:5", false)], ["4:0", "3:6"]);
  assert.deepEqual(areaOf("3:0"), { camera_id: 3, zone_id: null });
});

test("the same ground may be seen by areas of it and by zones of its pictures", () => {
  const draft = draftOf(location());
  const choices = overlapChoices(draft, SIGHTS);
  assert.deepEqual(choices.map(({ key }) => key), ["3:0", "3:5", "4:7"]);
  assert.deepEqual(keptOverlaps([["3:5", "4:8"], ["3:0", "4:7"]], choices), [["3:5"], ["3:0", "4:7"]]);
  assert.match(overlapProblem(["3:5"]), /at least two/);
  assert.match(overlapProblem(["4:7", "4:8"]), /one camera/);
  assert.equal(overlapProblem(["3:0", "4:7"]), "");
});

test("the first camera chosen says whether people are real or drawn", () => {
  const sights = [{ ...SIGHTS[0], source_type: "simulated" }, SIGHTS[1]];
  assert.equal(kindOf({ ...draftOf(null), areas: new Set(["3:0"]) }, sights), "simulated");
  assert.equal(kindOf({ ...draftOf(null), lines: new Map([["4:2", "in"]]) }, sights), "real");
  assert.equal(kindOf(draftOf(null), sights), null);
});

test("the server's objections stand where they belong", () => {
  const placed = placeErrors(
    [
      { pointer: "/areas/1/zone_id", detail: "No such zone." },
      { pointer: "/lines/0", detail: "No such line." },
      { pointer: "/overlaps/0/1", detail: "Not an area." },
      { pointer: "/position/y", detail: "Too far north." },
      { pointer: "/name", detail: "Taken." },
      { pointer: "/areas", detail: "Too many." },
    ],
    draftOf(location()),
  );
  assert.deepEqual([...placed.cameras], [[4, "No such zone."]]);
  assert.deepEqual([...placed.overlaps], [[0, "Not an area."]]);
  assert.deepEqual(placed.fields, { latitude: "Too far north.", name: "Taken.", areas: "Too many." });
});

test("minutes that are not known break the line", () => {
  const minutes = minutesOf([["2026-11-22T12:03:00Z", 5, 4, 6], ["2026-11-22T12:00:00Z", 1, 0, 2], ["2026-11-22T12:01:00Z", 2, 1, 3]]);
  const start = Date.parse("2026-11-22T12:00:00Z");
  assert.deepEqual(minuteLine(minutes, ({ mean }) => mean), [[start, 1], [start + 60_000, 2], [start + 60_001, null], [start + 180_000, 5]]);
});

test("a minute alone is a dot, and the chart begins with what is known", () => {
  const stats = { since: "2026-11-21T12:00:00Z", until: "2026-11-22T12:00:00Z" };
  const minutes = minutesOf([["2026-11-22T09:00:00Z", 1, 0, 2], ["2026-11-22T09:30:00Z", 2, 1, 3], ["2026-11-22T09:31:00Z", 2, 1, 3]]);
  assert.deepEqual(loneMinutes(minutes), [minutes[0]]);
  assert.equal(chartStart(minutes, stats), minutes[0].at);
  assert.equal(chartStart([{ ...minutes[0], at: Date.parse("2026-11-22T11:58:00Z") }], stats), Date.parse("2026-11-22T11:00:00Z"));
  assert.equal(chartStart([{ ...minutes[0], at: 0 }], stats), Date.parse(stats.since));
});

test("the figures of a day without numbers are none, not nobody", () => {
  const empty = { since: "2026-11-21T12:00:00Z", until: "2026-11-22T12:00:00Z", time_zone: "Europe/Berlin", known_seconds: 0, count_min: null, count_mean: null, count_max: null, peak_hour: null, minutes: [] };
  assert.deepEqual(statsFigures(empty).map(({ text }) => text), ["–", "–", "–", "–", "0 s"]);
  const some = { ...empty, known_seconds: 43_200, count_min: 0, count_mean: 10.4, count_max: 30, peak_hour: { start: "2026-11-22T08:00:00Z", count_mean: 20, count_max: 30 } };
  const figures = statsFigures(some, { locale: "en-GB" });
  assert.deepEqual(figures.map(({ text }) => text), ["0", "10", "30", "from 09:00", "12 h"]);
  assert.equal(figures[3].note, "20 on average, at most 30");
});

/** A store whose server, socket and clock the test drives. */
function openStore(t, answer) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  globalThis.document = { visibilityState: "visible" };
  const handlers = new Map();
  const asked = [];
  const socket = { on: (name, handler) => (handlers.set(name, handler), () => undefined), subscribeLocations: (wanted) => asked.push(wanted) };
  const ending = new AbortController();
  t.after(() => {
    ending.abort();
    delete globalThis.document;
  });
  let loads = 0;
  const api = { get: async () => ((loads += 1), { items: [{ ...location(), numbers: answer() }] }) };
  const store = openLocationStore({ api, socket, signal: ending.signal });
  return { store, asked, hear: (body) => handlers.get("crowd_update")(body), pass: (ms) => (nowMs += ms), loads: () => loads };
}

test("numbers grow old, and are not believed once nothing new is heard", async (t) => {
  const { store, asked, hear, pass } = openStore(t, () => numbers());
  await store.load();
  assert.deepEqual(asked, ["all"]);
  pass(3000);
  assert.equal(store.ageS(1), 5);
  hear(numbers({ current_count: 150, last_updated: "2026-11-22T12:00:13Z", last_measured_at: "2026-11-22T12:00:13Z" }));
  assert.deepEqual([store.get(1).numbers.current_count, store.ageS(1)], [150, 0]);
  pass(10_500);
  const old = store.believed(store.get(1));
  assert.deepEqual([old.trust, old.current_count, old.trust_reason], ["unknown", 150, "No fresh numbers of this location."]);
});

test("what old numbers were made of is believed no longer either", async (t) => {
  const share = { camera_id: 1, zone_id: null, count: 150, counted: 150, trust: "ok", trust_reason: "", risk_level: "WARNING", peak_density_per_m2: 3.1 };
  const part = { source: "CAMERA", count: 150, count_low: 150, count_high: 150, trust: "saturated", trust_reason: "Dense.", is_used: true, at: null };
  const { store, pass } = openStore(t, () => numbers({ shares: [share], parts: [part], peak_density_per_m2: 3.1 }));
  await store.load();
  assert.equal(store.believed(store.get(1)).shares[0], share);
  pass(10_500);
  const { shares, parts, density_level, peak_density_per_m2 } = store.believed(store.get(1));
  assert.deepEqual([shares[0].trust, shares[0].risk_level, shares[0].peak_density_per_m2], ["unknown", null, null]);
  assert.deepEqual([parts[0].trust, parts[0].trust_reason], ["unknown", "No fresh numbers of this location."]);
  assert.deepEqual([density_level, peak_density_per_m2], [null, null]);
});

test("an answer that was under way for long does not bring old numbers back", async (t) => {
  const { store, hear } = openStore(t, () => numbers());
  await store.load();
  hear(numbers({ current_count: 150, last_updated: "2026-11-22T12:00:13Z" }));
  await store.load();
  assert.equal(store.get(1).numbers.current_count, 150);
});

test("the same numbers asked for again do not become younger", async (t) => {
  const { store, pass, loads } = openStore(t, () => numbers());
  await store.load();
  for (let round = 0; round < 3; round += 1) {
    pass(4001);
    t.mock.timers.tick(4000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(loads(), 4);
  assert.equal(store.believed(store.get(1)).trust, "unknown");
});

import assert from "node:assert/strict";
import test from "node:test";
import { heatColour, heatOpacity, STOPS, tickText, TICKS_PER_M2 } from "../../frontend/static/js/lib/heat_scale.js";
import { groundBack, outlineChange, outlineProblem, outlineTargets } from "../../frontend/static/js/lib/map_edits.js";
import { formatMetres, frameOf, gridLines, gridStep, isInside, latLngOf, pointOf } from "../../frontend/static/js/lib/map_frame.js";
import { firstMap, heatAreas, mapOf, pinView, shortCount } from "../../frontend/static/js/lib/map_words.js";

const HALL = { id: 3, width_px: 1800, height_px: 1200, width_m: 90 };
const SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]];
const numbers = {
  location_name: "Main square", current_count: 246, count_low: 230, count_high: 262, source: "CAMERA", trust: "ok", trust_reason: "",
  capacity_limit: 300, occupancy_percentage: 82, density_level: "HIGH", risk_level: "WARNING", peak_density_per_m2: 3.4,
  shares: [{ camera_id: 1, zone_id: 7, trust: "ok", peak_density_per_m2: 3.4 }, { camera_id: 2, zone_id: null, trust: "ok", peak_density_per_m2: null }],
};
const location = {
  id: 5, name: "Main square", version: 4, position: { floor_plan_id: 3, x: 0.5, y: 0.25 }, outline: SQUARE, numbers,
  areas: [{ camera_id: 1, camera_name: "Gate", zone_id: 7, zone_name: "Front", map_outline: [] }, { camera_id: 2, camera_name: "Mast", zone_id: null, zone_name: null, map_outline: [] }],
};

test("a plan is as wide as in reality, its upper left corner is the origin", () => {
  const frame = frameOf(HALL);
  assert.deepEqual(frame, { planId: 3, width: 90, height: 60, isMetric: true });
  assert.deepEqual(latLngOf(frame, [0.5, 0.25]), [-15, 45]);
  assert.deepEqual(pointOf(frame, { lat: -15, lng: 45 }), [0.5, 0.25]);
  assert.deepEqual(pointOf(frame, { lat: 3, lng: 91 }), [1, 0]);
  assert.equal(isInside(frame, { lat: -60, lng: 90 }), true);
  assert.equal(isInside(frame, { lat: 0.1, lng: 45 }), false);
  assert.deepEqual(frameOf({ ...HALL, width_m: null }), { planId: 3, width: 1800, height: 1200, isMetric: false });
});

test("on the earth x is the longitude, within one turn", () => {
  const earth = frameOf(null);
  assert.deepEqual(latLngOf(earth, [9.99, 53.55]), [53.55, 9.99]);
  assert.deepEqual(pointOf(earth, { lat: 53.55, lng: 369.99 }), [9.99, 53.55]);
  assert.deepEqual(pointOf(earth, { lat: 91, lng: -181 }), [179, 90]);
  assert.equal(isInside(earth, { lat: 0, lng: 500 }), true);
});

test("a grid has squares of 1, 2 or 5 times a power of ten, as wide as they are high", () => {
  assert.deepEqual([0.7, 1, 13, 51, 999, 1e6].map(gridStep), [1, 1, 20, 100, 1000, 1e6]);
  assert.deepEqual([0.5, 20, 5000].map(formatMetres), ["0.5 m", "20 m", "5 km"]);
  const { latitudes, longitudes } = gridLines({ south: 59.99, west: 10, north: 60.01, east: 10.02 }, 500);
  const [high, wide] = [latitudes[1] - latitudes[0], longitudes[1] - longitudes[0]];
  assert.ok(Math.abs(high - 500 / 111_319.49) < 1e-12);
  assert.ok(Math.abs(wide / high - 2) < 0.01); // a degree of longitude is half as long at 60°
  assert.ok(gridLines({ south: -90, west: -1e6, north: 90, east: 1e6 }, 1).longitudes.length <= 80);
});

test("a pin says how full it is by shape, text and name", () => {
  assert.deepEqual(pinView("Main square", numbers), { key: "warning", shape: "triangle", text: "82 %", note: "", label: "Main square: 82 % of 300, HIGH, risk WARNING" });
  assert.deepEqual(["SAFE", "CAUTION", "CRITICAL"].map((risk_level) => pinView("A", { ...numbers, risk_level }).shape), ["disc", "diamond", "octagon"]);
  assert.equal(pinView("A", { ...numbers, occupancy_percentage: 99.7 }).text, "99 %");
  const free = { ...numbers, capacity_limit: null, occupancy_percentage: null, density_level: null, current_count: 1260 };
  assert.deepEqual([pinView("A", free).text, pinView("A", free).label], ["1.3k", "A: 1,260 people, risk WARNING"]);
  const least = pinView("A", { ...free, count_high: null, count_low: 400 });
  assert.deepEqual([least.text, least.label], ["≥400", "A: at least 400 people, risk WARNING"]);
  assert.deepEqual([7, 999, 1000, 9949, 9950, 123456].map(shortCount), ["7", "999", "1.0k", "9.9k", "10k", "123k"]);
});

test("what is not known is a question mark, never nobody, and a held level is named", () => {
  const held = pinView("A", { ...numbers, trust: "unknown" });
  assert.deepEqual([held.key, held.shape, held.text, held.note], ["unknown", "square", "?", "Unknown, held at Warning"]);
  assert.equal(held.label, "A: number of people not known, risk held at WARNING");
  assert.deepEqual([pinView("A", null).text, pinView("A", null).label], ["?", "A: number of people not known, no data"]);
  assert.equal(pinView("A", { ...numbers, current_count: null }).text, "?");
  assert.equal(pinView("A", { ...numbers, current_count: 0, occupancy_percentage: 0 }).text, "0 %");
});

test("ground is filled by its peak density, hatched when that is old, empty when nothing measures it", () => {
  const [ground] = heatAreas(location, numbers);
  assert.deepEqual([ground.state, ground.perM2, ground.text], ["measured", 3.4, "3.40 people/m²"]);
  assert.equal(heatAreas(location, { ...numbers, trust: "unknown" })[0].state, "unknown");
  assert.equal(heatAreas(location, null)[0].state, "unknown");
  const uncalibrated = { ...numbers, peak_density_per_m2: null };
  assert.deepEqual(heatAreas({ ...location, numbers: uncalibrated }, uncalibrated).map(({ state, text }) => [state, text]), [["unmeasured", ""]]);
  const blind = { ...uncalibrated, shares: numbers.shares.map((share) => ({ ...share, trust: "unknown" })) };
  assert.equal(heatAreas({ ...location, numbers: blind }, blind)[0].state, "unknown");
  assert.deepEqual(heatAreas({ ...location, outline: [] }, numbers), []);
});

test("where areas are drawn they carry the heat, each its own", () => {
  const drawn = { ...location, areas: location.areas.map((area) => ({ ...area, map_outline: SQUARE })) };
  const states = (list) => list.map(({ key, state }) => [key, state]);
  assert.deepEqual(states(heatAreas(drawn, numbers)), [["5", "unmeasured"], ["5:1:7", "measured"], ["5:2:0", "unmeasured"]]);
  const saturated = { ...numbers, shares: [{ ...numbers.shares[0], trust: "saturated" }, { ...numbers.shares[1], trust: "unknown" }] };
  const shown = heatAreas({ ...drawn, numbers: saturated }, saturated);
  assert.equal(shown[1].text, "≥ 3.40 people/m²");
  assert.equal(shown[2].state, "unknown");
  assert.equal(heatAreas({ ...drawn, numbers: { ...numbers, shares: [] } }, { ...numbers, shares: [] })[1].state, "unknown");
});

test("colours run from 0 to 6 people/m² whatever is shown, and stay there", () => {
  assert.equal(heatColour(0), STOPS[0]);
  assert.equal(heatColour(6), STOPS.at(-1));
  assert.equal(heatColour(40), STOPS.at(-1));
  assert.equal(heatColour(6 / 17), STOPS[1]);
  assert.notEqual(heatColour(2), heatColour(4));
  assert.ok(heatOpacity(0) > 0.1); // measured and empty is not the same as not measured
  assert.ok(heatOpacity(6) > heatOpacity(1));
  assert.deepEqual(TICKS_PER_M2.map(tickText), ["0", "2", "4", "≥ 6"]);
});

test("the first map is the one asked for, else the fullest, else a plan", () => {
  const on = (floor_plan_id) => ({ position: { floor_plan_id, x: 0, y: 0 } });
  const plans = [{ id: 3 }, { id: 4 }];
  assert.equal(mapOf({ position: null }), null);
  assert.equal(firstMap("4", [on(3)], plans), "4");
  assert.equal(firstMap("9", [on(4), on(4), on(3)], plans), "4");
  assert.equal(firstMap(null, [on(null), on(null), on(3)], plans), "earth");
  assert.equal(firstMap(null, [{ position: null }], plans), "3");
  assert.equal(firstMap(null, [], []), "earth");
});

test("outlines are of the location or of one of its areas, and nothing else changes", () => {
  assert.deepEqual(outlineTargets(location).map(({ key, word, isDrawn }) => [key, word, isDrawn]), [
    ["location", "The location as a whole", true], ["1:7", "Front on Gate", false], ["2:0", "What Mast sees", false],
  ]);
  assert.deepEqual(outlineChange(location, "location", SQUARE), { outline: SQUARE });
  assert.deepEqual(outlineChange(location, "2:0", SQUARE), { areas: [{ camera_id: 1, zone_id: 7, map_outline: [] }, { camera_id: 2, zone_id: null, map_outline: SQUARE }] });
});

test("taking a change back restores outlines, and leaves the choice of areas alone", () => {
  const [front, mast] = location.areas;
  const place = { position: location.position, outline: SQUARE };
  assert.deepEqual(groundBack(location, { ...location, position: { ...location.position, x: 0.9 } }), place);
  const drawn = { ...location, areas: [{ ...front, map_outline: SQUARE }, mast] };
  assert.deepEqual(groundBack(location, drawn).areas, [{ camera_id: 1, zone_id: 7, map_outline: [] }, { camera_id: 2, zone_id: null, map_outline: [] }]);
  const another = { ...front, zone_id: 8, map_outline: [] };
  assert.deepEqual(groundBack(drawn, { ...location, areas: [front, another] }).areas, [{ camera_id: 1, zone_id: 7, map_outline: SQUARE }, { camera_id: 1, zone_id: 8, map_outline: [] }]);
  assert.equal(groundBack(drawn, { ...location, areas: [mast] }).areas, undefined);
});

test("an outline encloses ground and does not cross itself, however small", () => {
  assert.equal(outlineProblem(SQUARE), "");
  assert.equal(outlineProblem(SQUARE.map(([x, y]) => [9.99 + x / 1e4, 53.55 + y / 1e4])), "");
  assert.match(outlineProblem(SQUARE.slice(0, 2)), /three corners/);
  assert.match(outlineProblem([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]), /crosses itself/);
  assert.match(outlineProblem([[0, 0], [1, 0], [0.5, 0]]), /one line/);
  assert.match(outlineProblem([[0, 0], [1, 1], [0.5, 0.5]]), /one line/);
});

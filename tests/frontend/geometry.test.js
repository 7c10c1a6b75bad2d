import assert from "node:assert/strict";
import test from "node:test";
import { gridLines, gridStep, nearPart } from "../../frontend/static/js/lib/ground_grid.js";
import { groundDistance, inverse, metresPerPixel, project } from "../../frontend/static/js/lib/homography.js";
import { insidePicture, isCrossed, nearestPoint, polygonProblem, sideMiddles } from "../../frontend/static/js/lib/polygon.js";
import { uprights } from "../../frontend/static/js/lib/upright.js";

const [WIDTH, HEIGHT, FOCAL, CAMERA_M, TILT] = [1280, 720, 1000, 5, 0.5];
const frame = [[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]];

/** A camera 5 m up that looks down by half a radian: pixel of a place X to the right, Y ahead, Z up. */
function seen([x, y, z]) {
  const [sin, cos] = [Math.sin(TILT), Math.cos(TILT)];
  const [down, ahead] = [CAMERA_M - z, y];
  const depth = ahead * cos + down * sin;
  return [(FOCAL * x) / depth + WIDTH / 2, (FOCAL * (down * cos - ahead * sin)) / depth + HEIGHT / 2];
}

/** The same camera's homography, pixels to metres, written down from its geometry. */
function homography() {
  const [sin, cos] = [Math.sin(TILT), Math.cos(TILT)];
  const [u, v] = [WIDTH / 2, HEIGHT / 2];
  // the ray (x - u, y - v, f) meets the ground at CAMERA_M over its slope downwards
  return [
    [CAMERA_M, 0, -CAMERA_M * u],
    [0, -CAMERA_M * sin, CAMERA_M * (sin * v + FOCAL * cos)],
    [0, cos, FOCAL * sin - cos * v],
  ].map((row) => row.map((value) => value / FOCAL));
}

const near = (got, wanted, tolerance = 1e-6) => {
  assert.equal(got.length, wanted.length);
  got.forEach((value, k) => assert.ok(Math.abs(value - wanted[k]) < tolerance, `${got} is not ${wanted}`));
};

test("pixels come out where the camera's geometry says", () => {
  for (const place of [[0, 8], [3, 12], [-4, 30]]) near(project(homography(), seen([...place, 0])), place);
  near(project(inverse(homography()), [2, 9]), seen([2, 9, 0]));
});

test("nothing is placed at or above the horizon, and no inverse is made up", () => {
  const horizonY = HEIGHT / 2 - FOCAL * Math.tan(TILT);
  assert.equal(project(homography(), [100, horizonY - 1]), null);
  assert.equal(metresPerPixel(homography(), [100, horizonY - 1]), Infinity);
  assert.equal(groundDistance(homography(), [0, 700], [0, horizonY - 20]), null);
  assert.equal(inverse([[1, 2, 3], [2, 4, 6], [0, 0, 1]]), null);
});

test("distances and the span of a pixel", () => {
  assert.ok(Math.abs(groundDistance(homography(), seen([0, 8, 0]), seen([3, 12, 0])) - 5) < 1e-9);
  assert.equal(metresPerPixel([[0.02, 0, 0], [0, 0.03, 0], [0, 0, 1]], [5, 5]), 0.03);
  const [a, b] = [seen([1, 10, 0]), seen([1, 10.001, 0])];
  const along = 0.001 / Math.hypot(a[0] - b[0], a[1] - b[1]);
  assert.ok(Math.abs(metresPerPixel(homography(), a) / along - 1) < 0.05); // ahead is the longest way
});

test("the near part ends where a pixel spans a quarter of a metre", () => {
  const tilted = homography();
  const part = nearPart(tilted, frame);
  const top = Math.min(...part.map(([, y]) => y));
  assert.ok(top > 0 || metresPerPixel(tilted, [WIDTH / 2, 0]) <= 0.25);
  const flat = [[0.3, 0, 0], [0, 0.3, 0], [0, 0, 1]];
  assert.deepEqual(nearPart(flat, frame), []);
  assert.equal(nearPart([[0.01, 0, 0], [0, 0.01, 0], [0, 0, 1]], frame).length, 4);
});

test("the near part of a low camera is cut below its horizon", () => {
  const low = [[5, 0, -3200], [0, 0, 5000], [0, 1, -300]].map((row) => row.map((value) => value / 1000)); // looks level, horizon at y = 300
  const part = nearPart(low, frame);
  const top = Math.min(...part.map(([, y]) => y));
  const span = metresPerPixel(low, [WIDTH, top]);
  assert.ok(span > 0.22 && span <= 0.25, String(span));
  assert.equal(part.length, 4);
});

test("grid lines run along whole metres, inside the polygon", () => {
  const matrix = homography();
  const polygon = [[0, 12, 0], [4, 12, 0], [4, 7, 0], [0, 7, 0]].map(seen);
  const lines = gridLines(matrix, polygon, 1);
  const inner = lines.filter(({ at, axis }) => (axis === "x" ? at > 0 && at < 4 : at > 7 && at < 12));
  assert.equal(inner.length, 3 + 4);
  for (const { axis, at, from, to } of inner) {
    const ends = [from, to].map((p) => project(matrix, p));
    for (const end of ends) assert.ok(Math.abs(end[axis === "x" ? 0 : 1] - at) < 1e-6);
    const length = groundDistance(matrix, from, to);
    assert.ok(Math.abs(length - (axis === "x" ? 5 : 4)) < 1e-6, `${axis} ${at}: ${length}`);
  }
});

test("a line through a polygon with a bay comes in two pieces", () => {
  const metres = [[0.1, 0, 0], [0, 0.1, 0], [0, 0, 1]];
  const bay = [[0, 0], [100, 0], [100, 100], [60, 100], [60, 40], [40, 40], [40, 100], [0, 100]];
  assert.equal(gridLines(metres, bay, 1).filter(({ axis, at }) => axis === "y" && at === 7).length, 2);
});

test("the step of the grid fits the size of the place", () => {
  const square = (side) => [[0, 0], [side, 0], [side, side], [0, side]];
  const metres = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  assert.deepEqual([3, 12, 90, 300, 90000].map((side) => gridStep(metres, square(side))), [0.5, 1, 1, 5, 100]);
});

test("somebody upright is as tall in the picture as the camera's geometry says", () => {
  const top = uprights(homography(), [WIDTH, HEIGHT]);
  for (const [x, y] of [[0, 8], [3, 15], [-2, 10]]) near(top(seen([x, y, 0]), 1.7), seen([x, y, 1.7]), 1e-3);
});

test("the same with a ground whose axes are turned, mirrored and shifted", () => {
  const [cos, sin] = [Math.cos(0.7), Math.sin(0.7)];
  for (const sign of [1, -1]) {
    const turned = [[cos, -sin, 3], [sign * sin, sign * cos, -7], [0, 0, 1]].map((row) =>
      [0, 1, 2].map((k) => row.reduce((sum, value, j) => sum + value * homography()[j][k], 0)),
    );
    near(uprights(turned, [WIDTH, HEIGHT])(seen([1, 9, 0]), 1.7), seen([1, 9, 1.7]), 1e-3);
  }
});

test("a view from straight above tells no height", () => {
  assert.equal(uprights([[0.01, 0, 0], [0, 0.01, 0], [0, 0, 1]], [WIDTH, HEIGHT]), null);
});

test("polygons: too few corners, crossed, flat, good", () => {
  assert.match(polygonProblem([[0, 0]]), /three corners/);
  assert.match(polygonProblem([[0, 0], [100, 100], [100, 0], [0, 100]]), /crosses itself/);
  assert.match(polygonProblem([[0, 0], [50, 50], [100, 100]]), /one line/);
  assert.equal(polygonProblem([[0, 0], [100, 0], [100, 100], [0, 100]]), "");
  assert.equal(isCrossed([[0, 0], [100, 0], [100, 100], [40, 100], [50, 20], [0, 100]]), false);
});

test("the nearest point within reach is hit, else none", () => {
  const points = [[10, 10], [20, 10], [100, 100]];
  assert.equal(nearestPoint(points, [16, 10], 8), 1);
  assert.equal(nearestPoint(points, [50, 50], 8), -1);
  assert.deepEqual(sideMiddles([[0, 0], [10, 0], [10, 10]]), [[5, 0], [10, 5], [5, 5]]);
  assert.deepEqual(insidePicture([-3, 99.87], [50, 200]), [0, 99.9]);
});

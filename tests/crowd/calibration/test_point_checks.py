"""Every reason for which points are refused, through the public doors."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration import GroundPlane, solve_points
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole()
WORLD = CAMERA.square_m()
IMAGE = CAMERA.see(WORLD)
FIVE = np.vstack([WORLD, WORLD.mean(axis=0)])


def _refused(image: object, world: object) -> str:
    with pytest.raises(InvalidInputError) as caught:
        GroundPlane.from_points(image, world)  # type: ignore[arg-type]
    assert caught.value.field == "points"
    return str(caught.value)


def _with(points: FloatArray, row: int, value: object) -> FloatArray:
    changed = points.copy()
    changed[row] = value
    return changed


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few(count: int) -> None:
    assert f"At least 4 points are needed, got {count}" in _refused(IMAGE[:count], WORLD[:count])


def test_empty_lists_are_too_few() -> None:
    assert "At least 4 points" in _refused([], [])


def test_one_side_missing() -> None:
    assert "4 image points but 3 ground points" in _refused(IMAGE, WORLD[:3])


@pytest.mark.parametrize(
    "image", [5, [[1, 2, 3]] * 4, [["a", "b"]] * 4, [[1, 2], [3], [4, 5], [6, 7]]]
)
def test_not_pairs_of_numbers(image: object) -> None:
    assert "two numbers" in _refused(image, WORLD)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_finite(value: float) -> None:
    assert "not a finite number" in _refused(_with(IMAGE, 2, value), WORLD)
    assert "not a finite number" in _refused(IMAGE, _with(WORLD, 2, value))


def test_the_same_place_twice() -> None:
    assert "Points 1 and 3 are the same place in the picture" in _refused(
        _with(IMAGE, 2, IMAGE[0] + 0.5), WORLD
    )
    assert "Points 2 and 4 are the same place on the ground" in _refused(
        IMAGE, _with(WORLD, 3, WORLD[1])
    )


def test_on_one_line() -> None:
    on_line = _with(WORLD, 2, WORLD[:2].mean(axis=0))
    assert "Three of the points lie on one line" in _refused(CAMERA.see(on_line), on_line)
    nearly = _with(IMAGE, 2, IMAGE[:2].mean(axis=0) + np.array([0, 1]))
    assert "on one line in the picture" in _refused(nearly, WORLD)
    assert "on one line on the ground" in _refused(IMAGE, on_line)


def test_all_but_one_on_one_line() -> None:
    line = np.linspace(WORLD[0], WORLD[1], 6)
    world = np.vstack([line, WORLD[2]])
    assert "Too many points lie on one line" in _refused(CAMERA.see(world), world)


def test_crossed() -> None:
    assert "crossed" in _refused(IMAGE, WORLD[[1, 0, 2, 3]])
    assert "crossed" in _refused(IMAGE[[0, 2, 1, 3]], WORLD)


def test_crossed_among_more_than_four() -> None:
    message = _refused(CAMERA.see(FIVE), FIVE[[1, 0, 2, 3, 4]])
    assert "crossed" in message or "contradict" in message


def test_contradicting_points() -> None:
    nine = np.vstack([FIVE, (WORLD + np.roll(WORLD, 1, axis=0)) / 2])
    guessed = nine + np.random.default_rng(2).uniform(-1.5, 1.5, nine.shape)
    assert "contradict each other" in _refused(CAMERA.see(nine), guessed)


@pytest.mark.parametrize("factor", [1e-2, 1e3])
def test_absurd_area(factor: float) -> None:
    assert "m² of ground" in _refused(IMAGE, WORLD * factor)


def test_people_as_ants_or_giants() -> None:
    assert "about 0.367 px high" in _refused(IMAGE / 100, WORLD * 4)
    assert "px high" in _refused(IMAGE * 300, WORLD)


def test_outside_the_picture_names_the_point() -> None:
    with pytest.raises(
        InvalidInputError, match=r"Point 2 at \(.*outside the picture of 1280"
    ) as caught:
        solve_points(_with(IMAGE, 1, (1281.0, 500.0)), WORLD, picture_wh=CAMERA.wh)
    assert caught.value.field == "points"


def test_near_and_far_exchanged() -> None:
    far = Pinhole(tilt_deg=15, focal_px=600)
    upside_down = far.see(far.square_m()) * [1, -1] + [0, far.wh[1]]
    with pytest.raises(InvalidInputError, match="near and far points are exchanged"):
        solve_points(upside_down, far.square_m(), picture_wh=far.wh)


def test_points_so_close_that_a_click_decides() -> None:
    world = np.stack([CAMERA.ahead_m(12, 0), CAMERA.ahead_m(12, 1), CAMERA.ahead_m(13, 1)])
    world = np.vstack([world, CAMERA.ahead_m(13, 0)])
    tiny = Pinhole(focal_px=300)
    with pytest.raises(InvalidInputError, match="A click off by 2 px"):
        solve_points(tiny.see(world), world, picture_wh=tiny.wh)

"""The share of the kernel on walkable ground, against the closed form of a rectangle."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from scipy.special import erf
from shapely import affinity

from backend.core.frame import FloatArray
from backend.crowd.wall_correction import WallCorrection

STATED = 1e-3
"""What the methods page promises, relative; 1.6e-4 is measured."""


def closed_form(at: FloatArray, width: float, height: float, radius: float = 1.0) -> FloatArray:
    def between(c: FloatArray, length: float) -> FloatArray:
        return np.asarray((erf((length - c) / radius) + erf(c / radius)) / 2)

    return between(at[:, 0], width) * between(at[:, 1], height)


def points_in(width: float, height: float) -> FloatArray:
    """Random ones, the corners, and along the walls."""
    rng = np.random.default_rng(5)
    spread = rng.uniform(0, 1, (400, 2))
    spread[:100, 0] = np.round(spread[:100, 0])
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return np.vstack([spread, corners]) * [width, height]


@pytest.mark.parametrize(
    ("width", "height"), [(1.2, 10), (0.4, 3), (6, 4), (60, 1.2), (100, 80), (300, 300)]
)
def test_rectangles_have_a_closed_form(width: float, height: float) -> None:
    at = points_in(width, height)
    read = WallCorrection(shapely.box(0, 0, width, height), 1.0).at(at)
    np.testing.assert_allclose(read, closed_form(at, width, height), rtol=STATED)


@pytest.mark.parametrize("angle_deg", [0.2, 1.2, 17, 45, 89.999, 90])
def test_walls_may_run_in_any_direction(angle_deg: float) -> None:
    """Nearly level ones too, which cross a line of quadrature at a glancing angle."""
    angle = math.radians(angle_deg)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    for width, height in ((1.2, 10), (12, 9)):
        place = affinity.rotate(shapely.box(0, 0, width, height), angle_deg, origin=(0, 0))
        at = points_in(width, height)
        read = WallCorrection(place, 1.0).at(at @ turn.T)
        np.testing.assert_allclose(read, closed_form(at, width, height), rtol=STATED)


def test_a_pillar_is_what_is_missing() -> None:
    around = affinity.translate(shapely.box(-20, -20, 20, 20), 5, 5).difference(
        shapely.box(4, 4, 6, 5)
    )
    at = np.random.default_rng(6).uniform(2, 8, (300, 2))
    read = WallCorrection(around, 1.0).at(at)
    np.testing.assert_allclose(read, 1 - closed_form(at - 4, 2, 1), rtol=STATED)


def test_separate_pieces_add_up() -> None:
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 5), shapely.box(1.5, 0, 3, 5)])
    at = np.array([[0.9, 2.0], [1.6, 2.5]])
    expected = closed_form(at, 1, 5) + closed_form(at - [1.5, 0], 1.5, 5)
    np.testing.assert_allclose(WallCorrection(two, 1.0).at(at), expected, rtol=STATED)


def test_other_radii() -> None:
    at = points_in(6, 4)
    read = WallCorrection(shapely.box(0, 0, 6, 4), 2.5).at(at)
    np.testing.assert_allclose(read, closed_form(at, 6, 4, 2.5), rtol=STATED)


def test_the_table_is_bounded_and_stays_good_for_a_place_of_600_m() -> None:
    at = np.vstack([points_in(600, 600), np.random.default_rng(7).uniform(0, 3, (300, 2))])
    read = WallCorrection(shapely.box(0, 0, 600, 600), 1.0).at(at)
    np.testing.assert_allclose(read, closed_form(at, 600, 600), rtol=0.01)

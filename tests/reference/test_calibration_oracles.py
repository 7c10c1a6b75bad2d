"""Calibration against two cameras whose ground is known: PETS 2009 S2.L1 and Town Centre.

What is found here stands in docs/methods/calibration.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.crowd.calibration import ground_positions, solve_points
from backend.crowd.motion import velocities
from tests.reference.known_cameras import (
    PETS_FPS,
    PETS_VIEW_DEG,
    PETS_WH,
    TOWN_VIEW_DEG,
    TOWN_WH,
    boxes_of,
    compare,
    detect_town,
    estimate,
    is_covered,
    pets,
    town_plane,
)

pytestmark = pytest.mark.assets


def test_walking_speed_on_pets09_s2l1_agrees_with_its_world_ground_truth(assets: Path) -> None:
    plane, truth = pets(assets)
    model = plane.height_model(PETS_WH)
    frames, rows = truth[:, 0].astype(int), np.unique(truth[:, 1], return_inverse=True)[1]
    placed = ground_positions(
        boxes_of(truth), plane=plane, picture_wh=PETS_WH, height_model=model
    ).world_m
    ours = np.full((rows.max() + 1, frames.max() + 1, 2), np.nan)
    theirs = ours.copy()
    ours[rows, frames], theirs[rows, frames] = placed, truth[:, 7:9]
    times = np.arange(frames.max() + 1) / PETS_FPS
    speeds = np.concatenate(
        [
            np.linalg.norm(
                [velocities(times[span], path[:, span]) for path in (ours, theirs)], axis=2
            )
            for span in (slice(last - 14, last + 1) for last in range(14, len(times)))
        ],
        axis=1,
    )
    both = np.isfinite(speeds).all(axis=0)
    mean, expected = speeds[:, both].mean(axis=1)
    assert both.sum() > 4000
    assert expected == pytest.approx(0.904, abs=0.002)
    assert mean == pytest.approx(expected, rel=0.05)
    assert mean / expected - 1 == pytest.approx(-0.009, abs=0.004)  # what the methods page says


def test_positions_on_pets09_s2l1_agree_with_its_world_ground_truth(assets: Path) -> None:
    plane, truth = pets(assets)
    placed = ground_positions(
        boxes_of(truth), plane=plane, picture_wh=PETS_WH, height_model=None
    ).world_m
    off = np.linalg.norm(placed - truth[:, 7:9], axis=1)
    assert np.median(off) == pytest.approx(0.115, abs=0.01)
    assert np.percentile(off, 99) < 0.4


def test_height_of_people_on_pets09_s2l1_from_the_homography_alone(assets: Path) -> None:
    plane, truth = pets(assets)
    model = plane.height_model(PETS_WH)
    assert model is not None
    ratio = truth[:, 5] / model.height_px(truth[:, 3] + truth[:, 5])
    assert np.median(ratio) == pytest.approx(1.076, abs=0.01)
    assert np.percentile(ratio, 5) > 0.95
    assert np.percentile(ratio, 95) < 1.20


def test_points_marked_on_pets09_s2l1_give_its_ground(assets: Path) -> None:
    true, _ = pets(assets)
    marks = np.array([[80, 300], [700, 320], [620, 540], [150, 520], [384, 250], [400, 400]])
    random = np.random.default_rng(3)
    clicks = marks + random.uniform(-2, 2, marks.shape)
    found = solve_points(clicks, true.to_world(marks), picture_wh=PETS_WH)
    errors = compare(found.plane, true, PETS_WH)
    assert abs(errors.length) < found.length_spread
    assert abs(1 / (1 + errors.area) - 1) < found.area_spread
    assert found.area_spread < 0.2


@pytest.mark.parametrize(
    ("view_deg", "length", "area"), [(PETS_VIEW_DEG, -0.02, -0.04), (None, -0.15, -0.30)]
)
def test_automatic_calibration_on_pets09_s2l1(
    assets: Path, view_deg: float | None, length: float, area: float
) -> None:
    true, truth = pets(assets)
    found = estimate(boxes_of(truth), PETS_WH, view_deg)
    errors = compare(found.plane, true, PETS_WH)
    assert found.people_given == 4650
    assert found.people_used > 4500
    assert errors.length == pytest.approx(length, abs=0.03)
    assert errors.area == pytest.approx(area, abs=0.03)
    assert is_covered(found, errors)
    assert found.residual_relative < 0.06


@pytest.mark.weights
def test_automatic_calibration_on_town_centre(assets: Path) -> None:
    true = town_plane(assets)
    boxes = detect_town(assets, every=12)
    for view_deg, area in ((TOWN_VIEW_DEG, -0.31), (None, -0.41)):
        found = estimate(boxes, TOWN_WH, view_deg)
        errors = compare(found.plane, true, TOWN_WH)
        assert found.people_used > 120
        assert errors.area == pytest.approx(area, abs=0.06)
        assert errors.length == pytest.approx(-0.19, abs=0.05)
        assert is_covered(found, errors)

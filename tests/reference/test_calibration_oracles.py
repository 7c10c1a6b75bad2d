"""Calibration against two cameras whose ground is known: PETS 2009 S2.L1 and Town Centre.

Homographies were fitted from the published camera calibrations, without lens distortion. Against
the world coordinates that come with PETS their largest error is 0.14 m, on Town Centre the median
is 0.04 m. What is found here stands in docs/methods/calibration.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.calibration import (
    AutomaticCalibration,
    GroundPlane,
    MonitoredGround,
    estimate_from_heights,
    ground_positions,
    solve_points,
)
from backend.crowd.motion import velocities
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector

pytestmark = pytest.mark.assets

PETS_WH, TOWN_WH = (768, 576), (1920, 1080)
PETS_FPS = 7.0
"""By protocol; the file's header says 10."""
PETS_VIEW_DEG = 35.9
"""From the published focal length and pixel pitch: 384 px / 1185 px."""
TOWN_VIEW_DEG = 39.2
"""960 px / 2696 px."""


@dataclass(frozen=True)
class Errors:
    """An estimated plane against the true one, over the ground that is to be monitored."""

    length: float
    area: float


def _plane(file: Path) -> GroundPlane:
    return GroundPlane.from_matrix(json.loads(file.read_text())["homography_image_px_to_ground_m"])


def _pets(assets: Path) -> tuple[GroundPlane, FloatArray]:
    folder = assets / "data" / "mot" / "PETS09-S2L1"
    truth = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    return _plane(folder / "calibration" / "view001_homography.json"), truth


def _boxes(truth: FloatArray) -> FloatArray:
    return np.column_stack([truth[:, 2:4], truth[:, 2:4] + truth[:, 4:6]])


def _estimate(
    boxes: FloatArray, picture_wh: tuple[int, int], view_deg: float | None
) -> AutomaticCalibration:
    foot = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
    return estimate_from_heights(
        foot, boxes[:, 3] - boxes[:, 1], picture_wh=picture_wh, field_of_view_deg=view_deg
    )


def _errors(found: GroundPlane, true: GroundPlane, picture_wh: tuple[int, int]) -> Errors:
    """Median relative error of metre-long steps on the true ground, and error of its area."""
    ground = MonitoredGround.build(true, picture_wh=picture_wh)
    west, south, east, north = ground.measurement_area.bounds
    x, y = np.meshgrid(np.linspace(west, east, 40), np.linspace(south, north, 40))
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    places = places[ground.contains(places)]
    steps = [
        np.linalg.norm(
            found.to_world(true.to_image(places + step)) - found.to_world(true.to_image(places)),
            axis=1,
        )
        for step in np.eye(2)
    ]
    return Errors(
        length=float(np.nanmedian(np.concatenate(steps))) - 1,
        area=found.area_m2(ground.measurement_px) / ground.area_m2 - 1,
    )


def _is_covered(found: AutomaticCalibration, errors: Errors) -> bool:
    """Whether the true area lies within the published 90 % interval."""
    return abs(1 / (1 + errors.area) - 1) <= found.area_spread


def test_walking_speed_on_pets09_s2l1_agrees_with_its_world_ground_truth(assets: Path) -> None:
    plane, truth = _pets(assets)
    model = plane.height_model(PETS_WH)
    frames, rows = truth[:, 0].astype(int), np.unique(truth[:, 1], return_inverse=True)[1]
    placed = ground_positions(
        _boxes(truth), plane=plane, picture_wh=PETS_WH, height_model=model
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
    plane, truth = _pets(assets)
    placed = ground_positions(
        _boxes(truth), plane=plane, picture_wh=PETS_WH, height_model=None
    ).world_m
    off = np.linalg.norm(placed - truth[:, 7:9], axis=1)
    assert np.median(off) == pytest.approx(0.115, abs=0.01)
    assert np.percentile(off, 99) < 0.4


def test_height_of_people_on_pets09_s2l1_from_the_homography_alone(assets: Path) -> None:
    plane, truth = _pets(assets)
    model = plane.height_model(PETS_WH)
    assert model is not None
    ratio = truth[:, 5] / model.height_px(truth[:, 3] + truth[:, 5])
    assert np.median(ratio) == pytest.approx(1.076, abs=0.01)
    assert np.percentile(ratio, 5) > 0.95
    assert np.percentile(ratio, 95) < 1.20


def test_points_marked_on_pets09_s2l1_give_its_ground(assets: Path) -> None:
    true, _ = _pets(assets)
    marks = np.array([[80, 300], [700, 320], [620, 540], [150, 520], [384, 250], [400, 400]])
    random = np.random.default_rng(3)
    clicks = marks + random.uniform(-2, 2, marks.shape)
    found = solve_points(clicks, true.to_world(marks), picture_wh=PETS_WH)
    errors = _errors(found.plane, true, PETS_WH)
    assert abs(errors.length) < found.length_spread
    assert abs(1 / (1 + errors.area) - 1) < found.area_spread
    assert found.area_spread < 0.2


@pytest.mark.parametrize(
    ("view_deg", "length", "area"), [(PETS_VIEW_DEG, -0.02, -0.04), (None, -0.15, -0.30)]
)
def test_automatic_calibration_on_pets09_s2l1(
    assets: Path, view_deg: float | None, length: float, area: float
) -> None:
    true, truth = _pets(assets)
    found = _estimate(_boxes(truth), PETS_WH, view_deg)
    errors = _errors(found.plane, true, PETS_WH)
    assert found.people_given == 4650
    assert found.people_used > 4500
    assert errors.length == pytest.approx(length, abs=0.03)
    assert errors.area == pytest.approx(area, abs=0.03)
    assert _is_covered(found, errors)
    assert found.residual_relative < 0.06


def _detect(assets: Path, *, every: int) -> FloatArray:
    network, head = open_yolo(assets / "models" / "yolo11n_int8_openvino_model", precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams(confidence=0.4)))
    found = []
    try:
        with av.open(str(assets / "videos" / "town-centre.mp4")) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number % every == 0:
                    found.append(detector.detect(frame.to_ndarray(format="bgr24")).boxes_xyxy)
    finally:
        detector.close()
        network.close()
    return np.concatenate(found).astype(np.float64)


@pytest.mark.weights
def test_automatic_calibration_on_town_centre(assets: Path) -> None:
    true = _plane(assets / "data" / "mot" / "TownCentre" / "towncentre_homography.json")
    boxes = _detect(assets, every=12)
    for view_deg, area in ((TOWN_VIEW_DEG, -0.31), (None, -0.41)):
        found = _estimate(boxes, TOWN_WH, view_deg)
        errors = _errors(found.plane, true, TOWN_WH)
        assert found.people_used > 120
        assert errors.area == pytest.approx(area, abs=0.06)
        assert errors.length == pytest.approx(-0.19, abs=0.05)
        assert _is_covered(found, errors)

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from backend.core.calibration import CalibrationMethod
from backend.core.measurements import MEASURED_FIELDS, CrowdMetrics, MotionSource
from backend.core.trust import Trust
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.capacity import NetInflow, Span
from backend.crowd.fundamental import weidmann_speed
from backend.crowd.metering.motion_reading import MotionReading
from backend.crowd.metering.quality import (
    FROM_COUNT,
    FROM_GROUND,
    FROM_MOTION,
    FROM_TRACKS,
    NOT_CALIBRATED,
    ONLY_CALIBRATED,
    Evidence,
    judge_numbers,
)
from backend.crowd.reliability import NO_DOUBT, Belief, Verdict, believe
from tests.ground_camera import GroundCamera, rectangle

PLACE = rectangle(0, 0, 10, 10)
CALIBRATION = GroundCamera.over(PLACE).calibration(PLACE, length_spread=0.05, area_spread=0.1)
MOTION = MotionReading(
    source=MotionSource.TRACKS,
    mean_mps=1.0,
    mean_low_mps=0.9,
    mean_high_mps=1.1,
    variance_m2_per_s2=0.04,
    sample_size=30,
    mean_px_per_s=50.0,
    moving=np.zeros((0, 2)),
    moving_count=0,
    rapid_count=0,
    anomalous=np.zeros(0, np.bool_),
)
METRICS = CrowdMetrics(
    count=100.0,
    count_low=80.0,
    count_high=120.0,
    area_m2=100.0,
    density_per_m2=1.0,
    voronoi_density_per_m2=1.0,
    peak_density_per_m2=3.0,
    mean_speed_mps=1.0,
    speed_variance_m2_per_s2=0.04,
    speed_ratio=1.0 / weidmann_speed(1.0),
    pressure_index=0.3,
)
CALIBRATED = Belief(NO_DOUBT, NO_DOUBT, NO_DOUBT, is_calibrated=True)
EVIDENCE = Evidence(belief=CALIBRATED, calibration=CALIBRATION, motion=MOTION)


def test_every_published_number_is_judged() -> None:
    found = judge_numbers(METRICS, EVIDENCE)
    unnamed = {"count_low", "count_high", "motion_source", "surge_significant", "stagnant"}
    assert set(found) == set(MEASURED_FIELDS) - unnamed - {"calibration_version"}
    assert {one.trust for one in found.values()} == {Trust.OK}


def test_a_density_errs_as_its_people_and_as_its_area() -> None:
    found = judge_numbers(METRICS, dataclasses.replace(EVIDENCE, peak_error_per_m2=0.6))
    both = np.hypot(0.2, 0.1)
    density = found["density_per_m2"]
    assert (density.low, density.high) == (pytest.approx(1 - both), pytest.approx(1 + both))
    peak = found["peak_density_per_m2"]
    assert peak.low == pytest.approx(3 - np.hypot(0.6, 0.3))
    assert peak.high == pytest.approx(3 + np.hypot(0.6, 0.3))
    area = found["area_m2"]
    assert (area.low, area.high) == (pytest.approx(90), pytest.approx(110))


def test_at_least_has_no_upper_end() -> None:
    saturated = Belief(Verdict(Trust.SATURATED, "Too many."), NO_DOUBT, NO_DOUBT, True)
    metrics = dataclasses.replace(METRICS, count_high=None)
    found = judge_numbers(metrics, dataclasses.replace(EVIDENCE, belief=saturated))
    for name in ("count", "density_per_m2", "voronoi_density_per_m2", "peak_density_per_m2"):
        assert found[name].high is None
        assert found[name].low is not None
        assert found[name].trust is Trust.SATURATED
    assert found["area_m2"].trust is Trust.OK
    assert found["speed_ratio"].high is None


def test_speeds_err_as_lengths_do() -> None:
    found = judge_numbers(METRICS, EVIDENCE)
    speed = found["mean_speed_mps"]
    assert speed.low == pytest.approx(1 - np.hypot(0.1, 0.05))
    assert speed.high == pytest.approx(1 + np.hypot(0.1, 0.05))
    ratio = found["speed_ratio"]
    assert ratio.low is not None
    assert ratio.high is not None
    assert METRICS.speed_ratio is not None
    assert ratio.low < METRICS.speed_ratio < ratio.high
    index = found["pressure_index"]
    assert index.low is not None
    assert index.high is not None
    assert index.low < index.high


def test_an_empty_place_may_hold_whom_nobody_saw() -> None:
    empty = CrowdMetrics(0.0, 0.0, 4.0, area_m2=100.0, density_per_m2=0.0)
    found = judge_numbers(empty, EVIDENCE)
    assert found["density_per_m2"].low == 0
    assert found["density_per_m2"].high == pytest.approx(0.04)


def test_times_carry_their_spans() -> None:
    evidence = dataclasses.replace(
        EVIDENCE,
        inflow=NetInflow(0.5, 0.3, 0.7),
        to_capacity=Span(120.0, 80.0, None),
        egress=Span(60.0, 50.0, 70.0),
    )
    found = judge_numbers(METRICS, evidence)
    assert (found["net_inflow_per_s"].low, found["net_inflow_per_s"].high) == (0.3, 0.7)
    assert (found["time_to_capacity_s"].low, found["time_to_capacity_s"].high) == (80.0, None)
    assert (found["egress_time_s"].low, found["egress_time_s"].high) == (50.0, 70.0)


def test_an_uncalibrated_camera_says_so_number_by_number() -> None:
    belief = believe(NO_DOUBT, None, has_area=True, has_people_limit=False)
    metrics = CrowdMetrics(10.0, 8.0, 12.0, area_m2=50.0, density_per_m2=0.2)
    found = judge_numbers(metrics, Evidence(belief=belief, calibration=None, motion=MOTION))
    assert all(found[name] is NOT_CALIBRATED for name in ONLY_CALIBRATED)
    assert found["count"].trust is Trust.OK
    assert found["coherence"].trust is Trust.OK
    density = found["density_per_m2"]
    assert (density.trust, density.low, density.high) == (
        Trust.ESTIMATED,
        pytest.approx(0.16),
        pytest.approx(0.24),
    )
    assert found["area_m2"].low is None


def test_motion_of_the_picture_is_an_estimate_whatever_the_counter_says() -> None:
    saturated = Belief(Verdict(Trust.SATURATED, "Too many."), NO_DOUBT, NO_DOUBT, True)
    metrics = dataclasses.replace(METRICS, motion_source=MotionSource.OPTICAL_FLOW)
    found = judge_numbers(metrics, dataclasses.replace(EVIDENCE, belief=saturated))
    for name in ("mean_speed_mps", "disorder", "oscillation_period_s"):
        assert found[name].trust is Trust.ESTIMATED
        assert "picture" in found[name].reason
    assert found["speed_variance_m2_per_s2"].low is None
    assert found["crowd_pressure_per_s2"].trust is Trust.SATURATED
    asked_for = judge_numbers(metrics, EVIDENCE)["crowd_pressure_per_s2"]
    assert asked_for.trust is Trust.ESTIMATED


def test_metres_by_heights_are_estimates_and_the_count_is_not() -> None:
    by_heights = dataclasses.replace(CALIBRATION, method=CalibrationMethod.HEIGHTS)
    doubt = Verdict(Trust.ESTIMATED, "By heights.")
    belief = Belief(NO_DOUBT, doubt, doubt, is_calibrated=True)
    evidence = Evidence(belief=belief, calibration=by_heights, motion=MOTION)
    found = judge_numbers(METRICS, evidence)
    assert found["count"].trust is Trust.OK
    assert found["moving_count"].trust is Trust.OK
    for name in ("area_m2", "density_per_m2", "mean_speed_mps", "coherence"):
        assert (found[name].trust, found[name].reason) == (Trust.ESTIMATED, "By heights.")


@pytest.mark.parametrize("is_saturated", [False, True])
def test_people_who_move_on_the_map_are_as_sure_as_the_picture(is_saturated: bool) -> None:
    boxes, people = NO_DOUBT, NO_DOUBT
    if is_saturated:
        boxes, people = Verdict(Trust.SATURATED, "Many."), Verdict(Trust.ESTIMATED, "Map.")
    belief = dataclasses.replace(CALIBRATED, count=people, told_apart=boxes)
    metrics = dataclasses.replace(METRICS, motion_source=MotionSource.OPTICAL_FLOW)
    flowing = dataclasses.replace(MOTION, source=MotionSource.OPTICAL_FLOW)
    everybody = dataclasses.replace(flowing, is_of_everybody=True)
    tracked, of_all = (
        judge_numbers(metrics, Evidence(belief=belief, calibration=CALIBRATION, motion=motion))
        for motion in (flowing, everybody)
    )
    assert tracked["moving_count"].trust is boxes.trust
    assert of_all["moving_count"].trust is Trust.ESTIMATED
    assert "motion of the picture" in of_all["moving_count"].reason
    assert of_all["moving_count"].reason.startswith(people.reason)
    for name in set(FROM_TRACKS) - {"moving_count"}:
        assert of_all[name].trust is boxes.trust


def test_heads_taken_for_ground_leave_no_upper_end() -> None:
    evidence = dataclasses.replace(EVIDENCE, peak_error_per_m2=0.6, heads=HeadBasis.PLANE)
    found = judge_numbers(METRICS, evidence)
    for name in ("count", *FROM_COUNT, *FROM_GROUND, *FROM_MOTION, "speed_ratio"):
        assert found[name].trust is Trust.ESTIMATED
        assert "straight down" in found[name].reason
    for name in ("density_per_m2", "voronoi_density_per_m2", "peak_density_per_m2"):
        assert found[name].high is None
        assert found[name].low is not None
    assert found["pressure_index"].high is None
    for name in ("area_m2", "rapid_count", "cluster_count", "moving_count"):
        assert found[name].trust is Trust.OK


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        ((0.3, 0.7), (0.3, None)),
        ((-0.7, -0.3), (None, -0.3)),
        ((-0.2, 0.4), (None, None)),
    ],
)
def test_heads_taken_for_ground_leave_open_how_fast_people_come_or_go(
    counted: tuple[float, float], told: tuple[float | None, float | None]
) -> None:
    inflow = NetInflow(sum(counted) / 2, *counted)
    evidence = dataclasses.replace(EVIDENCE, inflow=inflow, heads=HeadBasis.PLANE)
    found = judge_numbers(METRICS, evidence)["net_inflow_per_s"]
    assert (found.low, found.high) == told


@pytest.mark.parametrize("heads", [None, HeadBasis.CAMERA, HeadBasis.HEIGHTS])
def test_heads_brought_down_to_the_ground_raise_no_doubt(heads: HeadBasis | None) -> None:
    found = judge_numbers(METRICS, dataclasses.replace(EVIDENCE, heads=heads))
    assert {one.trust for one in found.values()} == {Trust.OK}
    assert found["peak_density_per_m2"].high is not None

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.measurements import SaturationEvidence
from backend.core.trust import Trust
from backend.crowd.reliability import (
    SaturationLatch,
    Verdict,
    believe,
    judge_calibration,
    judge_count,
)

OK = Verdict(Trust.OK, "")
SOUND = Calibration(
    version=1,
    method=CalibrationMethod.POINTS,
    picture_wh=(1280, 720),
    homography=(0.01, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 1.0),
    monitored_px=None,
    walkable_px=None,
    rms_error_m=None,
    length_spread=0.02,
    area_spread=0.04,
    calibrated_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def _evidence(saturated: bool, at: float) -> SaturationEvidence:
    return SaturationEvidence(saturated, "People are too small." if saturated else "", 0.5, at)


def test_saturation_holds_until_ten_seconds_of_contrary_examinations() -> None:
    latch = SaturationLatch()
    assert latch.update(_evidence(True, 0), total_s=0).trust is Trust.SATURATED
    assert latch.update(None, total_s=100).trust is Trust.SATURATED
    assert latch.update(_evidence(False, 101), total_s=101).trust is Trust.SATURATED
    assert latch.update(_evidence(True, 106), total_s=106).trust is Trust.SATURATED
    assert latch.update(_evidence(False, 111), total_s=111).trust is Trust.SATURATED
    assert latch.update(_evidence(False, 116), total_s=116).trust is Trust.SATURATED
    assert latch.update(_evidence(False, 121), total_s=121).trust is Trust.OK


def test_the_same_examination_given_again_is_no_new_one() -> None:
    latch = SaturationLatch()
    latch.update(_evidence(True, 0), total_s=0)
    clear = _evidence(False, 1)
    for t in range(1, 40):
        assert latch.update(clear, total_s=t).trust is Trust.SATURATED


def test_an_unexamined_counter_is_not_ok() -> None:
    latch = SaturationLatch()
    assert latch.update(None, total_s=0).trust is Trust.ESTIMATED
    assert latch.update(_evidence(False, 1), total_s=1).trust is Trust.OK
    assert latch.update(None, total_s=31).trust is Trust.OK
    assert latch.update(None, total_s=31.1).trust is Trust.ESTIMATED


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Trust.OK),
        ({"has_area": True}, Trust.ESTIMATED),
        ({"has_people_limit": False}, Trust.ESTIMATED),
        ({"has_people_limit": False, "calibration": OK}, Trust.OK),
        ({"calibration": Verdict(Trust.UNKNOWN, "Moved.")}, Trust.UNKNOWN),
        ({"count": Verdict(Trust.DEGRADED, "Reduced.")}, Trust.DEGRADED),
    ],
)
def test_trust_is_the_worst_of_what_the_level_rests_on(
    change: dict[str, Any], expected: Trust
) -> None:
    sound: dict[str, Any] = {
        "count": OK,
        "calibration": None,
        "has_area": False,
        "has_people_limit": True,
    }
    given = sound | change
    belief = believe(given.pop("count"), given.pop("calibration"), **given)
    assert belief.overall.trust is expected
    assert bool(belief.overall.reason) is (expected is not Trust.OK)
    assert belief.is_calibrated is ("calibration" in change)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Trust.OK),
        ({"reduced_accuracy": True}, Trust.DEGRADED),
        ({"lag_s": 2.5}, Trust.DEGRADED),
        ({"lag_s": 0.5}, Trust.OK),
    ],
)
def test_a_count_is_degraded_by_detector_and_lag(change: dict[str, Any], expected: Trust) -> None:
    verdict = judge_count(OK, **({"reduced_accuracy": False, "lag_s": None} | change))
    assert verdict.trust is expected


def test_the_worst_reason_comes_first() -> None:
    count = judge_count(Verdict(Trust.SATURATED, "Too many."), reduced_accuracy=True, lag_s=9.0)
    belief = believe(count, None, has_area=True, has_people_limit=False)
    assert belief.overall.trust is Trust.SATURATED
    assert belief.overall.reason.startswith("Too many. The reduced-accuracy")
    assert belief.overall.reason.endswith("entered by hand.")


@pytest.mark.parametrize(
    ("change", "fault", "expected"),
    [
        ({}, "", Trust.OK),
        ({}, "The camera was moved.", Trust.UNKNOWN),
        ({"method": CalibrationMethod.HEIGHTS}, "", Trust.ESTIMATED),
        ({"method": CalibrationMethod.RECTANGLE}, "", Trust.OK),
        ({"area_spread": 0.16}, "", Trust.ESTIMATED),
        ({"rms_error_m": 0.6}, "", Trust.ESTIMATED),
        ({"rms_error_m": 0.1}, "", Trust.OK),
    ],
)
def test_a_calibration_is_as_good_as_its_points(
    change: dict[str, Any], fault: str, expected: Trust
) -> None:
    verdict = judge_calibration(replace(SOUND, **change), fault=fault)
    assert verdict.trust is expected
    assert bool(verdict.reason) is (expected is not Trust.OK)


def test_who_may_have_been_missed_is_known_for_half_a_minute() -> None:
    latch = SaturationLatch()
    latch.update(SaturationEvidence(False, "", 0.2, 0.0, missed_high=7.0), total_s=0)
    assert latch.missed_high(total_s=30) == 7.0
    assert latch.missed_high(total_s=30.1) == 0.0


def test_while_saturated_the_worst_that_was_missed_is_known_however_long_ago() -> None:
    latch = SaturationLatch()

    def examine(saturated: bool, missed: float, at: float) -> float:
        reason = "Too many." if saturated else ""
        latch.update(SaturationEvidence(saturated, reason, 0.5, at, missed), total_s=at)
        return latch.missed_high(total_s=at)

    assert examine(False, 90.0, 0) == 90.0
    assert examine(True, 40.0, 5) == 40.0
    assert latch.missed_high(total_s=500) == 40.0
    assert examine(True, 60.0, 500) == 60.0
    assert examine(True, 30.0, 505) == 60.0
    assert examine(False, 2.0, 510) == 60.0
    assert examine(False, 3.0, 520) == 3.0
    assert examine(True, 8.0, 525) == 8.0

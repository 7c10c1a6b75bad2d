from __future__ import annotations

from typing import Any

import pytest

from backend.core.measurements import SaturationEvidence
from backend.core.trust import Trust
from backend.crowd.reliability import SaturationLatch, Verdict, judge_trust

OK = Verdict(Trust.OK, "")


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
        ({"reduced_accuracy": True}, Trust.DEGRADED),
        ({"lag_s": 2.5}, Trust.DEGRADED),
        ({"lag_s": 0.5}, Trust.OK),
    ],
)
def test_trust_is_the_worst_of_what_the_level_rests_on(
    change: dict[str, Any], expected: Trust
) -> None:
    sound: dict[str, Any] = {
        "reduced_accuracy": False,
        "lag_s": None,
        "has_area": False,
        "has_people_limit": True,
    }
    verdict = judge_trust(OK, **(sound | change))
    assert verdict.trust is expected
    assert bool(verdict.reason) is (expected is not Trust.OK)


def test_the_worst_reason_comes_first() -> None:
    verdict = judge_trust(
        Verdict(Trust.SATURATED, "Too many."),
        reduced_accuracy=True,
        lag_s=9.0,
        has_area=True,
        has_people_limit=False,
    )
    assert verdict.trust is Trust.SATURATED
    assert verdict.reason.startswith("Too many. The reduced-accuracy")

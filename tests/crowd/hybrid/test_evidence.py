"""The map as a witness: what it says of the boxes, and for how long that holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.core.measurements import SaturationEvidence
from backend.core.observation import CountError
from backend.core.trust import Trust
from backend.crowd.counting import PeopleWeights
from backend.crowd.hybrid.blend import MAP_EXPIRES_S
from backend.crowd.hybrid.evidence import MapView, MapWitness, compare_with_boxes
from backend.crowd.hybrid.place_count import sum_place
from backend.crowd.hybrid.reading import HybridReading, MapPeople
from backend.crowd.reliability import NO_MAP, MapStanding, SaturationLatch, judge_people

ERROR = CountError(0.0, 0.1, 0.0)


def _weights(count: int) -> PeopleWeights:
    return PeopleWeights(np.ones(count), np.ones(count), 0.0)


def _reading(dense: float, sparse: float, *, boxes: int = 10, say: float = 1.0) -> HybridReading:
    """A dense cell in which the map has a say, and another; all boxes stand in the other."""
    people = np.array([[dense, sparse]], np.float32)
    shares = np.array([[say, 0.0]], np.float32)
    used = MapPeople(np.zeros((0, 2)), (10.0, 10.0), np.zeros(0), np.zeros(0), ERROR)
    return HybridReading(np.ones(boxes), used, shares, people, shares, np.ones(boxes))


def _compare(reading: HybridReading) -> MapView:
    return compare_with_boxes(_weights(10), reading, sum_place(_weights(10), reading))


def test_an_excess_counts_beyond_both_intervals() -> None:
    assert not _compare(_reading(0.0, 20.0)).sees_more
    # 26 people less 1.6449 times 10 %: 21.7, 24 of 10 boxes would have to be missed
    assert not _compare(_reading(0.0, 23.5)).sees_more
    assert _compare(_reading(0.0, 24.5)).sees_more
    view = _compare(_reading(100.0, 12.0))
    assert (view.sees_more, view.leaves_more) == (True, False)
    assert (view.added, view.left) == (pytest.approx(100), pytest.approx(2))


def _stand(
    witness: MapWitness,
    reading: HybridReading | None,
    at_s: float,
    *,
    missed: float = 0.0,
    is_saturated: bool = True,
) -> MapStanding:
    sums = sum_place(_weights(10), reading)
    return witness.update(
        _weights(10),
        reading,
        sums,
        is_saturated=is_saturated,
        missed_high=missed,
        total_s=at_s,
    )


def test_the_map_carries_a_crowd_that_lies_where_it_counts() -> None:
    assert _stand(MapWitness(), _reading(100.0, 12.0), 0).carries
    elsewhere = _stand(MapWitness(), _reading(100.0, 90.0), 0)
    assert (elsewhere.sees_more, elsewhere.carries) == (True, False)
    assert not _stand(MapWitness(), _reading(0.0, 10.0), 0).carries


def test_without_a_survey_against_the_boxes_the_map_need_leave_nobody_out() -> None:
    half = _reading(18.0, 19.0)
    assert not _stand(MapWitness(), half, 0).carries
    assert _stand(MapWitness(), half, 0, is_saturated=False).carries
    little = _reading(6.0, 25.0)
    assert _stand(MapWitness(), little, 0, is_saturated=False) == MapStanding(True, False, False)
    witness = MapWitness()
    assert not _stand(witness, _reading(18.0, 90.0), 0, is_saturated=False).carries
    for at_s in range(5, 15):
        assert not _stand(witness, half, at_s, is_saturated=False).carries
    assert _stand(witness, half, 15, is_saturated=False).carries


def test_the_map_must_account_for_what_the_survey_saw() -> None:
    witness = MapWitness()
    assert not _stand(witness, _reading(30.0, 10.0), 0, missed=100).carries
    assert _stand(witness, _reading(45.0, 10.0), 1, missed=100).carries
    assert _stand(witness, _reading(30.0, 10.0), 2, missed=100).carries
    assert not _stand(witness, _reading(20.0, 10.0), 3, missed=100).carries


def test_carrying_has_a_hysteresis_and_ends_with_the_map() -> None:
    witness = MapWitness()
    sparse = 16.0
    assert not _stand(witness, _reading(18.0, sparse), 0).carries
    assert _stand(witness, _reading(30.0, sparse), 1).carries
    assert _stand(witness, _reading(18.0, sparse), 2).carries
    fading = replace(_reading(18.0, sparse), is_live=False)
    assert not _stand(witness, fading, 3).carries


def test_an_excess_holds_until_maps_have_said_otherwise_for_ten_seconds() -> None:
    witness = MapWitness()
    assert _stand(witness, None, 0) == NO_MAP
    assert _stand(witness, _reading(0.0, 60.0), 1).sees_more
    assert _stand(witness, None, 500).sees_more
    for at_s in range(501, 511):
        assert _stand(witness, _reading(0.0, 10.0), at_s).sees_more
    assert not _stand(witness, _reading(0.0, 10.0), 511).sees_more


@pytest.mark.parametrize("frame_s", [1.0, 5.0, 300.0])
def test_silence_is_no_absence_and_does_not_start_it_afresh(frame_s: float) -> None:
    """One clear map, then the network fails for 300 s, at whatever pace frames come."""
    witness, clear = MapWitness(), _reading(0.0, 10.0)
    assert _stand(witness, _reading(0.0, 60.0), 0).sees_more
    assert _stand(witness, clear, 1).sees_more
    for at_s in np.arange(1 + frame_s, 301, frame_s):
        assert _stand(witness, None, float(at_s)).sees_more
    assert _stand(witness, clear, 301).sees_more
    lifted_s = next(s for s in range(302, 400) if not _stand(witness, clear, s).sees_more)
    assert lifted_s == pytest.approx(311 - min(frame_s, MAP_EXPIRES_S))


def test_a_calm_place_counted_every_ten_seconds_is_cleared_too() -> None:
    """Maps come every 10 s and hold for 5: their time adds up."""
    witness = MapWitness()
    assert _stand(witness, _reading(0.0, 60.0), 0).sees_more
    cleared_s = next(
        s
        for s in range(1, 100)
        if not _stand(witness, _reading(0.0, 10.0) if s % 10 < 5 else None, s).sees_more
    )
    assert 11 < cleared_s <= 25


@pytest.mark.parametrize("said", [{}, {3: 0.0}, {3: 5.0, 9: 20.0}], ids=["silence", "one", "two"])
def test_saturated_is_not_lifted_by_silence_or_the_first_clear_examination(
    said: dict[int, float],
) -> None:
    """The survey misses 100, the map adds 20 of them: "at least", as long as that is held."""
    latch, witness = SaturationLatch(), MapWitness()
    full = SaturationEvidence(True, "Too many.", 0.9, 0.0, missed_high=100.0)
    evidence: SaturationEvidence | None = full
    for at_s in range(120):
        if at_s in said:
            evidence = SaturationEvidence(False, "", 0.2, at_s, missed_high=said[at_s])
        verdict = latch.update(evidence, total_s=at_s)
        standing = _stand(
            witness,
            _reading(20.0, 10.0),
            at_s,
            missed=latch.missed_high(total_s=at_s),
            is_saturated=verdict.trust is Trust.SATURATED,
        )
        assert judge_people(verdict, standing).trust is Trust.SATURATED


def test_beyond_what_was_validated_is_said_at_once_and_lifted_slowly() -> None:
    witness = MapWitness()
    beyond = replace(_reading(100.0, 10.0), is_beyond=True)
    assert _stand(witness, beyond, 0).is_beyond
    for at_s in range(1, 11):
        assert _stand(witness, _reading(100.0, 10.0), at_s).is_beyond
    assert not _stand(witness, _reading(100.0, 10.0), 11).is_beyond

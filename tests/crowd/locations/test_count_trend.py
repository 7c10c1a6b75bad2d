"""Surge and inflow of one number: another number is no change."""

from __future__ import annotations

from datetime import timedelta

from backend.core.locations import AreaRef, CountSource
from backend.crowd.capacity import NetInflow
from backend.crowd.locations.count_trend import CountTrend, Sample
from backend.crowd.surge import Surge
from tests.builders import EPOCH

CAMERA, LINE, EDGE = CountSource.CAMERA, CountSource.LINE, CountSource.EDGE
BOTH, ONE = frozenset({AreaRef(1), AreaRef(2)}), frozenset({AreaRef(1)})


class Played:
    """A trend, one number a second."""

    def __init__(self) -> None:
        self.trend = CountTrend()
        self.second = 0
        self.surge: Surge | None = None
        self.inflow: NetInflow | None = None

    def play(
        self,
        seconds: int,
        count: float | None,
        *,
        source: CountSource = CAMERA,
        areas: frozenset[AreaRef] = BOTH,
        per_s: float = 0.0,
    ) -> None:
        for step in range(seconds):
            sample = None
            if count is not None:
                sample = Sample(source, count + per_s * step, 5.0, areas)
            self.surge, self.inflow = self.trend.update(sample, mono_s=float(self.second))
            self.second += 1


def test_a_rise_of_one_number_is_a_surge_and_an_inflow() -> None:
    played = Played()
    played.play(70, 100)
    played.play(25, 100, per_s=3.0)
    assert played.surge is not None and played.surge.relative > 0.25
    assert played.inflow is not None and played.inflow.per_s > 0.5


def test_a_number_from_elsewhere_is_neither() -> None:
    played = Played()
    played.play(100, 100)
    played.play(9, 300, source=LINE)
    meanwhile = played.surge
    assert meanwhile is None
    played.play(25, 300, source=LINE)
    assert played.surge is None
    assert played.inflow is not None and played.inflow.per_s == 0


def test_fewer_areas_are_another_number() -> None:
    played = Played()
    played.play(100, 200)
    played.play(200, 100, areas=ONE)
    assert played.surge == Surge(0.0, False)
    assert played.inflow is not None and played.inflow.per_s == 0


def test_a_camera_lost_for_a_moment_forgets_nothing() -> None:
    played = Played()
    played.play(100, 200)
    played.play(9, 900, areas=ONE)
    meanwhile = played.surge
    assert meanwhile is None
    played.play(2, 200)
    assert played.surge == Surge(0.0, False)
    assert played.inflow is not None and abs(played.inflow.per_s) < 1e-9


def test_nothing_to_follow_is_nothing_known() -> None:
    played = Played()
    played.play(100, 200)
    played.play(11, None)
    assert (played.surge, played.inflow) == (None, None)
    played.play(5, 200)
    assert (played.surge, played.inflow) == (None, None)


def test_a_step_between_two_numbers_a_person_typed_is_no_inflow() -> None:
    trend = CountTrend()
    for second in range(300):
        said = EPOCH + timedelta(seconds=second // 150 * 150)
        sample = Sample(EDGE, 100.0 + second // 150 * 100, 0.0, said_at=said)
        assert trend.update(sample, mono_s=float(second)) == (None, None)


def test_a_device_that_sends_every_few_seconds_has_an_inflow() -> None:
    trend = CountTrend()
    for second in range(120):
        sent = second // 5 * 5
        sample = Sample(EDGE, 100.0 + sent, 0.0, said_at=EPOCH + timedelta(seconds=sent))
        surge, inflow = trend.update(sample, mono_s=float(second))
    assert inflow is not None and abs(inflow.per_s - 1.0) < 0.01
    assert surge is not None and surge.relative > 0.25
    for second in range(120, 130):
        surge, inflow = trend.update(sample, mono_s=float(second))
    assert (surge, inflow) == (None, None), "it has stopped sending"

"""A crowd that grows from 5 to 300 people under a detector that finds no more than 40.

The boxes saturate, the map takes over: the count follows without a jump, in both directions,
and is in no frame worse than the worse of the two counters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.core.measurements import CountMethod, CrowdMetrics, SaturationEvidence
from backend.core.observation import CrowdMap, FrameFacts
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.hybrid.blend import SHARE_PER_S
from backend.crowd.params import AnalysisParams
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from tests.crowd.hybrid.scene import PICTURE_WH, TwoCounters

RATE_HZ = 4.0
MOST = 300
AREA_M2 = 100.0


@dataclass(frozen=True)
class Moment:
    """One frame: the truth, what each counter alone says, and what is published."""

    t: float
    truth: int
    boxes: float
    by_map: float | None
    metrics: CrowdMetrics
    risk: RiskAssessment


def _places() -> FloatArray:
    """Everybody's head: near the middle first, so that a growing crowd grows outwards."""
    random = np.random.default_rng(1)
    at = random.uniform([-260, -150], [260, 150], (MOST, 2))
    order = np.argsort(np.hypot(*(at / [260, 150]).T) + random.uniform(0, 0.6, MOST))
    return np.asarray(at[order] + [640, 360])


def play(
    people: Callable[[float], int],
    seconds: float,
    *,
    has_map: Callable[[float], bool] = lambda _t: True,
    rate_hz: float = RATE_HZ,
) -> list[Moment]:
    """Show a crowd of so many people to both counters, a new map every second."""
    counters, places = TwoCounters(), _places()
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=AREA_M2, people_limit=None, recall=PERFECT_RECALL
    )
    risk = RiskCalculator(RiskParams(), people_limit=None)
    newest: CrowdMap | None = None
    counted_at = -1.0
    found = []
    for k in range(round(seconds * rate_hz) + 1):
        t = k / rate_hz
        heads = places[: people(t)]
        if has_map(t) and t - counted_at >= 1:
            newest, counted_at = counters.map(heads, t), t
        tracks = counters.boxes(heads)
        evidence = SaturationEvidence(False, "", 0.0, t)
        facts = FrameFacts(t, 0, PICTURE_WH, evidence, crowd_map=newest)
        metrics, _ = analyzer.update(tracks, facts)
        assessed = risk.update(metrics, stream_time_s=t, segment=0)
        total = None if newest is None else newest.total
        found.append(Moment(t, len(heads), len(tracks), total, metrics, assessed))
    return found


def _rising(t: float) -> int:
    return min(5 + int(4.5 * t), MOST)


def _falling(t: float) -> int:
    return max(MOST - int(4.5 * max(t - 8, 0)), 5)


@cache
def _ramp(direction: str) -> tuple[Moment, ...]:
    return tuple(play(_rising if direction == "up" else _falling, 84))


both_ways = pytest.mark.parametrize("direction", ["up", "down"])


@both_ways
def test_no_frame_is_worse_than_the_worse_of_both_counters(direction: str) -> None:
    for now in _ramp(direction):
        assert now.by_map is not None
        error = abs(now.metrics.count - now.truth)
        assert error <= max(abs(now.boxes - now.truth), abs(now.by_map - now.truth)) + 1e-3


@both_ways
def test_the_count_moves_no_faster_than_its_counters_and_the_pace_of_the_shares(
    direction: str,
) -> None:
    moments = _ramp(direction)
    for before, now in pairwise(moments):
        assert now.by_map is not None
        assert before.by_map is not None
        own = abs(now.boxes - before.boxes) + abs(now.by_map - before.by_map)
        # a new map also moves people between cells of different shares
        moved = 0.05 * now.by_map if now.by_map != before.by_map else 0.0
        pace = SHARE_PER_S / RATE_HZ * (now.boxes + now.by_map)
        assert abs(now.metrics.count - before.metrics.count) <= own + moved + pace + 1e-3


@both_ways
def test_few_are_counted_on_boxes_and_many_on_the_map(direction: str) -> None:
    moments = _ramp(direction)
    ends = (moments[0], moments[-1]) if direction == "up" else (moments[-1], moments[31])
    few, many = ends
    assert few.metrics.count == pytest.approx(few.boxes, abs=0.5)
    assert few.metrics.count_method is CountMethod.BOXES
    assert many.truth == MOST
    assert many.metrics.count == pytest.approx(MOST, rel=0.2)
    assert many.metrics.count_method is not CountMethod.BOXES
    assert many.metrics.map_share > 0.9
    assert many.metrics.quality["count"].trust is Trust.ESTIMATED
    assert "density map" in many.metrics.quality["count"].reason


def test_the_interval_holds_the_truth_where_boxes_alone_would_not() -> None:
    moments = [now for now in _ramp("up") if now.truth > 60]
    held = [
        now.metrics.count_low <= now.truth <= (now.metrics.count_high or np.inf) for now in moments
    ]
    assert np.mean(held) > 0.8


def test_score_and_level_rise_with_the_crowd_and_never_jump() -> None:
    moments = _ramp("up")
    weighted = [now.risk.parts.weighted or 0.0 for now in moments]
    assert max(abs(np.diff(weighted))) < 3
    levels = [now.risk.level for now in moments]
    assert max(np.diff(levels)) <= 1
    assert levels[0] is RiskLevel.SAFE
    assert levels[-1] >= RiskLevel.CAUTION
    reached = levels[0]
    for level in levels:
        assert level >= reached
        reached = max(reached, level)
    assert Trust.SATURATED not in {now.metrics.trust for now in moments}


def test_a_map_that_comes_and_goes_is_neither_surge_nor_inflow() -> None:
    """150 people stand still; the map is there from 100 s to 200 s."""
    moments = play(lambda _t: 150, 300, has_map=lambda t: 100 <= t < 200, rate_hz=1)
    by_time = {now.t: now.metrics for now in moments}
    assert by_time[99.0].count < 45
    assert by_time[150.0].count > 120
    assert by_time[300.0].count < 45
    for metrics in by_time.values():
        assert not metrics.surge_significant
        if metrics.net_inflow_per_s is not None:
            assert abs(metrics.net_inflow_per_s) < 0.5
    assert by_time[150.0].net_inflow_per_s is not None
    assert by_time[300.0].surge == pytest.approx(0)
    counts = [now.metrics.count for now in moments]
    assert max(abs(np.diff(counts))) < 0.25 * 190 + 15


def test_the_hand_over_of_a_steady_crowd_is_no_surge_and_a_real_one_is() -> None:
    """30 people until 100 s; then 240 within 20 s, while the map takes over."""
    steady = play(lambda _t: 34, 110, rate_hz=1)
    assert not any(now.metrics.surge_significant for now in steady)
    sudden = play(lambda t: 30 if t < 100 else min(30 + int(10.5 * (t - 100)), 240), 140, rate_hz=1)
    before = [now.metrics for now in sudden if now.t < 100]
    assert not any(metrics.surge_significant for metrics in before)
    after = [now.metrics for now in sudden if now.t >= 125]
    assert any(metrics.surge_significant and (metrics.surge or 0) > 1 for metrics in after)


@pytest.mark.parametrize("rate_hz", [2.0, 8.0])
def test_the_frame_rate_changes_nothing(rate_hz: float) -> None:
    usual = {now.t: now.metrics.count for now in play(_rising, 24)}
    other = {now.t: now.metrics.count for now in play(_rising, 24, rate_hz=rate_hz)}
    for t in range(25):
        assert other[float(t)] == pytest.approx(usual[float(t)], abs=1.5)

"""What must hold for every crowd (CROWD-SCIENCE section 5, properties)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskLevel
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from backend.risk.score import compute_parts, crowdedness

UNIT = st.none() | st.floats(0, 1)


@st.composite
def crowds(draw: st.DrawFn) -> CrowdMetrics:
    """Any calibrated crowd in 100 m²."""
    count = draw(st.integers(0, 1000))
    return CrowdMetrics(
        count=count,
        count_low=count,
        count_high=count,
        area_m2=100.0,
        density_per_m2=count / 100,
        peak_density_per_m2=count / 100 * draw(st.floats(1, 3)),
        mean_speed_mps=draw(st.none() | st.floats(0, 4)),
        disorder=draw(UNIT),
        crowd_pressure_per_s2=draw(st.none() | st.floats(0, 0.1)),
        oscillation_period_s=draw(st.none() | st.just(18.0)),
        oscillation_strength=draw(st.floats(8, 80)),
        stagnant=draw(st.booleans()),
        rapid_count=draw(st.none() | st.integers(0, 40)),
        surge=draw(st.none() | st.floats(-1, 3)),
        surge_significant=draw(st.booleans()),
    )


def _level_after(
    metrics: CrowdMetrics, *, seconds: float, rate: float = 2, limit: int | None = None
) -> tuple[RiskLevel, float | None]:
    risk = RiskCalculator(RiskParams(), people_limit=limit)
    for k in range(round(seconds * rate) + 1):
        found = risk.update(metrics, stream_time_s=k / rate, segment=0)
    return found.level, found.score


def _more(metrics: CrowdMetrics, people: int) -> CrowdMetrics:
    count = metrics.count + people
    peak = metrics.peak_density_per_m2
    assert peak is not None
    return replace(
        metrics,
        count=count,
        density_per_m2=count / 100,
        peak_density_per_m2=peak + people / 100,
    )


def test_empty_is_safe_zero_and_silent_for_ever() -> None:
    empty = CrowdMetrics(
        0, 0, 0, area_m2=100.0, density_per_m2=0.0, peak_density_per_m2=0.0, rapid_count=0
    )
    risk = RiskCalculator(RiskParams(), people_limit=50)
    for k in range(24 * 60):
        found = risk.update(empty, stream_time_s=60.0 * k, segment=k // 200)
        assert found.level is RiskLevel.SAFE
        assert found.score == found.score_ema == 0.0
        assert (found.causes, found.notices) == ((), ())


@settings(deadline=None, max_examples=60)
@given(metrics=crowds(), people=st.integers(1, 50))
def test_one_more_person_at_the_mean_velocity_never_lowers_the_result(
    metrics: CrowdMetrics, people: int
) -> None:
    before = _level_after(metrics, seconds=22)
    after = _level_after(_more(metrics, people), seconds=22)
    assert after[0] >= before[0]
    assert after[1] is not None
    assert before[1] is not None
    assert after[1] >= before[1] - 1e-9


@given(metrics=crowds())
def test_no_jump_at_any_count(metrics: CrowdMetrics) -> None:
    """One person more in 100 m² moves the weighted score by a few points at most."""
    before = compute_parts(metrics, crowdedness(metrics, None), pressure_counts=True).weighted
    more = _more(metrics, 1)
    after = compute_parts(more, crowdedness(more, None), pressure_counts=True).weighted
    assert before is not None
    assert after is not None
    # Steepest possible slope per 1 p/m²: 40/6 density + 30/2 surge + 30/2 speed + 40/2 disorder.
    assert abs(after - before) <= (40 / 6 + 15 + 15 + 20) * 0.01 + 1e-9


@settings(deadline=None, max_examples=25)
@given(metrics=crowds(), rate=st.sampled_from([1.0, 4.0, 12.5, 25.0]))
def test_the_frame_rate_does_not_matter(metrics: CrowdMetrics, rate: float) -> None:
    level, score = _level_after(metrics, seconds=24, rate=rate)
    usual, usual_score = _level_after(metrics, seconds=24)
    assert level is usual
    assert score == pytest.approx(usual_score)


@settings(deadline=None, max_examples=40)
@given(count=st.integers(0, 300), more=st.integers(0, 20))
def test_a_fuller_place_by_its_limit_is_never_safer(count: int, more: int) -> None:
    def result(people: int) -> tuple[RiskLevel, float | None]:
        return _level_after(CrowdMetrics(people, people, people), seconds=12, limit=100)

    lower, higher = result(count), result(count + more)
    assert higher[0] >= lower[0]
    assert (higher[1] or 0) >= (lower[1] or 0)

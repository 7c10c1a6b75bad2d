from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.core.measurements import CrowdMetrics, Quality
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams

SAFE, CAUTION, WARNING, CRITICAL = RiskLevel


def _metrics(rho: float | None = None, *, count: float = 100, **values: Any) -> CrowdMetrics:
    return CrowdMetrics(
        count=count, count_low=count, count_high=count, peak_density_per_m2=rho, **values
    )


class Place:
    """A calculator and where its stream stands."""

    def __init__(self, params: RiskParams | None = None, people_limit: int | None = None) -> None:
        self.risk = RiskCalculator(params or RiskParams(), people_limit=people_limit)
        self.t = 0.0
        self.segment = 0

    def play(self, metrics: CrowdMetrics, seconds: float, *, rate: float = 5) -> RiskAssessment:
        for _ in range(round(seconds * rate)):
            self.t += 1 / rate
            found = self.risk.update(metrics, stream_time_s=self.t, segment=self.segment)
        return found


@pytest.mark.parametrize(
    ("rho", "seconds", "level"),
    [
        (1.99, 60, SAFE),
        (2.0, 9.9, SAFE),
        (2.0, 10.4, CAUTION),
        (4.0, 10.4, WARNING),
        (6.0, 2.9, SAFE),
        (6.0, 3.4, CRITICAL),
    ],
)
def test_density_floors_are_sustained(rho: float, seconds: float, level: RiskLevel) -> None:
    found = Place().play(_metrics(rho), seconds)
    assert found.level is level
    if level is not SAFE:
        assert found.causes[0].name == "density"
        assert (found.causes[0].value, found.causes[0].level) == (rho, level)
        assert found.score == (25.0, 50.0, 75.0)[level - 1]
        assert found.score > (found.parts.weighted or 0)


def test_a_level_is_held_and_then_let_go() -> None:
    place = Place()
    assert place.play(_metrics(7.0), 5).level is CRITICAL
    assert place.play(_metrics(5.2), 120).level is CRITICAL
    held = place.play(_metrics(1.0), 29)
    assert held.level is CRITICAL
    assert held.causes[0].value == 1.0
    assert held.causes[0].text.startswith("Held after")
    let_go = place.play(_metrics(1.0), 2)
    assert (let_go.level, let_go.causes) == (SAFE, ())


def test_a_reconnect_neither_lowers_nor_raises() -> None:
    place = Place()
    place.play(_metrics(7.0), 5)
    place.segment, place.t = 1, 0.0
    assert place.play(_metrics(1.0), 1).level is CRITICAL
    other = Place()
    for segment in range(4):
        other.segment, other.t = segment, 100.0 * segment
        found = other.play(_metrics(7.0), 0.6)
    assert found.level is SAFE
    other.play(_metrics(7.0), 3)
    assert other.play(_metrics(7.0), 0.2).level is CRITICAL


def test_saturation_is_caution_at_once_and_warning_where_it_was_dense() -> None:
    place = Place()
    first = place.play(_metrics(0.1, trust=Trust.SATURATED, trust_reason="Too small."), 0.2)
    assert first.level is CAUTION
    assert first.causes[0].name == "saturated"
    assert first.causes[0].text == (
        "The crowd is too dense or too far away to be counted: at least 100 people."
    )
    nobody = replace(_metrics(0.1, trust=Trust.SATURATED), count_low=0.2)
    assert place.play(nobody, 0.2).causes[0].text == (
        "The crowd is too dense or too far away to be counted."
    )
    assert first.score == 25
    place.play(_metrics(2.5), 5)
    assert place.play(_metrics(0.5, trust=Trust.SATURATED), 0.2).level is WARNING
    assert place.play(_metrics(0.5, trust=Trust.SATURATED), 300).level is WARNING
    assert place.play(_metrics(0.5), 120).level is SAFE


@pytest.mark.parametrize(
    ("people_limit", "values"),
    [(None, {}), (3000, {}), (None, {"density_per_m2": 0.08})],
)
def test_a_map_that_counts_for_saturated_boxes_leaves_caution(
    people_limit: int | None, values: dict[str, Any]
) -> None:
    boxes = {"cluster_count": Quality(Trust.SATURATED, "More people than can be told apart.")}
    place = Place(people_limit=people_limit)
    counted = _metrics(count=400, map_share=0.45, quality=boxes, trust=Trust.ESTIMATED, **values)
    found = place.play(counted, 0.2)
    assert (found.level, found.causes[0].name) == (CAUTION, "unrated_crowd")
    assert "180 people" in found.causes[0].text
    told_apart = replace(counted, quality={"cluster_count": Quality(Trust.OK)})
    assert place.play(told_apart, 0.2).level is SAFE


def test_a_local_density_rates_what_the_map_counts() -> None:
    boxes = {"cluster_count": Quality(Trust.SATURATED, "More people than can be told apart.")}
    calibrated = _metrics(0.5, map_share=1.0, quality=boxes, trust=Trust.ESTIMATED)
    assert Place().play(calibrated, 0.2).level is SAFE
    # heads taken for ground: the density may be several times as high
    peak = {"peak_density_per_m2": Quality(Trust.ESTIMATED, low=0.3, high=None)}
    assert Place().play(replace(calibrated, quality=boxes | peak), 0.2).level is CAUTION


def test_an_at_least_number_lets_no_level_go() -> None:
    place = Place()
    place.play(_metrics(7.0), 5)
    assert place.play(_metrics(0.5, trust=Trust.SATURATED), 300).level is CRITICAL


def test_without_any_density_the_score_is_undefined_and_floors_remain() -> None:
    place = Place()
    found = place.play(_metrics(), 60)
    assert (found.level, found.score, found.score_ema) == (SAFE, None, None)
    running = place.play(_metrics(rapid_count=12), 3.4)
    assert (running.level, running.score) == (WARNING, None)
    assert running.causes[0].name == "rapid_movement"


def test_rapid_movement_takes_ten_people_and_three_seconds() -> None:
    assert Place().play(_metrics(0.3, rapid_count=9), 60).level is SAFE
    assert Place().play(_metrics(0.3, rapid_count=10), 2.9).level is SAFE
    assert Place().play(_metrics(0.3, rapid_count=10), 3.4).level is WARNING


def test_stagnation_is_a_floor_where_it_is_dense() -> None:
    params = RiskParams(sustain_other_s=60)
    stuck = _metrics(4.5, stagnant=True, mean_speed_mps=0.05)
    found = Place(params).play(stuck, 1)
    assert (found.level, found.causes[0].name) == (WARNING, "stagnation")
    assert Place(params).play(replace(stuck, peak_density_per_m2=3.0), 1).level is SAFE


def test_pressure_counts_after_ten_dense_seconds_only() -> None:
    calm = Place().play(_metrics(1.4, crowd_pressure_per_s2=1.3), 120)
    assert (calm.level, calm.parts.pressure_boost) == (SAFE, 0.0)
    place = Place()
    early = place.play(_metrics(4.5, crowd_pressure_per_s2=0.05), 9)
    assert early.parts.pressure_boost == 0.0
    late = place.play(_metrics(4.5, crowd_pressure_per_s2=0.05), 13)
    assert late.parts.pressure_boost == 1.0
    assert late.level is CRITICAL
    assert late.causes[0].name == "pressure"


def test_pressure_found_where_there_is_room_counts_not() -> None:
    place = Place()
    place.play(_metrics(4.5, crowd_pressure_per_s2=0.05, pressure_density_per_m2=4.4), 12)
    sparse = _metrics(3.9, crowd_pressure_per_s2=1.3, pressure_density_per_m2=1.4)
    assert place.play(sparse, 1).parts.pressure_boost == 0.0
    other = Place()
    calm = _metrics(4.5, crowd_pressure_per_s2=1.3, pressure_density_per_m2=1.4)
    found = other.play(calm, 60)
    assert (found.level, found.parts.pressure_boost) == (WARNING, 0.0)
    assert [cause.name for cause in found.causes] == ["density"]


def test_a_sway_is_a_warning_at_once_with_period_and_limit() -> None:
    swaying = _metrics(
        3.5, oscillation_period_s=18.0, oscillation_strength=20.0, mean_speed_mps=0.6
    )
    place = Place()
    found = place.play(swaying, 0.2)
    assert found.level is WARNING
    (cause,) = found.causes
    assert (cause.name, cause.value, cause.limit) == ("oscillation", 20.0, 8.0)
    assert "18 s" in cause.text
    assert found.score == 50.0
    calm = _metrics(1.0, mean_speed_mps=0.6)
    assert place.play(calm, 29).level is WARNING
    assert place.play(calm, 2).level is SAFE


def test_a_surge_that_carries_the_score_is_the_cause() -> None:
    surging = _metrics(1.6, surge=0.6, surge_significant=True)
    found = Place().play(surging, 11)
    assert found.level is CAUTION
    assert [cause.name for cause in found.causes] == ["surge"]
    assert (found.causes[0].value, found.causes[0].limit) == (60, 30)
    assert found.notices == ()


def test_a_surge_where_it_is_sparse_is_information() -> None:
    found = Place().play(_metrics(0.3, surge=0.5, surge_significant=True), 30)
    assert found.level is SAFE
    assert [notice.name for notice in found.notices] == ["surge"]
    assert found.notices[0].level is SAFE


@pytest.mark.parametrize(
    ("count", "level"), [(80, SAFE), (81, CAUTION), (100, CAUTION), (101, WARNING), (500, WARNING)]
)
def test_overcrowding_of_a_people_limit(count: float, level: RiskLevel) -> None:
    found = Place(people_limit=100).play(_metrics(count=count), 10.4)
    expected = level
    if count == 100:
        assert found.parts.weighted == pytest.approx(100 * 0.4 * 4 / 6)
    assert found.level is expected
    if level is not SAFE:
        assert found.causes[0].name == "people_limit"
        assert found.score is not None
        assert found.score >= (25, 50)[level - 1]


def test_the_limit_stands_beside_a_density() -> None:
    found = Place(people_limit=50).play(_metrics(0.5, count=60), 11)
    assert (found.level, found.causes[0].name) == (WARNING, "people_limit")


def test_the_worst_comes_first_and_each_name_once() -> None:
    found = Place(people_limit=90).play(
        _metrics(7.0, mean_speed_mps=0.02, stagnant=True, rapid_count=0), 12
    )
    assert [cause.name for cause in found.causes] == ["density", "stagnation", "people_limit"]
    assert [cause.level for cause in found.causes] == [CRITICAL, WARNING, WARNING]


def test_an_undefined_number_is_not_zero() -> None:
    place = Place()
    place.play(_metrics(7.0), 5)
    assert place.play(_metrics(None), 300).level is CRITICAL


@pytest.mark.parametrize(
    ("change", "scene", "expected"),
    [
        ({"density_caution": 0.5}, _metrics(1.0), CAUTION),
        ({"density_warning": 3.0}, _metrics(3.5), WARNING),
        ({"density_critical": 5.0}, _metrics(5.5), CRITICAL),
        ({"risk_caution": 5.0}, _metrics(1.0), CAUTION),
        ({"risk_warning": 26.0}, _metrics(3.9), WARNING),
        ({"risk_critical": 53.0}, _metrics(4.5, mean_speed_mps=0.1), CRITICAL),
    ],
)
def test_every_limit_changes_a_running_camera(
    change: dict[str, float], scene: CrowdMetrics, expected: RiskLevel
) -> None:
    place = Place()
    assert place.play(scene, 30).level is RiskLevel(expected - 1)
    place.risk.set_params(replace(RiskParams(), **change))
    assert place.play(scene, 12).level is expected


@pytest.mark.parametrize(
    ("change", "scenario"),
    [
        ({"sustain_critical_s": 8.0}, lambda p: p.play(_metrics(7.0), 5)),
        ({"sustain_other_s": 1.0}, lambda p: p.play(_metrics(3.0), 5)),
        ({"hold_fraction": 1.0}, lambda p: (p.play(_metrics(7.0), 5), p.play(_metrics(5.5), 40))),
        ({"reset_s": 5.0}, lambda p: (p.play(_metrics(7.0), 5), p.play(_metrics(1.0), 10))),
    ],
)
def test_every_time_changes_a_running_camera(
    change: dict[str, float], scenario: Callable[[Place], object]
) -> None:
    levels = []
    for params in (RiskParams(), replace(RiskParams(), **change)):
        place = Place()
        place.play(_metrics(0.1), 1)
        place.risk.set_params(params)
        scenario(place)
        levels.append(place.play(_metrics(4.9), 0.2).level)
    assert levels[0] is not levels[1]


def test_the_trend_follows_the_setting() -> None:
    slow, fast = Place(), Place()
    fast.risk.set_params(RiskParams(ema_alpha=0.9))
    for place in (slow, fast):
        place.play(_metrics(0.0), 1)
    low, high = slow.play(_metrics(6.0), 1).score_ema, fast.play(_metrics(6.0), 1).score_ema
    assert low is not None
    assert high is not None
    assert low < high


def test_refuses_a_senseless_people_limit() -> None:
    with pytest.raises(ValueError, match="people_limit"):
        RiskCalculator(RiskParams(), people_limit=0)

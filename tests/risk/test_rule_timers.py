from __future__ import annotations

import pytest

from backend.core.risk import Cause, RiskLevel
from backend.risk.demands import Demand
from backend.risk.params import RiskParams
from backend.risk.rule_timers import RuleTimers


def _demand(
    value: float | None,
    limit: float = 50.0,
    *,
    key: str = "zone_count",
    level: RiskLevel = RiskLevel.WARNING,
    is_set_by_people: bool = True,
) -> Demand:
    cause = Cause("people_limit", level, value, limit, "people", f"{value} of {limit:g}")
    return Demand(key, cause, value, limit, 10.0, is_set_by_people=is_set_by_people)


class Clock:
    """One place, a frame a second."""

    def __init__(self) -> None:
        self.timers = RuleTimers()

    def play(self, *demands: Demand, seconds: int = 1, is_unsure: bool = False) -> list[Cause]:
        for _ in range(seconds):
            found = self.timers.believe(demands, RiskParams(), is_unsure=is_unsure, elapsed_s=1.0)
        return found


def _texts(causes: list[Cause]) -> list[str]:
    return [cause.text for cause in causes]


def test_a_demand_is_believed_after_its_time_held_below_and_let_go() -> None:
    clock = Clock()
    assert clock.play(_demand(60), seconds=10) == []
    assert _texts(clock.play(_demand(60))) == ["60 of 50"]
    (held,) = clock.play(_demand(45), seconds=600)
    assert (held.text, held.value) == ("Held after: 60 of 50", 45)
    assert len(clock.play(_demand(40), seconds=30)) == 1
    assert clock.play(_demand(40)) == []


@pytest.mark.parametrize("limit", [49.0, 51.0, 60.0])
def test_a_changed_limit_that_is_still_reached_is_believed_at_once(limit: float) -> None:
    clock = Clock()
    clock.play(_demand(60), seconds=11)
    assert _texts(clock.play(_demand(60, limit))) == [f"60 of {limit:g}"]


def test_a_stricter_limit_lets_go_of_nothing_that_is_held() -> None:
    clock = Clock()
    clock.play(_demand(60), seconds=11)
    clock.play(_demand(45), seconds=5)
    assert _texts(clock.play(_demand(45, 48.0))) == ["Held after: 60 of 50"]
    assert _texts(clock.play(_demand(45, 44.0))) == ["45 of 44"]


def test_time_short_of_the_sustain_runs_on_under_a_stricter_limit() -> None:
    clock = Clock()
    clock.play(_demand(60), seconds=6)
    assert clock.play(_demand(60, 40.0), seconds=4) == []
    assert len(clock.play(_demand(60, 40.0))) == 1


def test_what_ran_below_a_raised_limit_never_comes_back() -> None:
    clock = Clock()
    clock.play(_demand(60), seconds=11)
    assert clock.play(_demand(60, 100.0)) == []
    assert clock.play(_demand(45), seconds=600) == []
    assert clock.play(_demand(60), seconds=10) == []
    assert len(clock.play(_demand(60))) == 1


@pytest.mark.parametrize(("value", "is_unsure"), [(None, False), (None, True), (30.0, True)])
def test_a_raised_limit_waits_for_a_number_that_says_it_is_kept(
    value: float | None, is_unsure: bool
) -> None:
    clock = Clock()
    clock.play(_demand(60), seconds=11)
    (held,) = clock.play(_demand(value, 100.0), seconds=600, is_unsure=is_unsure)
    assert held.text == "Held after: 60 of 50"
    assert clock.play(_demand(99.0, 100.0)) == []


def test_edges_that_are_settings_keep_what_has_run() -> None:
    clock = Clock()
    clock.play(_demand(60, is_set_by_people=False), seconds=11)
    (held,) = clock.play(_demand(60, 65.0, is_set_by_people=False))
    assert held.text == "Held after: 60 of 50"


def test_a_rule_that_is_demanded_no_longer_is_forgotten() -> None:
    clock = Clock()
    both = _demand(60), _demand(60, key="zone_density")
    assert len(clock.play(*both, seconds=11)) == 2
    assert len(clock.play(both[1])) == len(clock.timers) == 1
    assert len(clock.play(*both, seconds=10)) == 1
    assert len(clock.play(*both)) == 2


def test_each_level_of_a_rule_has_its_own_time() -> None:
    clock = Clock()
    caution = _demand(60, 40.0, level=RiskLevel.CAUTION)
    clock.play(caution, _demand(45), seconds=5)
    found = clock.play(caution, _demand(60), seconds=6)
    assert [cause.level for cause in found] == [RiskLevel.CAUTION]

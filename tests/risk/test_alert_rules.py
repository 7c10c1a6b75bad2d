from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts
from backend.core.trust import Trust
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import (
    AlertRules,
    ChangeKind,
    IncidentChange,
    IncidentFamily,
    OpenIncident,
)
from backend.risk.blindness import BlindnessHold

SAFE, CAUTION, WARNING, CRITICAL = RiskLevel
OPEN, ESCALATE, UPDATE, CLEAR = ChangeKind
CROWDING, CAPACITY, SURGE, BLINDNESS = IncidentFamily


def _cause(name: str, level: RiskLevel) -> Cause:
    return Cause(name, level, 3.0, 2.0, "", f"{name} is high.")


def _assessment(*causes: Cause) -> RiskAssessment:
    raised = tuple(sorted((c for c in causes if c.level), key=lambda cause: -cause.level))
    level = raised[0].level if raised else SAFE
    notices = tuple(cause for cause in causes if not cause.level)
    return RiskAssessment(level, 10.0, RiskParts(), raised, notices=notices)


class Place:
    """Rules and the time they have been driven to."""

    def __init__(self, params: AlertParams | None = None) -> None:
        self.rules = AlertRules(params or AlertParams())
        self.now_s = 0.0
        self.changes: list[IncidentChange] = []

    def play(
        self, *causes: Cause, seconds: float, trust: Trust = Trust.OK, step_s: float = 1.0
    ) -> list[tuple[ChangeKind, IncidentFamily]]:
        assessment = _assessment(*causes)
        found = []
        for _ in range(round(seconds / step_s)):
            found += self.rules.observe(assessment, trust=trust, at_s=self.now_s)
            self.now_s += step_s
        self.changes += found
        return [(change.kind, change.incident.family) for change in found]

    def kinds(self) -> list[ChangeKind]:
        return [change.kind for change in self.changes if change.kind is not UPDATE]


DENSE = _cause("density", WARNING)


def test_opens_once_updates_and_clears_after_the_clear_time() -> None:
    place = Place()
    assert place.play(DENSE, seconds=60)[0] == (OPEN, CROWDING)
    assert place.kinds() == [OPEN]
    assert 5 <= len(place.changes) <= 7
    assert place.play(seconds=30) == []
    assert place.play(seconds=2) == [(CLEAR, CROWDING)]
    assert place.rules.standing == ()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=100, max_size=400))
def test_flicker_gives_one_incident(above: list[bool]) -> None:
    place = Place()
    place.play(DENSE, seconds=1)
    for is_above in above:
        place.play(*([DENSE] if is_above else []), seconds=1, step_s=0.36)
    opened = [change for change in place.changes if change.kind is OPEN]
    longest_quiet = max(len(run) for run in "".join("X" if a else "." for a in above).split("X"))
    if longest_quiet * 0.36 < 10:
        assert len(opened) == 1


def test_a_rise_escalates_and_a_fall_waits() -> None:
    place = Place()
    place.play(_cause("density", CAUTION), seconds=5)
    assert place.play(_cause("density", CRITICAL), seconds=1) == [(ESCALATE, CROWDING)]
    place.play(DENSE, seconds=20)
    assert place.rules.standing[0].level is CRITICAL
    place.play(DENSE, seconds=20)
    (incident,) = place.rules.standing
    assert (incident.level, incident.peak_level) == (WARNING, CRITICAL)
    assert place.play(_cause("density", CRITICAL), seconds=1) == [(ESCALATE, CROWDING)]


def test_cooldown_suppresses_only_what_is_no_worse() -> None:
    for level, delay_s in ((CAUTION, 60), (WARNING, 60), (CRITICAL, 0)):
        place = Place()
        place.play(DENSE, seconds=5)
        place.play(seconds=31)
        cleared_at = place.now_s
        assert place.kinds() == [OPEN, CLEAR]
        place.play(_cause("density", level), seconds=100)
        assert place.kinds() == [OPEN, CLEAR, OPEN]
        opened_at = [change.at_s for change in place.changes if change.kind is OPEN][-1]
        assert opened_at - cleared_at == pytest.approx(delay_s, abs=1.1)


def test_cooldown_does_not_suppress_an_escalation() -> None:
    place = Place()
    place.play(_cause("density", CAUTION), seconds=5)
    place.play(seconds=31)
    assert place.play(DENSE, seconds=1) == [(OPEN, CROWDING)]


def test_families_are_separate_incidents() -> None:
    place = Place()
    found = place.play(DENSE, _cause("people_limit", CAUTION), _cause("surge", SAFE), seconds=1)
    assert found == [(OPEN, CROWDING), (OPEN, CAPACITY), (OPEN, SURGE)]
    levels = {incident.family: incident.level for incident in place.rules.standing}
    assert levels == {CROWDING: WARNING, CAPACITY: CAUTION, SURGE: SAFE}


def test_nothing_opens_or_clears_on_unknown() -> None:
    place = Place()
    assert place.play(DENSE, seconds=5, trust=Trust.UNKNOWN) == []
    place.play(DENSE, seconds=5)
    assert place.play(seconds=600, trust=Trust.UNKNOWN) == []
    assert len(place.rules.standing) == 1


def test_leading_causes_that_take_turns_do_not_flood() -> None:
    place = Place()
    for _ in range(100):
        place.play(_cause("density", WARNING), seconds=0.04, step_s=0.04)
        place.play(_cause("stagnation", WARNING), seconds=0.04, step_s=0.04)
    assert len(place.changes) <= 10


def test_a_restart_keeps_what_stood() -> None:
    stood = OpenIncident(CROWDING, WARNING, CRITICAL, DENSE)
    place = Place()
    place.rules = AlertRules(AlertParams(), [stood])
    assert place.rules.standing == (stood,)
    assert place.play(seconds=30) == []
    assert place.play(seconds=2) == [(CLEAR, CROWDING)]


def test_a_resolved_incident_opens_again_after_the_cooldown() -> None:
    place = Place()
    place.play(DENSE, seconds=5)
    place.rules.resolve(CROWDING, at_s=place.now_s)
    assert place.play(DENSE, seconds=59) == []
    assert place.play(DENSE, seconds=3)[0] == (OPEN, CROWDING)


def test_settings_change_a_running_place() -> None:
    place = Place()
    place.play(DENSE, seconds=5)
    place.rules.set_params(AlertParams(clear_s=5, cooldown_s=2))
    assert place.play(seconds=7) == [(CLEAR, CROWDING)]
    assert place.play(DENSE, seconds=2)[0] == (OPEN, CROWDING)


def _lose(place: Place, hold: BlindnessHold, seconds: int) -> list[IncidentChange]:
    found: list[IncidentChange] = []
    for _ in range(seconds):
        found += place.rules.tick(hold.tick(mono_s=place.now_s), at_s=place.now_s)
        place.now_s += 1.0
    return found


@pytest.mark.parametrize("level", [CAUTION, WARNING, CRITICAL])
def test_losing_a_crowded_place_is_an_incident_and_clears_nothing(level: RiskLevel) -> None:
    place, hold = Place(), BlindnessHold()
    place.play(_cause("density", level), seconds=20)
    hold.observe(_assessment(_cause("density", level)), trust=Trust.OK, mono_s=place.now_s)
    found = _lose(place, hold, 120)
    opened = [change.incident for change in found if change.kind is OPEN]
    assert [(incident.family, incident.level) for incident in opened] == [(BLINDNESS, WARNING)]
    assert opened[0].cause.name == "blindness"
    assert not [change for change in found if change.kind is CLEAR]
    standing = {incident.family: incident.level for incident in place.rules.standing}
    assert standing == {CROWDING: level, BLINDNESS: WARNING}
    place.play(seconds=32)
    assert place.rules.standing == ()


def test_a_short_loss_and_an_empty_place_are_none() -> None:
    place, hold = Place(), BlindnessHold()
    hold.observe(_assessment(DENSE), trust=Trust.OK, mono_s=0.0)
    assert _lose(place, hold, 12) == []
    empty = BlindnessHold()
    empty.observe(_assessment(), trust=Trust.OK, mono_s=0.0)
    assert _lose(place, empty, 600) == []


def test_time_unseen_does_not_count_as_time_without_breach() -> None:
    place, hold = Place(), BlindnessHold()
    place.play(DENSE, seconds=5)
    place.play(seconds=20)
    hold.observe(_assessment(DENSE), trust=Trust.OK, mono_s=place.now_s)
    _lose(place, hold, 60)
    assert (CLEAR, CROWDING) not in place.play(seconds=20)


def test_nor_where_the_place_was_safe_when_it_was_last_seen() -> None:
    place, hold = Place(), BlindnessHold()
    place.play(DENSE, seconds=5)
    place.play(seconds=20)
    hold.observe(_assessment(), trust=Trust.OK, mono_s=place.now_s)
    assert _lose(place, hold, 60) == []
    assert place.play(seconds=29) == []
    assert (CLEAR, CROWDING) in place.play(seconds=3)


def test_a_loss_that_another_place_tells_of_opens_nothing_and_clears_nothing() -> None:
    place, hold = Place(), BlindnessHold()
    place.play(DENSE, seconds=5)
    hold.observe(_assessment(DENSE), trust=Trust.OK, mono_s=place.now_s)
    for _ in range(120):
        held = hold.tick(mono_s=place.now_s)
        assert place.rules.tick(held, at_s=place.now_s, is_told=True) == ()
        place.now_s += 1.0
    assert [incident.family for incident in place.rules.standing] == [CROWDING]


@pytest.mark.parametrize("clear_s", [0.0, 30.0])
def test_too_many_people_are_not_over_while_some_may_be_missing(clear_s: float) -> None:
    place = Place(AlertParams(clear_s=clear_s))
    place.play(_cause("people_limit", WARNING), seconds=5)
    for causes in (RiskAssessment(SAFE, None, RiskParts()), _assessment(_cause("x", CAUTION))):
        for _ in range(60):
            place.now_s += 1
            assert (
                place.rules.observe(causes, trust=Trust.OK, at_s=place.now_s, is_least=True) == ()
                or causes.causes
            ), "another family goes its own way"
    assert CAPACITY in {incident.family for incident in place.rules.standing}
    place.play(seconds=clear_s + 2)
    assert CAPACITY not in {incident.family for incident in place.rules.standing}


def test_more_people_make_it_worse_also_where_some_may_be_missing() -> None:
    place = Place()
    place.play(_cause("people_limit", CAUTION), seconds=2)
    worse = _assessment(_cause("people_limit", WARNING))
    (change,) = place.rules.observe(worse, trust=Trust.OK, at_s=place.now_s, is_least=True)
    assert change.kind is ESCALATE

from __future__ import annotations

import pytest

from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts
from backend.core.trust import Trust
from backend.risk.blindness import BlindnessHold, HeldRisk

SAFE, CAUTION, WARNING, CRITICAL = RiskLevel


def _assessment(level: RiskLevel) -> RiskAssessment:
    causes = () if level is SAFE else (Cause("density", level, 3.0, 2.0, "1/m²", "Dense."),)
    return RiskAssessment(level, 30.0, RiskParts(), causes)


def _seen(level: RiskLevel, *, interval_s: float | None = 0.1) -> BlindnessHold:
    hold = BlindnessHold()
    hold.observe(_assessment(level), trust=Trust.OK, mono_s=100.0, planned_interval_s=interval_s)
    return hold


@pytest.mark.parametrize(
    ("last", "held", "first"),
    [
        (SAFE, SAFE, None),
        (CAUTION, WARNING, "blindness"),
        (WARNING, WARNING, "density"),
        (CRITICAL, CRITICAL, "density"),
    ],
)
def test_holds_the_last_level_for_ever(last: RiskLevel, held: RiskLevel, first: str | None) -> None:
    hold = _seen(last)
    assert hold.tick(mono_s=103.0) == HeldRisk(last, _assessment(last).causes)
    for mono_s in (103.1, 200.0, 1e6):
        found = hold.tick(mono_s=mono_s)
        assert found.is_unknown
        assert found.level is held
        assert found.unknown_since_mono_s == 103.1
        assert " old." in found.reason
        if first is None:
            assert found.causes == ()
        else:
            assert found.causes[0].name == first
            assert {cause.name for cause in found.causes} == {"density", "blindness"}


def test_the_planned_interval_decides_when_a_number_is_old() -> None:
    hold = _seen(CAUTION, interval_s=5.0)
    assert not hold.tick(mono_s=115.0).is_unknown
    assert hold.tick(mono_s=115.1).is_unknown


def test_a_known_loss_counts_at_once() -> None:
    found = _seen(WARNING).tick(mono_s=100.5, lost_reason="The camera was moved.")
    assert (found.is_unknown, found.reason) == (True, "The camera was moved.")


def test_fresh_measurements_let_go_and_unknown_ones_do_not() -> None:
    hold = _seen(CRITICAL)
    hold.tick(mono_s=200.0)
    hold.observe(_assessment(SAFE), trust=Trust.UNKNOWN, mono_s=201.0)
    assert hold.tick(mono_s=201.0).level is CRITICAL
    hold.observe(_assessment(SAFE), trust=Trust.OK, mono_s=202.0)
    assert hold.tick(mono_s=202.0) == HeldRisk(SAFE)
    assert hold.tick(mono_s=300.0).unknown_since_mono_s == 300.0


def test_a_person_may_decide() -> None:
    hold = _seen(CRITICAL)
    hold.release()
    assert hold.tick(mono_s=200.0).level is SAFE


def test_a_restart_forgets_nothing_and_a_new_place_is_unknown() -> None:
    before = HeldRisk(WARNING, _assessment(WARNING).causes, True, "Restarted.", 5.0)
    assert BlindnessHold(before).tick(mono_s=6.0).level is WARNING
    new = BlindnessHold().tick(mono_s=0.0)
    assert (new.level, new.is_unknown) == (SAFE, True)
    assert "Nothing" in new.reason

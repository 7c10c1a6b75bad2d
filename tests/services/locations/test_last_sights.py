"""A covered camera counts nobody; the people it last saw are not gone."""

from __future__ import annotations

from backend.core.locations import AreaRef, AreaSight
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.services.locations.last_sights import NOT_READ, LastSights

GATE = AreaRef(1, 7)
BLACK = AreaSight(0, 0, 0, Trust.UNKNOWN, "The picture is black.", RiskLevel.WARNING, 0.1)


def _sight(count: float) -> AreaSight:
    return AreaSight(count, count - 2, count + 2, Trust.OK, risk_level=RiskLevel.SAFE)


def test_the_last_numbers_stand_with_the_reason_and_level_of_now() -> None:
    last = LastSights()
    last.note(GATE, _sight(40), at_mono_s=10.0)
    found = last.instead_of(GATE, BLACK)
    assert found is not None
    assert (found.count, found.count_low, found.count_high) == (40, 38, 42)
    assert (found.trust, found.trust_reason) == (Trust.UNKNOWN, "The picture is black.")
    assert (found.risk_level, found.is_counted) == (RiskLevel.WARNING, True)


def test_frames_taken_before_it_was_found_to_be_black_do_not_empty_a_place() -> None:
    last = LastSights()
    for at_s, count in ((7.0, 90), (10.0, 40), (11.0, 0), (12.0, 0)):
        last.note(GATE, _sight(count), at_mono_s=at_s)
    found = last.instead_of(GATE, BLACK)
    assert found is not None
    assert found.count == 40, "not what was there long before"


def test_a_frame_that_is_looked_at_again_is_one_frame() -> None:
    last = LastSights()
    for _ in range(3):
        last.note(GATE, _sight(40), at_mono_s=10.0)
    last.note(GATE, _sight(10), at_mono_s=14.0)
    found = last.instead_of(GATE, None)
    assert found is not None
    assert (found.count, found.trust_reason) == (10, NOT_READ)


def test_where_nobody_was_ever_counted_nothing_is_known() -> None:
    last = LastSights()
    assert last.instead_of(GATE, None) is None
    found = last.instead_of(GATE, BLACK)
    assert found is not None
    assert (found.count, found.count_high, found.is_counted) == (0, None, False)
    assert found.risk_level is RiskLevel.WARNING


def test_areas_nobody_asks_for_any_more_are_forgotten() -> None:
    last = LastSights()
    last.note(GATE, _sight(40), at_mono_s=10.0)
    last.keep_only({AreaRef(2)})
    assert last.instead_of(GATE, None) is None

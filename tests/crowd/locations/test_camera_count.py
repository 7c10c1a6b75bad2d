"""The count of all areas: sums, intervals, what is not seen, and what it is worth."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import AreaRef, AreaSight, CountPart, Overlap
from backend.core.trust import Trust
from backend.crowd.locations.camera_count import CameraCount, count_areas
from backend.crowd.locations.shared_ground import GroundPlan

A, B = AreaRef(1), AreaRef(2)
A1, A2 = AreaRef(1, 1), AreaRef(1, 2)


def _sight(
    count: float, low: float | None = None, high: float | None = None, **changes: object
) -> AreaSight:
    fields: dict[str, object] = {
        "count_low": count if low is None else low,
        "count_high": count if high is None else high,
        "trust": Trust.OK,
    }
    return AreaSight(count, **(fields | changes))  # type: ignore[arg-type]


def _lost(count: float) -> AreaSight:
    return _sight(count, trust=Trust.UNKNOWN, trust_reason="The camera is lost.")


def _part(found: CameraCount) -> CountPart:
    assert found.part is not None
    return found.part


def _ends(found: CameraCount) -> tuple[float, float, float | None]:
    part = _part(found)
    return part.count, part.count_low, part.count_high


def test_errors_of_one_camera_add_up_and_those_of_two_by_squares() -> None:
    seen = {A1: _sight(40, 37, 43), A2: _sight(20, 18, 24)}
    assert _ends(count_areas(GroundPlan([A1, A2]), seen)) == (60, 55, 67)
    apart = {A: _sight(40, 37, 43), B: _sight(20, 16, 24)}
    assert _ends(count_areas(GroundPlan([A, B]), apart)) == (60, 55, 65)


def test_the_lower_end_is_no_lower_than_that_of_one_area() -> None:
    wide = {A1: _sight(40, 38, 42), A2: _sight(1, 0, 90), B: _sight(0, -5, 9)}
    assert _part(count_areas(GroundPlan([A1, A2, B]), wide)).count_low == 38


def test_at_least_is_contagious() -> None:
    seen = {A: _sight(40, 37, 43), B: AreaSight(20, 18, None, Trust.ESTIMATED, "Heads alone.")}
    found = count_areas(GroundPlan([A, B]), seen)
    assert _part(found).count_high is None and found.change_margin is None
    assert _part(found).trust is Trust.ESTIMATED
    assert _part(found).trust_reason == "1 of 2 areas: Heads alone."


def test_people_counted_in_part_carry_the_root_of_their_share_of_the_margin() -> None:
    plan = GroundPlan([A, B], [Overlap((A1, B))])
    seen = {A: _sight(40, 30, 50), A1: _sight(30), B: _sight(35)}
    assert _ends(count_areas(plan, seen)) == pytest.approx((45, 40, 50))


def test_a_lost_area_keeps_its_last_count_without_an_upper_end() -> None:
    found = count_areas(GroundPlan([A, B]), {A: _sight(40, 37, 43), B: _lost(20)})
    assert _ends(found) == (60, 37, None)
    assert _part(found).trust is Trust.DEGRADED
    assert _part(found).trust_reason == "1 of 2 areas is not seen now: the last count stands."
    assert found.seen == {A}
    assert found.change_margin == 3, "what is seen changes by what is seen"


def test_who_stands_on_the_ground_of_a_lost_area_is_still_proven_by_the_other() -> None:
    plan = GroundPlan([A, B], [Overlap((A, B))])
    found = count_areas(plan, {A: _sight(40, 37, 43), B: _lost(60)})
    assert _ends(found) == (60, 37, None)
    assert [share.counted for share in found.shares] == [0, 60]


def test_an_area_never_seen_is_missing_too() -> None:
    found = count_areas(GroundPlan([A, B]), {A: _sight(40)})
    assert _ends(found) == (40, 40, None)
    assert _part(found).trust is Trust.DEGRADED
    assert found.shares[1].trust is Trust.UNKNOWN and found.shares[1].count == 0


def test_with_no_area_seen_the_last_counts_are_unknown() -> None:
    found = count_areas(GroundPlan([A, B]), {A: _lost(40), B: _lost(20)})
    assert _ends(found) == (60, 0, None)
    assert _part(found).trust is Trust.UNKNOWN
    assert _part(found).trust_reason == "None of the 2 areas is seen now: the last count stands."


def test_where_nothing_was_ever_seen_there_is_no_number() -> None:
    found = count_areas(GroundPlan([A, B]), {})
    assert found.part is None
    assert len(found.shares) == 2
    assert count_areas(GroundPlan([]), {}).part is None


@pytest.mark.parametrize(
    ("states", "trust"),
    [
        ((Trust.OK, Trust.OK), Trust.OK),
        ((Trust.OK, Trust.ESTIMATED), Trust.ESTIMATED),
        ((Trust.DEGRADED, Trust.SATURATED), Trust.SATURATED),
        ((Trust.UNKNOWN, Trust.SATURATED), Trust.SATURATED),
        ((Trust.UNKNOWN, Trust.OK), Trust.DEGRADED),
    ],
)
def test_it_is_worth_what_the_worst_area_is(states: tuple[Trust, Trust], trust: Trust) -> None:
    seen = {area: _sight(10, trust=state) for area, state in zip((A, B), states, strict=True)}
    part = _part(count_areas(GroundPlan([A, B]), seen))
    assert part.trust is trust
    assert (part.count_high is None) is (trust in (Trust.SATURATED, Trust.DEGRADED))


_SIGHTS = st.lists(
    st.tuples(st.floats(0, 1e4), st.floats(0, 1e3), st.none() | st.floats(0, 1e3), st.booleans()),
    min_size=2,
    max_size=6,
)


@given(_SIGHTS, st.sets(st.integers(0, 5), min_size=2))
def test_ends_hold_the_count_and_shares_sum_to_it(
    rows: list[tuple[float, float, float | None, bool]], shared: set[int]
) -> None:
    areas = [AreaRef(camera) for camera in range(len(rows))]
    overlap = Overlap(tuple(area for area in areas if area.camera_id in shared))
    seen = {
        area: AreaSight(
            count,
            max(count - down, 0.0),
            None if up is None else count + up,
            Trust.UNKNOWN if is_lost else Trust.OK,
        )
        for area, (count, down, up, is_lost) in zip(areas, rows, strict=True)
    }
    found = count_areas(GroundPlan(areas, [overlap]), seen)
    count, low, high = _ends(found)
    assert 0 <= low <= count
    assert high is None or high >= count
    assert fsum(share.counted for share in found.shares) == pytest.approx(count)
    assert low >= min(
        count, max((s.count_low for s in seen.values() if s.trust is Trust.OK), default=0)
    )


@given(_SIGHTS)
def test_losing_a_camera_never_empties_the_place(
    rows: list[tuple[float, float, float | None, bool]],
) -> None:
    areas = [AreaRef(camera) for camera in range(len(rows))]
    plan = GroundPlan(areas, [Overlap((areas[0], areas[1]))])
    live = {area: _sight(row[0]) for area, row in zip(areas, rows, strict=True)}
    lost = {a: _lost(s.count) if rows[a.camera_id][3] else s for a, s in live.items()}
    assert _part(count_areas(plan, lost)).count == _part(count_areas(plan, live)).count

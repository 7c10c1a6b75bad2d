"""Shared ground: what is declared twice, sums, bounds, order, and one person more."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import AreaRef, Overlap
from backend.crowd.locations.shared_ground import GroundPlan, shared_grounds

A, B, C, D = (AreaRef(camera) for camera in (1, 2, 3, 4))
A7, B8 = AreaRef(1, 7), AreaRef(2, 8)


class TestSharedGrounds:
    def test_overlaps_with_an_area_in_common_are_one(self) -> None:
        found = shared_grounds([A, B, C, D], [Overlap((B, C)), Overlap((C, A))])
        assert found == ((A, B, C),)

    def test_a_third_overlap_joins_two_that_were_apart(self) -> None:
        found = shared_grounds([A, B, C, D], [Overlap((A, B)), Overlap((C, D)), Overlap((B, C))])
        assert found == ((A, B, C, D),)

    def test_overlaps_that_have_nothing_in_common_stay_apart(self) -> None:
        assert shared_grounds([A, B, C, D], [Overlap((A, B)), Overlap((C, D))]) == ((A, B), (C, D))

    def test_areas_of_no_camera_of_the_location_are_left_out(self) -> None:
        assert shared_grounds([A], [Overlap((A, B))]) == ()
        assert shared_grounds([A7], [Overlap((A7, B8))]) == ()

    def test_a_picture_is_no_part_of_a_zone(self) -> None:
        assert shared_grounds([A7, B], [Overlap((A, B))]) == ()

    def test_one_camera_alone_shares_nothing(self) -> None:
        assert shared_grounds([A], [Overlap((A7, AreaRef(1, 9)))]) == ()

    def test_a_zone_goes_with_its_picture_where_that_is_shared_as_a_whole(self) -> None:
        found = shared_grounds([A, B, C], [Overlap((A, B)), Overlap((A7, C))])
        assert found == ((A, B),)


class TestCountOnce:
    def test_without_overlaps_everybody_counts(self) -> None:
        assert GroundPlan([A, B]).count_once([3, 4]) == [3, 4]

    @pytest.mark.parametrize(("counts", "shares"), [([30, 40], [0, 40]), ([50, 40], [50, 0])])
    def test_the_same_ground_counts_where_most_are_seen(
        self, counts: list[float], shares: list[float]
    ) -> None:
        assert GroundPlan([A, B], [Overlap((A, B))]).count_once(counts) == shares

    def test_an_overlap_declared_twice_is_taken_off_once(self) -> None:
        plan = GroundPlan([A, B], [Overlap((A, B)), Overlap((B, A))])
        assert plan.count_once([30, 40]) == [0, 40]

    def test_seen_three_times(self) -> None:
        assert GroundPlan([A, B, C], [Overlap((A, B, C))]).count_once([9, 11, 10]) == [0, 11, 0]

    def test_only_the_zones_people_are_taken_off_the_picture(self) -> None:
        plan = GroundPlan([A, B], [Overlap((A7, B8))])
        assert plan.zones == (A7, B8)
        assert plan.count_once([30, 40], [10, 12]) == [20, 40]
        assert plan.count_once([30, 40], [12, 10]) == [30, 30]

    def test_two_zones_of_a_camera_stand_together_against_the_other(self) -> None:
        plan = GroundPlan([A, B], [Overlap((A7, B)), Overlap((AreaRef(1, 9), B))])
        assert plan.count_once([30, 20], [12, 11]) == [30, 0]

    def test_a_zone_read_a_moment_later_holds_no_more_than_its_picture(self) -> None:
        plan = GroundPlan([A, B], [Overlap((A7, B))])
        assert plan.count_once([10, 12], [40]) == [0, 12]


@st.composite
def _places(draw: st.DrawFn) -> tuple[GroundPlan, list[float], list[float]]:
    """A location with consistent numbers: no picture holds fewer people than its zones."""
    people = st.integers(0, 50)
    areas: list[AreaRef] = []
    zones: list[AreaRef] = []
    for camera in range(1, draw(st.integers(2, 5)) + 1):
        is_by_zone: bool = draw(st.booleans())
        inside = [AreaRef(camera, zone) for zone in range(1, draw(st.integers(0, 3)) + 1)]
        if inside and is_by_zone:
            areas += inside
        else:
            areas.append(AreaRef(camera))
            zones += inside
    refs = st.lists(st.sampled_from([*areas, *zones]), min_size=2, max_size=4, unique=True)
    overlaps = [Overlap(tuple(found)) for found in draw(st.lists(refs, max_size=4))]
    plan = GroundPlan(draw(st.permutations(areas)), overlaps)
    in_zones = [float(draw(people)) for _ in plan.zones]
    counts = [
        draw(people) + fsum(n for z, n in zip(plan.zones, in_zones, strict=True) if _in(z, area))
        for area in plan.areas
    ]
    return plan, counts, in_zones


def _in(zone: AreaRef, area: AreaRef) -> bool:
    return area == AreaRef(zone.camera_id)


@given(_places())
def test_never_more_than_all_and_never_fewer_than_one_area_sees(
    place: tuple[GroundPlan, list[float], list[float]],
) -> None:
    plan, counts, in_zones = place
    shares = plan.count_once(counts, in_zones)
    assert max(counts) - 1e-9 <= fsum(shares) <= fsum(counts) + 1e-9
    assert all(0 <= own <= all_of_it for own, all_of_it in zip(shares, counts, strict=True))


@given(_places(), st.data())
def test_one_person_more_never_makes_it_fewer(
    place: tuple[GroundPlan, list[float], list[float]], data: st.DataObject
) -> None:
    plan, counts, in_zones = place
    before = fsum(plan.count_once(counts, in_zones))
    more, more_in_zones = list(counts), list(in_zones)
    where = data.draw(st.sampled_from([*plan.areas, *plan.zones]))
    if where in plan.areas:
        more[plan.areas.index(where)] += 1
    else:
        more[plan.areas.index(AreaRef(where.camera_id))] += 1
        more_in_zones[plan.zones.index(where)] += 1
    after = fsum(plan.count_once(more, more_in_zones))
    assert before - 1e-9 <= after <= before + 1 + 1e-9


@given(_places())
def test_the_order_of_areas_changes_nobodys_share(
    place: tuple[GroundPlan, list[float], list[float]],
) -> None:
    plan, counts, in_zones = place
    shares = dict(zip(plan.areas, plan.count_once(counts, in_zones), strict=True))
    known = dict(zip(plan.areas, counts, strict=True))
    order = sorted(plan.areas, reverse=True)
    # the grounds of a plan are overlaps themselves
    again = GroundPlan(order, [Overlap(g) for g in reversed(plan.grounds)])
    zones = dict(zip(plan.zones, in_zones, strict=True))
    found = again.count_once([known[area] for area in order], [zones[z] for z in again.zones])
    assert dict(zip(order, found, strict=True)) == pytest.approx(shares)


@given(st.lists(st.integers(0, 100), min_size=2, max_size=6))
def test_separate_overlaps_take_off_all_but_the_most(counts: list[int]) -> None:
    areas = [AreaRef(camera) for camera in range(1, len(counts) + 1)]
    pairs = [Overlap((one, other)) for one, other in zip(areas[::2], areas[1::2], strict=False)]
    both = [(one, other) for one, other in zip(counts[::2], counts[1::2], strict=False)]
    expected = sum(counts) - sum(one + other - max(one, other) for one, other in both)
    assert fsum(GroundPlan(areas, pairs).count_once(counts)) == expected

"""The count of a place: between both counters, adding up over places, with an honest interval."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.core.observation import CountError
from backend.crowd.counting import PeopleWeights
from backend.crowd.hybrid.place_count import sum_place
from backend.crowd.hybrid.reading import HybridReading, MapPeople
from backend.crowd.hybrid.shares import ShareMap

ERROR = CountError(own=0.5, common=0.1, least=2.0)


def _reading(
    people: ShareMap,
    shares: ShareMap,
    track_share: FloatArray,
    *,
    wanted: ShareMap | None = None,
    is_live: bool = True,
    error: CountError = ERROR,
) -> HybridReading:
    used = MapPeople(np.zeros((0, 2)), (10.0, 10.0), np.zeros(0), np.zeros(0), error)
    return HybridReading(
        track_share=track_share,
        map_people=used,
        shares=shares,
        people=people,
        wanted=shares if wanted is None else wanted,
        track_wanted=track_share,
        is_live=is_live,
    )


def _even(value: float) -> ShareMap:
    return np.full((4, 6), value, np.float32)


def _weights(count: int, *, chance: float = 1.0, recall: float = 1.0) -> PeopleWeights:
    return PeopleWeights(np.full(count, chance), np.full(count, recall), 0.05)


@st.composite
def places(draw: st.DrawFn) -> tuple[PeopleWeights, HybridReading]:
    """Any boxes and map in any shares."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = draw(st.integers(0, 30))
    weights = PeopleWeights(random.uniform(0.3, 1, count), random.uniform(0.3, 1, count), 0.08)
    people = (random.exponential(draw(st.floats(0, 5)), (4, 6))).astype(np.float32)
    shares = random.uniform(0, 1, (4, 6)).astype(np.float32)
    shares[random.uniform(0, 1, (4, 6)) < draw(st.floats(0, 1))] = 0
    return weights, _reading(people, shares, random.uniform(0, 1, count))


@settings(deadline=None, max_examples=150)
@given(places())
def test_the_count_lies_between_boxes_and_map(place: tuple[PeopleWeights, HybridReading]) -> None:
    weights, hybrid = place
    found = sum_place(weights, hybrid).count()
    boxes, mapped = weights.total(), float(hybrid.people.sum(dtype=np.float64))
    count = found.estimate
    assert min(boxes.count, mapped) - 1e-6 <= count.count <= max(boxes.count, mapped) + 1e-6
    assert 0 <= count.low <= count.count <= count.high
    assert 0 <= found.map_share <= 1
    assert found.boxes.count == pytest.approx(boxes.count)
    assert (found.boxes.low, found.boxes.high) == pytest.approx((boxes.low, boxes.high))
    assert found.tally.count == found.estimate.count
    told = found.tally.at(found.tally.position)
    assert told == pytest.approx(count.count, abs=1e-3)


@settings(deadline=None, max_examples=150)
@given(
    place=places(),
    chance=st.floats(0.3, 1),
    share=st.floats(0, 1),
    extra=st.floats(0, 3),
    cell=st.integers(0, 23),
)
def test_one_more_person_in_either_counter_takes_nobody_away(
    place: tuple[PeopleWeights, HybridReading],
    chance: float,
    share: float,
    extra: float,
    cell: int,
) -> None:
    weights, hybrid = place
    before = sum_place(weights, hybrid).count().estimate.count
    people = hybrid.people.copy()
    people.flat[cell] += extra
    mapped = sum_place(weights, replace(hybrid, people=people)).count().estimate.count
    assert mapped >= before - 1e-4
    more = PeopleWeights(np.append(weights.chance, chance), np.append(weights.recall, 1.0), 0.08)
    shares = np.append(hybrid.track_share, share)
    boxed = replace(hybrid, track_share=shares, track_wanted=shares)
    # an uncertain box makes "surely seen" a little less sure: never by half a person
    assert sum_place(more, boxed).count().estimate.count >= before - 0.5


@settings(deadline=None, max_examples=60)
@given(place=places(), seed=st.integers(0, 99))
def test_places_without_common_ground_add_up(
    place: tuple[PeopleWeights, HybridReading], seed: int
) -> None:
    weights, hybrid = place
    random = np.random.default_rng(seed)
    tracks = random.uniform(0, 1, len(weights.chance)) < 0.5
    cells = random.uniform(0, 1, (4, 6))
    one = sum_place(weights, hybrid, tracks=tracks, cells=cells)
    other = sum_place(weights, hybrid, tracks=~tracks, cells=1 - cells)
    whole, both = sum_place(weights, hybrid).count(), (one + other).count()
    assert both.estimate.count == pytest.approx(whole.estimate.count, abs=1e-3)
    assert both.estimate.low == pytest.approx(whole.estimate.low, abs=1e-2)
    assert both.estimate.high == pytest.approx(whole.estimate.high, abs=1e-2)


def test_without_a_map_nothing_changes() -> None:
    weights = _weights(20, chance=0.9, recall=0.7)
    found = sum_place(weights, None).count()
    assert found.estimate == found.boxes
    total = weights.total()
    assert (found.estimate.count, found.estimate.low, found.estimate.high) == pytest.approx(
        (total.count, total.low, total.high)
    )
    assert (found.by_map, found.map_share) == (None, 0.0)
    nobody = sum_place(_weights(0), None).count().estimate
    assert (nobody.count, nobody.low, nobody.high) == (0, 0, 0)


def test_where_the_map_has_no_say_its_people_add_nobody() -> None:
    hybrid = _reading(_even(5.0), _even(0.0), np.ones(3))
    found = sum_place(_weights(3), hybrid).count()
    assert found.estimate == found.boxes
    assert found.by_map == pytest.approx(120)
    assert found.tally.position == 0


def test_the_map_alone_errs_as_it_was_measured() -> None:
    found = sum_place(_weights(0), _reading(_even(5.0), _even(1.0), np.zeros(0))).count()
    half = 1.6449 * math.hypot(0.5 * math.sqrt(120), 0.1 * 120, 2.0)
    assert found.estimate.count == pytest.approx(120)
    assert found.estimate.high == pytest.approx(120 + half)
    assert found.estimate.low == pytest.approx(120 - half)
    assert found.map_share == 1


def test_what_remains_with_nobody_there_scales_with_the_picture_in_use() -> None:
    quarter = np.zeros((4, 6), np.float32)
    quarter[:2, :3] = 1
    nobody = _reading(_even(0.0), quarter, np.zeros(0), error=CountError(0.0, 0.0, 2.0))
    sums = sum_place(_weights(0), nobody)
    assert sums.now.half_width(sums.error) == pytest.approx(1.6449 * 2.0 / 2)


def test_nobody_surely_seen_is_taken_away_by_the_map() -> None:
    hybrid = _reading(_even(0.1), _even(1.0), np.zeros(30))
    found = sum_place(_weights(30), hybrid).count()
    assert found.estimate.count == pytest.approx(30)
    assert found.estimate.low == pytest.approx(30)


def test_on_the_way_the_interval_holds_where_the_way_ends() -> None:
    start = _reading(_even(5.0), _even(0.0), np.ones(10), wanted=_even(1.0))
    start = replace(start, track_wanted=np.zeros(10))
    found = sum_place(_weights(10), start).count().estimate
    assert found.count == pytest.approx(10)
    assert found.high > 120
    assert found.low <= 10


def test_a_map_that_only_fades_tells_later_windows_nothing() -> None:
    fading = _reading(_even(5.0), _even(0.5), np.full(4, 0.5), is_live=False)
    found = sum_place(_weights(4), fading).count()
    assert (found.by_map, found.tally.by_map) == (None, None)
    assert found.estimate.count == pytest.approx(62)

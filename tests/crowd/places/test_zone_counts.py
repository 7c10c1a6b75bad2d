from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from backend.core.frame import FloatArray
from backend.core.observation import CountError
from backend.crowd.counting import PeopleWeights
from backend.crowd.hybrid.place_count import HybridCount, PlaceSums, sum_place
from backend.crowd.hybrid.reading import HybridReading, MapPeople
from backend.crowd.places.zone_counts import sum_zones

MAP_HW = (6, 8)
CELLS = MAP_HW[0] * MAP_HW[1]
ZONES = 5


def _weights(count: int, random: np.random.Generator) -> PeopleWeights:
    return PeopleWeights(random.uniform(0.3, 1, count), random.uniform(0.4, 1, count), 0.05)


def _hybrid(count: int, random: np.random.Generator, *, moving: bool) -> HybridReading:
    shares, later = random.uniform(0, 1, (2, *MAP_HW)).astype(np.float32)
    return HybridReading(
        track_share=random.uniform(0, 1, count),
        map_people=MapPeople(
            np.zeros((0, 2)), (10.0, 10.0), np.zeros(0), np.zeros(0), CountError(0.6, 0.08, 1.0)
        ),
        shares=shares,
        people=random.uniform(0, 3, MAP_HW).astype(np.float32),
        wanted=later if moving else None,
        track_wanted=random.uniform(0, 1, count) if moving else None,
    )


def _numbers(count: HybridCount) -> list[float]:
    each = count.estimate, count.boxes
    ends = [end for estimate in each for end in (estimate.count, estimate.low, estimate.high)]
    return [*ends, count.map_share, count.by_map or -1.0]


def _parts(random: np.random.Generator) -> FloatArray:
    parts = random.uniform(0, 1, (ZONES, CELLS)) * (random.uniform(0, 1, (ZONES, CELLS)) < 0.4)
    parts[-1] = 1.0
    return np.asarray(parts)


@pytest.mark.parametrize("moving", [True, False])
@pytest.mark.parametrize("people", [0, 1, 30])
def test_each_zone_counts_as_a_place_by_itself(people: int, moving: bool) -> None:
    random = np.random.default_rng(people)
    weights, hybrid = _weights(people, random), _hybrid(people, random, moving=moving)
    members, parts = random.uniform(0, 1, (people, ZONES)) < 0.4, _parts(random)
    found = sum_zones(weights, hybrid, members=members, cells=csr_array(parts))
    for zone in range(ZONES):
        cells = parts[zone].reshape(MAP_HW)
        alone = sum_place(weights, hybrid, tracks=members[:, zone], cells=cells)
        expected = _numbers(alone.count())
        assert _numbers(found.places[zone].count()) == pytest.approx(expected, rel=1e-5, abs=1e-6)
        assert found.people[zone] == pytest.approx(alone.now.people, rel=1e-5)
        assert found.mapped[zone] == pytest.approx(alone.now.mapped, rel=1e-5)


def test_boxes_alone_count_without_a_map() -> None:
    random = np.random.default_rng(1)
    weights, members = _weights(20, random), random.uniform(0, 1, (20, ZONES)) < 0.4
    found = sum_zones(weights, None, members=members)
    for zone in range(ZONES):
        expected = _numbers(sum_place(weights, None, tracks=members[:, zone]).count())
        assert _numbers(found.places[zone].count()) == pytest.approx(expected)
    assert found.mapped.tolist() == [0] * ZONES


def test_zones_that_divide_the_picture_add_up_to_it() -> None:
    """Counts, and the sums their intervals come from."""
    random = np.random.default_rng(2)
    weights, hybrid = _weights(30, random), _hybrid(30, random, moving=True)
    members = np.eye(ZONES, dtype=np.bool_)[random.integers(0, ZONES, 30)]
    parts = random.dirichlet(np.ones(ZONES), CELLS).T
    found = sum_zones(weights, hybrid, members=members, cells=csr_array(parts))
    total: PlaceSums = found.places[0]
    for each in found.places[1:]:
        total = total + each
    whole = sum_place(weights, hybrid)
    assert _numbers(total.count()) == pytest.approx(_numbers(whole.count()), rel=1e-5)
    assert found.people.sum() == pytest.approx(whole.now.people, rel=1e-5)


def test_a_map_that_only_fades_says_nothing_of_now() -> None:
    random = np.random.default_rng(3)
    hybrid = replace(_hybrid(2, random, moving=True), is_live=False)
    found = sum_zones(
        _weights(2, random),
        hybrid,
        members=np.ones((2, 1), np.bool_),
        cells=csr_array(_parts(random)[-1:]),
    )
    assert found.places[0].count().by_map is None

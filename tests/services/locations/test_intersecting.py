"""Which zones of one picture have ground in common."""

from __future__ import annotations

import pytest

from backend.services.locations.intersecting import find_intersecting

SQUARE = ((0.0, 0.0), (0.4, 0.0), (0.4, 0.4), (0.0, 0.4))


def moved(by: float) -> tuple[tuple[float, float], ...]:
    return tuple((x + by, y) for x, y in SQUARE)


def test_half_of_two_squares() -> None:
    (pair,) = find_intersecting({7: SQUARE, 3: moved(0.2)})
    assert (pair.first, pair.second) == (7, 3)
    assert pair.share == pytest.approx(0.5)


def test_the_share_is_that_of_the_smaller_one() -> None:
    small = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2))
    (pair,) = find_intersecting({1: SQUARE, 2: small})
    assert pair.share == pytest.approx(1.0)


@pytest.mark.parametrize(("by", "found"), [(0.4, 0), (0.393, 0), (0.391, 1), (0.6, 0)])
def test_a_sliver_is_no_ground(by: float, found: int) -> None:
    assert len(find_intersecting({1: SQUARE, 2: moved(by)})) == found


def test_every_pair_is_found_once() -> None:
    zones = {1: SQUARE, 2: moved(0.1), 3: moved(0.2), 4: moved(0.6)}
    pairs = [(pair.first, pair.second) for pair in find_intersecting(zones)]
    assert pairs == [(1, 2), (1, 3), (2, 3)]


def test_what_is_no_polygon_is_passed_over() -> None:
    flat = ((0.0, 0.0), (0.2, 0.2), (0.4, 0.4))
    assert find_intersecting({1: SQUARE, 2: (), 3: ((0.1, 0.1),), 4: flat}) == []
    assert find_intersecting({}) == []


def test_an_outline_that_crosses_itself_still_covers_ground() -> None:
    bow = ((0.0, 0.0), (0.4, 0.4), (0.4, 0.0), (0.0, 0.4))
    (pair,) = find_intersecting({1: SQUARE, 2: bow})
    assert pair.share == pytest.approx(1.0)

"""Heads as local maxima of the density map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.density.heads import HeadParams, find_heads


def people_at(
    *points: tuple[float, float], hw: tuple[int, int] = (20, 30), sigma: float = 0.6
) -> npt.NDArray[np.float32]:
    """Return a map with a Gaussian of one person around each (x, y) in cells."""
    y, x = np.mgrid[0 : hw[0], 0 : hw[1]] + 0.5
    total = np.zeros(hw)
    for point_x, point_y in points:
        bump = np.exp(-((x - point_x) ** 2 + (y - point_y) ** 2) / (2 * sigma**2))
        total += bump / bump.sum()
    return total.astype(np.float32)


def test_heads_far_enough_apart_are_found_where_they_are() -> None:
    points = [(4.5, 5.5), (12.2, 7.8), (25.9, 3.4), (18.0, 16.0)]

    found = find_heads(people_at(*points))

    assert found.dtype == np.float32
    assert len(found) == 4
    for point in points:
        assert np.linalg.norm(found - np.array(point), axis=1).min() < 0.15


def test_the_example_of_the_docstring() -> None:
    people = np.zeros((10, 12), np.float32)
    people[4, 7], people[4, 8] = 0.8, 0.2

    np.testing.assert_allclose(find_heads(people), [[7.7, 4.5]], atol=1e-5)


def test_the_most_prominent_comes_first() -> None:
    people = people_at((5.5, 5.5), (20.5, 10.5))
    people[8:13, 18:23] += 0.03  # somebody else's surroundings

    found = find_heads(people)

    np.testing.assert_allclose(found[0], (5.5, 5.5), atol=0.1)
    assert len(found) == 2


def test_a_head_in_the_corner_is_found() -> None:
    people = np.zeros((6, 6), np.float32)
    people[0, 0] = people[5, 5] = 1.0

    assert sorted(map(tuple, find_heads(people).tolist())) == [(0.5, 0.5), (5.5, 5.5)]


def test_of_equal_cells_only_one_is_a_head() -> None:
    people = np.zeros((8, 8), np.float32)
    people[3, 3] = people[3, 4] = people[4, 3] = people[4, 4] = 0.25

    np.testing.assert_allclose(find_heads(people), [[4.0, 4.0]], atol=1e-6)


@pytest.mark.parametrize(
    "people",
    [
        np.zeros((5, 7), np.float32),
        np.full((12, 12), 0.2, np.float32),  # a plateau: the middle of a dense crowd
        np.full((12, 12), 3.0, np.float32),
        people_at((6.5, 6.5)) * np.float32(0.3),  # a suspicion
        people_at((6.5, 6.5)) * np.float32(3.0),  # several heads run together
        np.zeros((0, 0), np.float32),
    ],
)
def test_nobody_stands_out(people: npt.NDArray[np.float32]) -> None:
    assert find_heads(people).shape == (0, 2)


def test_the_limits_are_the_callers() -> None:
    people = people_at((6.5, 6.5)) * np.float32(0.3)

    assert len(find_heads(people, HeadParams(least_people=0.2))) == 1


def test_a_map_of_one_cell() -> None:
    np.testing.assert_allclose(find_heads(np.ones((1, 1), np.float32)), [[0.5, 0.5]])

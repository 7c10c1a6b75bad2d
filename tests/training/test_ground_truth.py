"""Maps from heads: they sum to the count, and kernels are as wide as the formula says."""

from __future__ import annotations

import numpy as np
import pytest

from training.datasets.base import HeadArray
from training.ground_truth import (
    adaptive_density,
    adaptive_sigmas,
    count_points,
    fixed_density,
)

NOBODY = np.zeros((0, 2), np.float32)


def heads(*points: tuple[float, float]) -> HeadArray:
    return np.array(points, np.float32).reshape(-1, 2)


def crowd(people: int, wh: tuple[int, int] = (160, 96)) -> HeadArray:
    rng = np.random.default_rng(people)
    return (rng.random((people, 2)) * wh).astype(np.float32)


def test_heads_are_counted_in_their_cells() -> None:
    points = count_points(heads((0, 0), (7.9, 7.9), (8, 0), (3, 12)), (2, 3), 8)
    assert points.tolist() == [[2, 1, 0], [1, 0, 0]]


def test_heads_beyond_the_border_count_in_the_nearest_cell() -> None:
    points = count_points(heads((-5, -5), (24, 3), (99, 99)), (2, 3), 8)
    assert points.tolist() == [[1, 0, 1], [0, 0, 1]]


@pytest.mark.parametrize("people", [0, 1, 2, 3, 4, 200])
@pytest.mark.parametrize("stride", [4, 8])
def test_maps_sum_to_the_count(people: int, stride: int) -> None:
    map_hw = (96 // stride, 160 // stride)
    fixed = fixed_density(crowd(people), map_hw, stride, sigma_px=12.0)
    adaptive = adaptive_density(crowd(people), map_hw, stride)
    for density in (fixed, adaptive):
        assert (density.shape, density.dtype) == (map_hw, np.float32)
        assert density.sum() == pytest.approx(people, abs=1e-3 * max(people, 1))
        assert (density >= 0).all()


@pytest.mark.parametrize("corner", [(0.0, 0.0), (159.9, 0.0), (0.0, 95.9), (160.0, 96.0)])
def test_nothing_is_lost_at_the_border(corner: tuple[float, float]) -> None:
    density = fixed_density(heads(corner), (12, 20), 8, sigma_px=20.0)
    assert density.sum() == pytest.approx(1.0, abs=1e-5)
    row, column = np.unravel_index(density.argmax(), density.shape)
    assert (row in {0, 11}, column in {0, 19}) == (True, True)


def test_a_kernel_is_as_wide_as_asked() -> None:
    density = fixed_density(heads((200.5, 200.5)), (400, 400), 1, sigma_px=10.0)
    columns = np.arange(400) + 0.5
    mean = float((density.sum(axis=0) * columns).sum())
    variance = float((density.sum(axis=0) * (columns - mean) ** 2).sum())
    assert mean == pytest.approx(200.5, abs=0.01)
    assert variance**0.5 == pytest.approx(10.0, rel=0.01)


def test_adaptive_widths_by_hand() -> None:
    # A square of side 10: neighbours at 10, 10 and 14.142, mean 11.381, times 0.3.
    square = heads((0, 0), (10, 0), (0, 10), (10, 10))
    assert adaptive_sigmas(square) == pytest.approx([3.4142] * 4, abs=1e-3)
    # In a line 0, 10, 30, 60, 100: the three nearest of the first are 10, 30 and 60 away.
    line = heads((0, 0), (10, 0), (30, 0), (60, 0), (100, 0))
    expected = [0.3 * mean for mean in (100 / 3, 80 / 3, 80 / 3, 120 / 3, 200 / 3)]
    assert adaptive_sigmas(line) == pytest.approx(expected, rel=1e-5)


def test_adaptive_widths_of_few_and_of_many() -> None:
    assert adaptive_sigmas(NOBODY).shape == (0,)
    assert adaptive_sigmas(heads((5, 5)), largest_px=40).tolist() == [40]
    assert adaptive_sigmas(heads((0, 0), (20, 0))).tolist() == [6, 6]
    assert adaptive_sigmas(heads((0, 0), (900, 0))).tolist() == [60, 60]
    assert adaptive_sigmas(heads((5, 5), (5, 5))).tolist() == [1, 1]


def test_a_crowd_is_sharper_than_people_apart() -> None:
    dense = adaptive_density(
        heads(*((x, y) for x in range(40, 60, 4) for y in range(40, 60, 4))), (100, 100), 1
    )
    apart = adaptive_density(heads((20, 20), (80, 20), (20, 80), (80, 80)), (100, 100), 1)
    assert dense.max() > 20 * apart.max()

"""Sums over regions: nothing is lost at borders, and what a border cuts is shared by area."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.regions import count_heads, pool, sum_regions

FOUR = np.array([[1, 2], [3, 4]], np.float32)


def test_regions_of_whole_cells_are_their_sums() -> None:
    assert sum_regions(FOUR, (16, 16), stride=8, grid=2).tolist() == [[1, 2], [3, 4]]
    assert sum_regions(FOUR, (16, 16), stride=8, grid=1).tolist() == [[10]]


def test_a_cut_cell_is_shared_by_area() -> None:
    one = np.array([[8]], np.float32)
    assert sum_regions(one, (8, 8), stride=8, grid=2).tolist() == [[2, 2], [2, 2]]
    row = np.array([[3, 3, 3]], np.float32)
    assert sum_regions(row, (24, 8), stride=8, grid=2).tolist() == [[2.25, 2.25], [2.25, 2.25]]


def test_what_lies_beyond_the_picture_goes_to_the_last_regions() -> None:
    # a picture of 8 x 8 pixels padded to 16 x 16
    found = sum_regions(FOUR, (8, 8), stride=8, grid=2)
    assert found.tolist() == [[0.25, 1.25], [1.75, 6.75]]


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(0, 15),
    st.integers(0, 15),
    st.integers(0, 9),
)
def test_regions_always_give_the_sum_of_the_map(
    rows: int, columns: int, below: int, right: int, seed: int
) -> None:
    people = np.random.default_rng(seed).random((2 * rows, 2 * columns), np.float32)
    picture_wh = (16 * columns - right, 16 * rows - below)
    regions = sum_regions(people, picture_wh, stride=8, grid=8)
    assert regions.min() >= -1e-9
    assert regions.sum() == pytest.approx(float(people.sum(dtype=np.float64)))


def test_heads_beyond_the_border_count_in_the_nearest_region() -> None:
    heads = np.array([[-3, 5], [99.9, 5], [100, 52], [130, 300], [49.9, 50]], np.float32)
    assert count_heads(heads, (100, 100), grid=2).tolist() == [[1, 1], [1, 2]]
    assert count_heads(np.zeros((0, 2), np.float32), (100, 100), grid=2).sum() == 0


def test_pooling_joins_neighbours() -> None:
    sums = np.arange(16, dtype=float).reshape(4, 4)
    assert pool(sums, 2, 2).tolist() == [[10, 18], [42, 50]]
    assert pool(sums, 1, 2).tolist() == [[52, 68]]
    assert pool(sums, 2, 1).tolist() == [[28], [92]]
    assert pool(sums, 1, 1).tolist() == [[120]]

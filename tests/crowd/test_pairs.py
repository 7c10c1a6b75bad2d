"""Few true entries of large tables, and rows of unequal length."""

from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.pairs import pairs_of, ragged


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (4, 0), (1, 1), (50, 7)])
def test_pairs_are_those_of_numpy(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(3).random(shape) < 0.2
    for found, expected in zip(pairs_of(matrix), np.nonzero(matrix), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_rows_of_unequal_length_are_counted_up_one_after_the_other() -> None:
    first, counts = np.array([5, 0, 9, 2]), np.array([3, 0, 1, 2])
    row, number = ragged(first, counts)
    assert list(zip(row.tolist(), number.tolist(), strict=True)) == [
        (0, 5),
        (0, 6),
        (0, 7),
        (2, 9),
        (3, 2),
        (3, 3),
    ]
    nothing = np.zeros(0, np.int64)
    assert [part.size for part in ragged(nothing, nothing)] == [0, 0]

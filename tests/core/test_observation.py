"""Density of blocks of a density map: of the whole picture, and of a part of it."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.observation import CROWDED_BLOCK, CountError, CrowdMap


def _map() -> CrowdMap:
    """1 person in each cell of the first block, 3 in each of the last, cut off by the border."""
    people = np.zeros((9, 10), np.float32)
    people[:CROWDED_BLOCK, :CROWDED_BLOCK] = 1.0
    people[8:, 8:] = 3.0
    heads = np.zeros((0, 2), np.float32)
    return CrowdMap(
        0.0, 0, people, (8.0, 8.0), (80, 72), heads, CountError(0.5, 0.1, 1.0), crowded_per_cell=0.5
    )


def test_the_densest_block_may_be_asked_of_some_cells() -> None:
    found = _map()
    last = pytest.approx(3 * 2 / 16)
    cells = np.zeros(found.people.shape, np.bool_)
    assert (found.densest_per_cell, found.beyond_validation) == (1.0, True)
    assert found.densest_among(cells) == 0
    cells[8, 9] = True
    assert found.densest_among(cells) == last
    cells[3, 3] = True
    assert found.densest_among(cells) == 1.0
    assert found.densest_among(np.ones_like(cells)) == found.densest_per_cell

"""Occupancy and the level of density."""

from __future__ import annotations

import pytest

from backend.core.locations import DensityLevel
from backend.crowd.locations.fullness import compute_occupancy, density_level

LOW, MEDIUM, HIGH, CRITICAL = DensityLevel


@pytest.mark.parametrize(
    ("percent", "level"),
    [
        (0, LOW),
        (49.9, LOW),
        (50, MEDIUM),
        (79.9, MEDIUM),
        (80, HIGH),
        (99.9, HIGH),
        (100, CRITICAL),
        (400, CRITICAL),
    ],
)
def test_levels_of_occupancy(percent: float, level: DensityLevel) -> None:
    assert density_level(percent, None) == (level, "occupancy")


@pytest.mark.parametrize(
    ("density", "level"),
    [(0.0, LOW), (1.9, LOW), (2.0, MEDIUM), (3.9, MEDIUM), (4.0, HIGH), (6.0, CRITICAL)],
)
def test_levels_of_density(density: float, level: DensityLevel) -> None:
    assert density_level(None, density) == (level, "density")


def test_the_higher_decides_and_is_named() -> None:
    assert density_level(95, 2.5) == (HIGH, "occupancy")
    assert density_level(10, 2.5) == (MEDIUM, "density")
    assert density_level(60, 2.5) == (MEDIUM, "occupancy")
    assert density_level(None, None) == (None, "")


def test_other_bands() -> None:
    assert density_level(None, 3.5, (3.2, 4.0, 6.0)) == (MEDIUM, "density")
    assert density_level(None, 3.0, (3.2, 4.0, 6.0)) == (LOW, "density")


@pytest.mark.parametrize(("count", "capacity"), [(None, 100), (5, None), (5, 0), (None, None)])
def test_no_occupancy_without_a_count_and_a_capacity(
    count: float | None, capacity: int | None
) -> None:
    assert compute_occupancy(count, capacity) is None


def test_nobody_is_none_of_it() -> None:
    assert compute_occupancy(0, 100) == 0

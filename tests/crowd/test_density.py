from __future__ import annotations

import numpy as np
import pytest
import shapely

from backend.core.measurements import LevelOfService
from backend.crowd import density
from backend.crowd.density import classic_density, density_by_area, level_of_service
from backend.crowd.ground_area import Area

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)]


@pytest.mark.parametrize(
    ("count", "area"), [(1, 0), (1, -3), (-1, 10), (1, float("nan")), (float("nan"), 10)]
)
def test_refuses_what_is_no_area_or_count(count: float, area: float) -> None:
    with pytest.raises(ValueError, match=r"area_m2|count"):
        density_by_area(count, area)


def test_nobody_is_zero() -> None:
    assert density_by_area(0, 12) == 0
    assert classic_density([], SQUARE) == 0
    assert classic_density(np.zeros((0, 2)), SQUARE) == 0


@pytest.mark.parametrize(
    "area",
    [SQUARE, SQUARE[::-1], np.array(SQUARE), shapely.Polygon(SQUARE)],
    ids=["corners", "the other way round", "array", "shapely"],
)
def test_classic_density_counts_whom_the_area_holds(area: Area) -> None:
    people = [(1.0, 1.0), (3.9, 0.1), (4.1, 1.0), (-1.0, -1.0)]
    assert classic_density(people, area) == 2 / 8


def test_on_the_edge_is_outside_so_that_neighbours_never_count_twice() -> None:
    left, right = shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)
    on_the_line = [(2.0, 1.0)]
    assert classic_density(on_the_line, left) + classic_density(on_the_line, right) == 0


def test_a_pillar_takes_no_part() -> None:
    hall = shapely.Polygon(shapely.box(0, 0, 4, 4).exterior, [shapely.box(1, 1, 3, 3).exterior])
    assert classic_density([(2.0, 2.0), (0.5, 0.5)], hall) == 1 / 12


@pytest.mark.parametrize(
    ("positions", "area", "says"),
    [
        ([(1.0, float("nan"))], SQUARE, "positions holds NaN"),
        ([1.0, 2.0], SQUARE, "positions must have shape"),
        ([(1.0, 2.0, 3.0)], SQUARE, "positions must have shape"),
        ([(1.0, 1.0)], [(0, 0), (1, 1)], "at least 3 corners"),
        ([(1.0, 1.0)], [(0, 0), (1, 1), (2, 2)], "larger than 0 m²"),
        ([(1.0, 1.0)], [(0, 0), (2, 2), (2, 0), (0, 2.5)], "no simple polygon"),
        ([(1.0, 1.0)], [(0, 0), (2, 2), (2, float("inf"))], "not a finite number"),
    ],
)
def test_refuses_what_cannot_be_measured(positions: object, area: Area, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        classic_density(positions, area)  # type: ignore[arg-type]


def test_level_of_service_changes_at_fruins_edges() -> None:
    edges = (0.31, 0.43, 0.72, 1.08, 2.17)
    below = [level_of_service(edge - 1e-9) for edge in edges]
    at = [level_of_service(edge) for edge in edges]
    assert below == list(LevelOfService)[:5]
    assert at == list(LevelOfService)[1:]
    assert level_of_service(0.0) is LevelOfService.A
    assert level_of_service(9.0) is LevelOfService.F


@pytest.mark.parametrize("impossible", [-0.1, float("nan")])
def test_no_level_of_service_for_no_density(impossible: float) -> None:
    with pytest.raises(ValueError, match="density_per_m2"):
        level_of_service(impossible)


def test_every_density_is_imported_from_one_place() -> None:
    assert {"classic_density", "voronoi_density", "gaussian_density_field"} <= set(density.__all__)
    assert all(hasattr(density, name) for name in density.__all__)

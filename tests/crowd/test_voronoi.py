from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from backend.core.frame import FloatArray
from backend.crowd.voronoi import VoronoiArea, voronoi_density

HALL = shapely.box(0, 0, 12, 9)
MIDDLE = shapely.box(3, 2, 9, 7)
seeds = st.integers(0, 10_000)


def crowd(seed: int, people: int = 50) -> FloatArray:
    return np.random.default_rng(seed).uniform((0, 0), (12, 9), (people, 2))


def test_nobody_is_zero() -> None:
    assert voronoi_density([], HALL, MIDDLE) == 0
    assert VoronoiArea(HALL, MIDDLE).cells([]).area_m2.shape == (0,)
    assert voronoi_density([(50.0, 50.0)], HALL, MIDDLE) == 0


def test_one_person_has_the_whole_place() -> None:
    assert voronoi_density([(1.0, 1.0)], HALL, MIDDLE) == pytest.approx(1 / 108)


def test_two_people_halve_it_in_the_middle_between_them() -> None:
    read = VoronoiArea(HALL, shapely.box(0, 0, 3, 9)).cells([(1.0, 4.0), (5.0, 4.0)])
    np.testing.assert_allclose(read.area_m2, [27, 81])
    density = voronoi_density([(1.0, 4.0), (5.0, 4.0)], HALL, shapely.box(0, 0, 6, 9))
    assert density == pytest.approx((1 + 27 / 81) / 54)


def test_people_in_a_row() -> None:
    row = [(x + 0.5, 4.5) for x in range(12)]
    assert voronoi_density(row, HALL, MIDDLE) == pytest.approx(1 / 9)
    slanted = [(x + 0.5, 0.5 * x + 0.5) for x in range(12)]
    assert VoronoiArea(HALL, MIDDLE).cells(slanted).area_m2.sum() == pytest.approx(108)


@pytest.mark.parametrize("spacing", [0.5, 1.0, 1.5])
def test_a_lattice_reads_its_density(spacing: float) -> None:
    x, y = np.meshgrid(np.arange(spacing / 2, 12, spacing), np.arange(spacing / 2, 9, spacing))
    people = np.column_stack([x.ravel(), y.ravel()])
    assert voronoi_density(people, HALL, MIDDLE) == pytest.approx(1 / spacing**2, rel=1e-9)
    lone = VoronoiArea(HALL, MIDDLE).cells(people).area_m2
    np.testing.assert_allclose(lone, spacing**2, rtol=1e-9)


def test_people_on_a_circle_share_it_evenly() -> None:
    angle = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    ring = np.column_stack([6 + 3 * np.cos(angle), 4.5 + 3 * np.sin(angle)])
    disc = shapely.Point(6, 4.5).buffer(4, quad_segs=60)
    area = VoronoiArea(disc, MIDDLE).cells(ring).area_m2
    np.testing.assert_allclose(area, disc.area / 24, rtol=1e-6)


def test_where_all_ground_is_measured_it_is_the_classic_density() -> None:
    people = np.vstack([crowd(1), [[-3.0, 2.0]]])
    assert voronoi_density(people, MIDDLE, HALL) == pytest.approx(
        int(shapely.intersects_xy(MIDDLE, people).sum()) / 108
    )
    assert voronoi_density(people, HALL, HALL) == pytest.approx(50 / 108)


def test_people_in_one_place_share_a_cell() -> None:
    people = np.array([[2.0, 4.5], [2.0, 4.5], [2.0, 4.5004], [10.0, 4.5]])
    measured = VoronoiArea(HALL, shapely.box(0, 0, 3, 9))
    cells = measured.cells(people)
    np.testing.assert_allclose(cells.area_m2, [18, 18, 18, 54], rtol=1e-3)
    assert cells.polygons[0] is cells.polygons[2]
    assert measured.density(people) == pytest.approx(3 * 27 / 54 / 27, rel=1e-3)


def test_a_wall_keeps_the_part_of_the_cell_where_the_person_is() -> None:
    """Ground behind a barrier, nearer to nobody else, belongs to nobody."""
    barrier = shapely.box(5.9, 0, 6.1, 7)
    place = HALL.difference(barrier)
    cells = VoronoiArea(place, MIDDLE).cells([(5.0, 3.0), (5.0, 8.5)])
    assert cells.polygons[0].geom_type == "Polygon"
    assert cells.polygons[0].bounds[2] == pytest.approx(5.9)
    assert cells.area_m2[0] == pytest.approx(5.9 * 5.75)


def test_a_pillar_inside_a_cell_is_not_ground() -> None:
    place = HALL.difference(shapely.box(5, 4, 7, 5))
    read = VoronoiArea(place, MIDDLE).cells([(2.0, 4.5)])
    assert read.area_m2[0] == pytest.approx(108 - 2)


def test_people_off_the_ground_are_left_out_and_have_no_cell() -> None:
    people = np.array([[1.0, 1.0], [-0.5, 4.0], [12.0, 9.0], [11.0, 8.0]])
    cells = VoronoiArea(HALL, MIDDLE).cells(people)
    assert np.isnan(cells.area_m2).tolist() == [False, True, False, False]
    assert cells.polygons[1] is None
    assert voronoi_density(people, HALL, MIDDLE) == voronoi_density(people[[0, 2, 3]], HALL, MIDDLE)


@given(seeds, st.sampled_from([1e-7, 1e-5, 1e-4, 1e-3, 0.002, 0.05]))
@settings(max_examples=40, deadline=None)
def test_cells_tile_the_ground_however_close_people_are(seed: int, apart_m: float) -> None:
    rng = np.random.default_rng(seed)
    some = crowd(seed, 30)
    people = np.clip(np.vstack([some, some + rng.normal(0, apart_m, some.shape)]), 0, (12, 9))
    cells = VoronoiArea(HALL, MIDDLE).cells(people)
    assert all(polygon.is_valid for polygon in cells.polygons)
    assert cells.area_m2.sum() == pytest.approx(108, rel=1e-9)


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_cells_tile_the_ground_on_crossings_of_a_raster(seed: int) -> None:
    """Many people on common circles and lines: the hardest case for a Voronoi diagram."""
    rng = np.random.default_rng(seed)
    people = rng.integers(0, (13, 10), (rng.integers(1, 40), 2)).astype(float)
    assert VoronoiArea(HALL, MIDDLE).cells(people).area_m2.sum() == pytest.approx(108, rel=1e-9)


@given(seeds, st.floats(0, 2 * math.pi), st.floats(-5e5, 5e5), st.floats(-5e6, 5e6))
@settings(max_examples=30, deadline=None)
def test_place_and_direction_do_not_matter(
    seed: int, angle: float, east: float, north: float
) -> None:
    def moved(area: shapely.Polygon) -> shapely.Polygon:
        turned = affinity.rotate(area, angle, origin=(0, 0), use_radians=True)
        return affinity.translate(turned, east, north)

    people = crowd(seed)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    read = voronoi_density(people @ turn.T + [east, north], moved(HALL), moved(MIDDLE))
    assert read == pytest.approx(voronoi_density(people, HALL, MIDDLE), rel=1e-6)


@given(seeds, st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_order_does_not_matter_and_units_only_rescale(seed: int, unit: float) -> None:
    people = crowd(seed)
    read = voronoi_density(people, HALL, MIDDLE)
    mixed = np.random.default_rng(seed).permutation(people)
    assert voronoi_density(mixed, HALL, MIDDLE) == pytest.approx(read, rel=1e-9)
    hall = affinity.scale(HALL, unit, unit, origin=(0, 0))
    middle = affinity.scale(MIDDLE, unit, unit, origin=(0, 0))
    scaled = voronoi_density(people * unit, hall, middle)
    assert scaled * unit**2 == pytest.approx(read, rel=1e-9)


@pytest.mark.parametrize(
    ("positions", "says"),
    [([(float("nan"), 1.0)], "positions holds NaN"), ([(1.0, 2.0, 3.0)], "shape")],
)
def test_refuses_people_who_cannot_be_placed(positions: list[tuple[float, ...]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        voronoi_density(positions, HALL, MIDDLE)
    with pytest.raises(ValueError, match=says):
        VoronoiArea(HALL, MIDDLE).cells(positions)


def test_refuses_areas_without_ground() -> None:
    with pytest.raises(ValueError, match="walkable_area must be larger"):
        VoronoiArea([(0, 0), (1, 1), (2, 2)], MIDDLE)
    with pytest.raises(ValueError, match="measurement_area must be larger"):
        VoronoiArea(HALL, [(0, 0), (1, 1), (2, 2)])

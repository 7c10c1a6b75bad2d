from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf
from shapely import affinity

from backend.core.frame import FloatArray
from backend.crowd.density_kernel import (
    MAX_NODES,
    DensityKernel,
    gaussian_density_field,
    local_density,
    peak_local_density,
)

HALL = shapely.box(0, 0, 12, 9)
ALONE = 1 / math.pi
TRUNCATED = 2e-4
"""Left out beyond 3 R, relative."""


def crowd(seed: int, people: int = 60) -> FloatArray:
    return np.random.default_rng(seed).uniform((0, 0), (12, 9), (people, 2))


def lattice(width: float, height: float, spacing: float) -> FloatArray:
    x = np.arange(spacing / 2, width, spacing)
    y = np.arange(spacing / 2, height, spacing)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


seeds = st.integers(0, 10_000)
angles = st.floats(0, 2 * math.pi)


def test_one_person_far_from_walls_is_the_kernel_itself() -> None:
    apart = np.array([[6.0, 4.5], [6.5, 4.5], [6.0, 6.5]])
    read = local_density([(6.0, 4.5)], apart, HALL)
    np.testing.assert_allclose(read, ALONE * np.exp([0, -0.25, -4]), atol=1e-5)


def test_the_formula_with_walls_in_closed_form() -> None:
    people, at = crowd(1), crowd(2)
    away = ((at[:, None] - people) ** 2).sum(axis=2)
    across = (erf(12 - at[:, 0]) + erf(at[:, 0])) / 2
    along = (erf(9 - at[:, 1]) + erf(at[:, 1])) / 2
    expected = (np.exp(-away) / math.pi).sum(axis=1) / (across * along)
    np.testing.assert_allclose(local_density(people, at, HALL), expected, rtol=5e-3)
    np.testing.assert_allclose(
        local_density(people, at, HALL), expected, atol=TRUNCATED * float(expected.max())
    )


@pytest.mark.parametrize("spacing", [0.5, 1.0])
def test_a_lattice_reads_its_density_away_from_walls(spacing: float) -> None:
    people = lattice(12, 9, spacing)
    middle = np.random.default_rng(3).uniform((4, 4), (8, 5), (40, 2))
    read = local_density(people, middle, HALL)
    np.testing.assert_allclose(read, 1 / spacing**2, rtol=3e-4)


def test_a_full_passage_reads_its_density_and_not_what_its_walls_leave() -> None:
    """1.2 m wide at 7 people/m²: without the correction it would read 4.2."""
    passage = shapely.box(0, 0, 1.2, 10)
    grid = lattice(1.2, 10, 0.1)
    weights = np.full(len(grid), 7 * 12 / len(grid))
    middle = [(0.6, 5.0)]
    assert local_density(grid, middle, passage, weights=weights)[0] == pytest.approx(7, rel=0.01)
    uncorrected = local_density(grid, middle, shapely.box(-9, -9, 11, 19), weights=weights)[0]
    assert uncorrected == pytest.approx(4.2, abs=0.1)
    field = gaussian_density_field(grid, passage, weights=weights)
    np.testing.assert_allclose(field.values_per_m2, 7, rtol=0.01)


def test_grid_and_points_agree() -> None:
    kernel = DensityKernel(HALL)
    people = crowd(4)
    field = kernel.field(people)
    x, y = np.meshgrid(field.x_m, field.y_m)
    nodes = np.column_stack([x.ravel(), y.ravel()])
    at_nodes = kernel.at(nodes, people).reshape(x.shape)
    np.testing.assert_allclose(field.values_per_m2, at_nodes, atol=3e-4)


def test_where_people_stand_reads_the_same_by_either_way() -> None:
    kernel = DensityKernel(HALL)
    people = np.vstack([crowd(5), [[-1.0, 2.0]], crowd(5)[:2]])
    np.testing.assert_allclose(kernel.at(people, people), kernel.at(people.copy(), people))
    assert np.isnan(kernel.at(people, people)[60])


def test_off_walkable_ground_there_is_no_density_and_nobody_counts() -> None:
    pillar = shapely.box(5, 4, 7, 5)
    around = HALL.difference(pillar)
    field = gaussian_density_field([(6.0, 4.5), (6.0, 3.9)], around)
    x, y = np.meshgrid(field.x_m, field.y_m)
    off = ~np.asarray(shapely.intersects_xy(around, x, y))
    assert off.any()
    assert np.array_equal(np.isnan(field.values_per_m2), off)
    only = gaussian_density_field([(6.0, 3.9)], around)
    np.testing.assert_array_equal(field.values_per_m2, only.values_per_m2)
    assert np.isnan(local_density([(6.0, 3.9)], [(6.0, 4.5)], around))[0]


def test_nobody_is_zero_everywhere() -> None:
    kernel = DensityKernel(HALL)
    assert not kernel.field([]).values_per_m2.any()
    assert kernel.at([(1.0, 1.0)], [])[0] == 0
    assert kernel.at([], [(1.0, 1.0)]).shape == (0,)
    peak = kernel.peak([(50.0, 50.0)])
    assert (peak.value_per_m2, peak.at_m) == (0.0, None)


def test_the_peak_is_found_between_nodes_too() -> None:
    kernel = DensityKernel(HALL, cell_m=0.5)
    between = (float(kernel.x_m[8]) + 0.25, float(kernel.y_m[8]) + 0.25)
    peak = kernel.peak([between] * 4)
    assert peak.at_m == between
    assert peak.value_per_m2 == pytest.approx(4 * ALONE, rel=1e-4)


def test_two_people_in_a_corner_are_no_crowd_but_a_full_corner_is() -> None:
    room = DensityKernel([(0, 0), (10, 0), (10, 10), (0, 10)])
    two = np.array([[0.05, 0.05], [0.3, 0.1]])
    assert room.at(two, two).max() > 2.0
    assert room.peak(two).value_per_m2 < 1.5
    spots = np.arange(0.15, 2, 0.35)
    full = np.stack(np.meshgrid(spots, spots), axis=-1).reshape(-1, 2)
    assert room.peak(full).value_per_m2 > 6.0


def test_in_a_narrow_passage_the_middle_decides() -> None:
    passage = DensityKernel([(0, 0), (0.5, 0), (0.5, 6), (0, 6)])
    peak = passage.peak([(0.25, 3.0)])
    assert peak.value_per_m2 == pytest.approx(1 / math.pi / math.erf(0.25), rel=0.01)
    assert peak.at_m == (0.25, 3.0)


def test_the_peak_may_lie_where_nobody_stands() -> None:
    kernel = DensityKernel(HALL)
    x, y = float(kernel.x_m[12]), float(kernel.y_m[9])
    ring = [(x + 0.5, y), (x - 0.5, y), (x, y + 0.5), (x, y - 0.5)]
    peak = kernel.peak(ring)
    assert peak.at_m == (x, y)
    assert peak.value_per_m2 == pytest.approx(4 * ALONE * math.exp(-0.25), rel=1e-4)
    assert kernel.peak(ring, field=kernel.field(ring)) == peak


def test_weights_stand_for_the_unseen() -> None:
    kernel = DensityKernel(HALL)
    people = crowd(6)
    twice = kernel.peak(np.vstack([people, people]))
    weighted = kernel.peak(people, np.full(len(people), 2.0))
    assert weighted.value_per_m2 == pytest.approx(twice.value_per_m2)
    assert weighted.at_m == twice.at_m


def test_kernel_sums_give_a_smoothed_mean() -> None:
    kernel = DensityKernel(HALL)
    people = crowd(7)
    velocity = np.tile([1.3, -0.4], (len(people), 1))
    east, north, mass = kernel.grid_sums(people, np.column_stack([velocity, np.ones(len(people))]))
    near = mass > 0.01
    np.testing.assert_allclose(east[near] / mass[near], 1.3)
    np.testing.assert_allclose(north[near] / mass[near], -0.4)
    np.testing.assert_allclose(mass / kernel.wall_share, kernel.field(people).values_per_m2)


@given(seeds, angles, st.floats(-500, 500), st.floats(-500, 500))
@settings(max_examples=25, deadline=None)
def test_the_place_in_the_world_does_not_matter(
    seed: int, angle: float, east: float, north: float
) -> None:
    people, at = crowd(seed), crowd(seed + 1, 20)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    hall = affinity.rotate(HALL, angle, origin=(0, 0), use_radians=True)
    moved = affinity.translate(hall, east, north)
    shift = np.array([east, north])
    read = local_density(people @ turn.T + shift, at @ turn.T + shift, moved)
    np.testing.assert_allclose(read, local_density(people, at, HALL), rtol=5e-4, atol=2e-4)


@given(seeds, st.floats(-500, 500), st.floats(-500, 500))
@settings(max_examples=25, deadline=None)
def test_grid_and_peak_move_with_the_place(seed: int, east: float, north: float) -> None:
    people = crowd(seed)
    moved = affinity.translate(HALL, east, north)
    here, there = (
        peak_local_density(people, HALL),
        peak_local_density(people + np.array([east, north]), moved),
    )
    assert there.value_per_m2 == pytest.approx(here.value_per_m2, rel=1e-9)


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_order_does_not_matter(seed: int) -> None:
    people = crowd(seed)
    order = np.random.default_rng(seed).permutation(len(people))
    kernel = DensityKernel(HALL)
    np.testing.assert_allclose(
        kernel.field(people[order]).values_per_m2, kernel.field(people).values_per_m2, atol=1e-12
    )
    np.testing.assert_allclose(
        kernel.peak(people[order]).value_per_m2, kernel.peak(people).value_per_m2
    )


@given(seeds, st.floats(0.3, 3.0))
@settings(max_examples=25, deadline=None)
def test_another_unit_of_length_only_rescales(seed: int, unit: float) -> None:
    people = crowd(seed)
    scaled = peak_local_density(
        people * unit,
        affinity.scale(HALL, unit, unit, origin=(0, 0)),
        radius_m=unit,
        cell_m=0.49 * unit,
    )
    same = peak_local_density(people, HALL, radius_m=1.0, cell_m=0.49)
    assert scaled.value_per_m2 * unit**2 == pytest.approx(same.value_per_m2, rel=1e-6)


@given(seeds, st.integers(1, 80), st.floats(0, 12), st.floats(0, 9))
@settings(max_examples=60, deadline=None)
def test_another_person_never_lowers_the_peak(seed: int, people: int, x: float, y: float) -> None:
    kernel = DensityKernel(HALL)
    some = crowd(seed, people)
    more = np.vstack([some, [[x, y]]])
    assert kernel.peak(more).value_per_m2 >= kernel.peak(some).value_per_m2 - 1e-12


@pytest.mark.parametrize(
    ("width", "height"), [(2000, 2000), (20_000, 3), (101, 101), (5000, 0.4), (0.3, 0.3)]
)
def test_the_grid_is_bounded_for_any_place(width: float, height: float) -> None:
    kernel = DensityKernel(shapely.box(0, 0, width, height))
    rows, columns = kernel.wall_share.shape
    assert 1 <= rows * columns <= MAX_NODES
    assert rows * columns > 0.9 * MAX_NODES or kernel.cell_m == 0.5
    assert kernel.x_m[0] >= 0
    assert kernel.x_m[-1] <= width
    for axis in (kernel.x_m, kernel.y_m):
        assert all(b - a == pytest.approx(kernel.cell_m) for a, b in pairwise(axis))
    middle = (width / 2, height / 2)
    assert kernel.peak([middle]).value_per_m2 >= ALONE * 0.999


def test_a_person_reads_right_in_a_place_too_wide_for_fine_nodes() -> None:
    """Nodes are 10 m apart there, the people's own places are looked at all the same."""
    peak = peak_local_density([(777.3, 901.4)] * 7, shapely.box(0, 0, 2000, 2000))
    assert peak.value_per_m2 == pytest.approx(7 * ALONE, rel=1e-3)


def test_results_and_grid_cannot_be_overwritten() -> None:
    kernel = DensityKernel(HALL)
    field = kernel.field(crowd(8))
    for array in (field.values_per_m2, field.x_m, field.y_m, kernel.wall_share):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


@pytest.mark.parametrize(
    ("positions", "weights", "says"),
    [
        ([(float("nan"), 1.0)], None, "positions holds NaN"),
        ([(1.0, 2.0, 3.0)], None, "shape"),
        ([(1.0, 2.0)], [1.0, 2.0], "weights must have shape"),
        ([(1.0, 2.0)], [-1.0], "not negative"),
        ([(1.0, 2.0)], [float("nan")], "finite"),
    ],
)
def test_refuses_people_who_cannot_be_placed(
    positions: list[tuple[float, ...]], weights: list[float] | None, says: str
) -> None:
    for ask in (DensityKernel(HALL).field, DensityKernel(HALL).peak):
        with pytest.raises(ValueError, match=says):
            ask(positions, weights)


def test_refuses_lengths_and_areas_that_are_none() -> None:
    with pytest.raises(ValueError, match="above 0 m"):
        DensityKernel(HALL, radius_m=0)
    with pytest.raises(ValueError, match="above 0 m"):
        DensityKernel(HALL, cell_m=float("nan"))
    with pytest.raises(ValueError, match="walkable_area must be larger"):
        DensityKernel([(0, 0), (1, 1), (2, 2)])
    with pytest.raises(ValueError, match="values must be finite"):
        DensityKernel(HALL).grid_sums([(1.0, 1.0)], [1.0])

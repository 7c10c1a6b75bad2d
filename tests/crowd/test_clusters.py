from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from backend.crowd.clusters import close_pairs, cluster_density, convex_hull, find_clusters


def test_finds_groups_biggest_first_and_leaves_loners_out() -> None:
    pair = np.array([[0.0, 0.0], [100.0, 0.0]])
    trio = np.array([[1000.0, 0.0], [1100.0, 0.0], [1050.0, 90.0]])
    loner = np.array([[500.0, 700.0]])
    groups = find_clusters(np.concatenate([pair, loner, trio]), eps=120, min_samples=2)
    assert [group.tolist() for group in groups] == [[3, 4, 5], [0, 1]]
    bigger = find_clusters(np.concatenate([pair, loner, trio]), eps=120, min_samples=3)
    assert [group.tolist() for group in bigger] == [[3, 4, 5]]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=40),
    st.integers(1, 5),
)
def test_clusters_are_those_of_scikit_learn(points: list[tuple[int, int]], least: int) -> None:
    feet = np.array(points, np.float64).reshape(-1, 2)
    labels = DBSCAN(eps=50.0, min_samples=least).fit(feet).labels_
    expected = [np.flatnonzero(labels == k).tolist() for k in range(labels.max() + 1)]
    found = find_clusters(feet, eps=50.0, min_samples=least)
    assert [group.tolist() for group in found] == sorted(expected, key=len, reverse=True)


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_person_are_no_cluster(n: int) -> None:
    assert find_clusters(np.zeros((n, 2)), eps=120, min_samples=2) == []


def test_hull_of_square_line_and_point() -> None:
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10], [5, 5]], np.float64)
    assert sorted(map(tuple, convex_hull(square).tolist())) == [(0, 0), (0, 10), (10, 0), (10, 10)]
    assert len(convex_hull(np.array([[0, 0], [5, 5], [10, 10]], np.float64))) == 2
    point = convex_hull(np.array([[3.0, 4.0], [3.0, 4.0]]))
    assert point.tolist() == [[3.0, 4.0]]
    assert not point.flags.writeable


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=25))
def test_pairs_agree_with_brute_force(points: list[tuple[int, int]]) -> None:
    feet = np.array(points, np.float64).reshape(-1, 2)
    found = {(i, j) for i, j in close_pairs(feet, threshold=80).tolist()}
    expected = {
        (i, j)
        for i in range(len(points))
        for j in range(i + 1, len(points))
        if np.hypot(*(feet[i] - feet[j])) < 80
    }
    assert found == expected


def test_closest_pair_comes_first() -> None:
    feet = np.array([[0.0, 0.0], [70.0, 0.0], [200.0, 0.0], [210.0, 0.0]])
    assert close_pairs(feet, threshold=80).tolist() == [[2, 3], [0, 1]]


@pytest.mark.parametrize("side", [2, 3, 6, 20])
def test_density_of_a_cluster_is_that_of_its_lattice(side: int) -> None:
    axis = 0.6 * np.arange(side)
    lattice = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    hull = convex_hull(lattice).astype(np.float64)
    area, density = cluster_density(side**2, hull, spacing=0.6)
    assert area == pytest.approx((0.6 * (side - 1)) ** 2, rel=1e-5)
    assert density == pytest.approx(1 / 0.36, rel=0.06)


def test_two_people_have_a_density_and_a_spot_has_none() -> None:
    pair = np.array([[0.0, 0.0], [0.8, 0.0]])
    assert cluster_density(2, pair, spacing=0.8) == (0.0, pytest.approx(1.75, rel=0.01))
    assert cluster_density(2, pair[:1], spacing=0.0) == (0.0, None)

"""Congestion clusters and proximity pairs, in the picture or on the ground."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

REFERENCE_WIDTH_PX = 1280.0
"""Picture width the pixel settings refer to."""


def scale_to_picture(length_px: float, picture_width_px: int) -> float:
    """Scale a length given for a picture 1280 px wide to a picture of another width.

    Example:
        >>> scale_to_picture(120, 1920)
        180.0
    """
    return length_px * picture_width_px / REFERENCE_WIDTH_PX


def near_pairs(points: FloatArray, radius: float) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Pairs of people no farther apart than ``radius``.

    Args:
        points: (N, 2) float64, any length unit.
        radius: Distance in the same unit, > 0.

    Returns:
        (P, 2) int64 indices with first < second, in no particular order, and (P,) their
        distances; none for N < 2.

    Example:
        >>> pairs, apart = near_pairs(np.array([[0.0, 0.0], [3.0, 4.0], [90.0, 0.0]]), 5.0)
        >>> pairs.tolist(), apart.tolist()
        ([[0, 1]], [5.0])
    """
    if points.shape[0] < 2:
        return np.zeros((0, 2), np.int64), np.zeros(0)
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    pairs = cKDTree(points).query_pairs(radius, output_type="ndarray").astype(np.int64)
    x, y = np.ascontiguousarray(points.T)
    first, second = np.ascontiguousarray(pairs.T)
    return pairs, np.hypot(x[first] - x[second], y[first] - y[second])


def find_clusters(
    points: FloatArray, *, eps: float, min_samples: int
) -> list[npt.NDArray[np.int64]]:
    """Groups of people standing close together (DBSCAN).

    Args:
        points: (N, 2) float64, positions, any length unit.
        eps: Neighbourhood radius in the same unit, > 0.
        min_samples: People within ``eps`` (oneself included) that make a core point, >= 1.

    Returns:
        One index array per cluster, biggest first; empty for N < min_samples. A person in no
        cluster is in none of them.

    References:
        Ester, Kriegel, Sander & Xu 1996 (DBSCAN). The same groups as scikit-learn's DBSCAN (a
        test compares them), whose import takes seconds and whose call costs several times as
        much for the few dozen people of one picture.

    Example:
        >>> feet = np.array([[0.0, 0.0], [50.0, 0.0], [90.0, 0.0], [500.0, 0.0]])
        >>> [group.tolist() for group in find_clusters(feet, eps=60.0, min_samples=2)]
        [[0, 1, 2]]
    """
    pairs, _ = near_pairs(points, eps)
    return clusters_of(pairs, len(points), min_samples=min_samples)


def clusters_of(
    pairs: npt.NDArray[np.int64], count: int, *, min_samples: int
) -> list[npt.NDArray[np.int64]]:
    """Groups of `find_clusters` from the pairs within its radius.

    Args:
        pairs: (P, 2) int64, every pair within the radius once.
        count: Number of people.
        min_samples: As in `find_clusters`.
    """
    if count < min_samples or count == 0:
        return []
    neighbours = 1 + np.bincount(pairs.ravel(), minlength=count)
    is_core = neighbours >= min_samples
    labels = _joined_labels(count, pairs[is_core[pairs].all(axis=1)])
    labels[~is_core] = count
    # someone at the edge belongs to the first of the groups whose core reaches them
    for inner, outer in (pairs.T, pairs.T[::-1]):
        reaches = is_core[inner] & ~is_core[outer]
        np.minimum.at(labels, outer[reaches], labels[inner[reaches]])
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    groups = [members for members in np.split(order, starts[1:]) if labels[members[0]] < count]
    return sorted(groups, key=len, reverse=True)


def _joined_labels(count: int, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each of ``count`` points the lowest index it is joined to by ``pairs``, (N,)."""
    labels = np.arange(count, dtype=np.int64)
    while True:
        lowest = labels.copy()
        np.minimum.at(lowest, pairs[:, 0], labels[pairs[:, 1]])
        np.minimum.at(lowest, pairs[:, 1], labels[pairs[:, 0]])
        lowest = lowest[lowest]  # whoever points at a joined point follows it: chains halve
        if np.array_equal(lowest, labels):
            return labels
        labels = lowest


def convex_hull(points: FloatArray) -> npt.NDArray[np.float32]:
    """Convex hull of at least one point.

    Args:
        points: (N, 2) float64, N >= 1.

    Returns:
        (K, 2) float32, read-only; one vertex for one point, two for points on a line.
    """
    import cv2  # noqa: PLC0415 - a heavy library, needed only once people stand together

    hull = np.asarray(cv2.convexHull(points.astype(np.float32)), np.float32).reshape(-1, 2)
    hull.flags.writeable = False
    return hull


def cluster_density(people: int, hull: FloatArray, *, spacing: float) -> tuple[float, float | None]:
    """Area of a cluster's hull, and the density of the people in it.

    The hull passes through the people at the border, who stand half outside it: 3 people 0.8 m
    apart over their hull would read 10.8 people/m². So each person is given the half of the
    gap to his neighbour: the density is taken over the hull widened by half the mean distance
    to the nearest neighbour, ``A + P h + pi h²`` (Steiner). On a lattice that is right within
    a few percent for any number of people, two included.

    Args:
        people: People in the cluster.
        hull: (K, 2) float64, corners of the convex hull in order, metres on the ground, K >= 1.
        spacing: Mean distance of the members to their nearest neighbour, metres, >= 0.

    Returns:
        Area of the hull itself in m² (0 for K < 3), and people over the widened hull in 1/m²;
        the latter None where all stand on one spot.

    References:
        Steiner 1840 (area of a convex body widened by h).

    Example:
        >>> square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
        >>> area, density = cluster_density(9, square, spacing=1.0)
        >>> area, round(density, 2)
        (4.0, 1.02)
    """
    after = np.concatenate([hull[1:], hull[:1]])
    onward = after - hull
    area_m2 = abs(float(hull[:, 0] @ after[:, 1] - hull[:, 1] @ after[:, 0])) / 2
    border_m = float(np.hypot(onward[:, 0], onward[:, 1]).sum())
    half_gap = spacing / 2
    own_m2 = area_m2 + border_m * half_gap + math.pi * half_gap**2
    return area_m2, people / own_m2 if own_m2 > 0 else None


def close_pairs(points: FloatArray, *, threshold: float) -> npt.NDArray[np.int64]:
    """Pairs of people closer than ``threshold``.

    Args:
        points: (N, 2) float64, any length unit.
        threshold: Distance in the same unit, > 0; a pair at exactly this distance counts not.

    Returns:
        (P, 2) int64, indices with first < second, closest pair first; (0, 2) for N < 2.

    Example:
        >>> feet = np.array([[0.0, 0.0], [30.0, 0.0], [100.0, 0.0]])
        >>> close_pairs(feet, threshold=80.0).tolist()
        [[0, 1], [1, 2]]
    """
    return closest_first(*near_pairs(points, threshold), threshold=threshold)


def closest_first(
    pairs: npt.NDArray[np.int64], distance: FloatArray, *, threshold: float
) -> npt.NDArray[np.int64]:
    """Pairs of `close_pairs` from the pairs of `near_pairs`."""
    is_close = distance < threshold
    close, apart = pairs[is_close], distance[is_close]
    return close[np.lexsort((close[:, 1], close[:, 0], apart))]

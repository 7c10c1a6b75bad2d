"""Clusters and proximity pairs on the ground."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from backend.core.frame import FloatArray
from backend.core.measurements import Cluster
from backend.crowd.clusters import close_pairs, cluster_density, convex_hull, find_clusters
from backend.crowd.density_meter import GroundCrowd
from backend.crowd.params import AnalysisParams
from backend.crowd.sighting import Sighting


def group_on_ground(
    seen: Sighting, crowd: GroundCrowd, params: AnalysisParams
) -> tuple[tuple[Cluster, ...], npt.NDArray[np.int64]]:
    """Who stands together in the monitored area.

    Args:
        seen: The N tracks.
        crowd: Those placed on the ground.
        params: Live settings, distances in metres.

    Returns:
        Clusters, biggest first, and (P, 2) rows of tracks of the pairs, closest first.
    """
    rows, at = crowd.rows[crowd.inside], crowd.world_m[crowd.inside]
    groups = find_clusters(at, eps=params.cluster_eps_m, min_samples=params.cluster_min_samples)
    pairs = close_pairs(at, threshold=params.proximity_threshold_m)
    if not groups:
        return (), rows[pairs]
    gap, _ = cKDTree(at).query(at, k=min(2, len(at)))
    nearest = np.asarray(gap, np.float64).reshape(len(at), -1)[:, -1]
    clusters = tuple(
        _cluster(seen, rows[group], at[group], spacing=float(nearest[group].mean()))
        for group in groups
    )
    return clusters, rows[pairs]


def _cluster(
    seen: Sighting, rows: npt.NDArray[np.int64], at: FloatArray, *, spacing: float
) -> Cluster:
    # Relative to one of them: hulls are computed in single precision.
    hull_m = convex_hull(at - at[0]).astype(np.float64)
    area_m2, density = cluster_density(len(rows), hull_m, spacing=spacing)
    ids = seen.tracks.track_ids[rows]
    hull_px = convex_hull(seen.feet_px[rows])
    return Cluster(tuple(ids.tolist()), hull_px, area_m2, density)

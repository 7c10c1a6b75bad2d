"""Clusters and proximity pairs on the ground."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.measurements import Cluster
from backend.crowd.clusters import (
    closest_first,
    cluster_density,
    clusters_of,
    convex_hull,
    near_pairs,
)
from backend.crowd.metering.density_meter import GroundCrowd
from backend.crowd.metering.sighting import Sighting
from backend.crowd.params import AnalysisParams


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
    reach_m = max(params.cluster_eps_m, params.proximity_threshold_m)
    pairs, apart = near_pairs(at, reach_m)
    close = rows[closest_first(pairs, apart, threshold=params.proximity_threshold_m)]
    linked = pairs if reach_m == params.cluster_eps_m else pairs[apart <= params.cluster_eps_m]
    groups = clusters_of(linked, len(at), min_samples=params.cluster_min_samples)
    nearest = np.full(len(at), reach_m)
    for end in pairs.T:
        np.minimum.at(nearest, end, apart)
    clusters = tuple(
        _cluster(seen, rows[group], at[group], spacing=float(nearest[group].mean()))
        for group in groups
    )
    return clusters, close


def _cluster(
    seen: Sighting, rows: npt.NDArray[np.int64], at: FloatArray, *, spacing: float
) -> Cluster:
    # Relative to one of them: hulls are computed in single precision.
    hull_m = convex_hull(at - at[0]).astype(np.float64)
    area_m2, density = cluster_density(len(rows), hull_m, spacing=spacing)
    ids = seen.tracks.track_ids[rows]
    hull_px = convex_hull(seen.feet_px[rows])
    return Cluster(tuple(ids.tolist()), hull_px, area_m2, density)

"""Measurements of an uncalibrated camera: pixels of the picture, body heights, no metres."""

from __future__ import annotations

import numpy as np

from backend.core.measurements import Cluster
from backend.crowd.clusters import close_pairs, convex_hull, find_clusters, scale_to_picture
from backend.crowd.metering.motion_reading import motion_in_picture
from backend.crowd.metering.reading import Reading
from backend.crowd.metering.sighting import Sighting
from backend.crowd.motion import velocities
from backend.crowd.params import AnalysisParams


def measure_in_picture(seen: Sighting, *, picture_width_px: int, params: AnalysisParams) -> Reading:
    """Measure one frame without a ground plane.

    Args:
        seen: The tracks.
        picture_width_px: Width of the frame; the pixel settings refer to 1280 px.
        params: Live settings.
    """
    velocity = velocities(seen.trajectories.times_s, seen.trajectories.positions)
    groups = find_clusters(
        seen.feet_px,
        eps=scale_to_picture(params.cluster_eps_px, picture_width_px),
        min_samples=params.cluster_min_samples,
    )
    ids = seen.tracks.track_ids
    return Reading(
        inside=np.ones(len(seen), np.bool_),
        velocity_px=velocity,
        motion=motion_in_picture(velocity, seen.heights_px, z_limit=params.anomaly_velocity_zscore),
        clusters=tuple(
            Cluster(tuple(ids[group].tolist()), convex_hull(seen.feet_px[group]))
            for group in groups
        ),
        pairs=close_pairs(
            seen.feet_px,
            threshold=scale_to_picture(params.proximity_threshold_px, picture_width_px),
        ),
    )

"""Measurements as geometry for overlays: tracks, pairs, density."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.measurements import CrowdPicture, ProximityPair, TrackView
from backend.core.observation import CrowdMap
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.reading import Reading
from backend.crowd.metering.sighting import Sighting

MAX_PICTURED_PAIRS = 200
"""Pairs handed to the overlay, closest first; all are counted."""


def picture_of(
    seen: Sighting,
    reading: Reading,
    outline_px: tuple[tuple[float, float], ...] | None = None,
    *,
    crowd_map: CrowdMap | None = None,
    hybrid: HybridReading | None = None,
) -> CrowdPicture:
    """Put the geometry of one frame together.

    Args:
        seen: The N tracks.
        reading: What was measured of them.
        outline_px: Corners of the monitored area, pixels; None uncalibrated.
        crowd_map: The map of ``hybrid``; handed on only while it counts as of now. What merely
            fades out of the count is no picture of this frame.
        hybrid: How boxes and map share the frame; None without a map.
    """
    ground = reading.ground
    live = None if crowd_map is None or hybrid is None or not hybrid.is_live else hybrid
    return CrowdPicture(
        tracks=_track_views(seen, reading),
        clusters=reading.clusters,
        pairs=_pictured_pairs(seen, reading),
        density=ground.density.drawn if ground is not None else None,
        monitored_px=outline_px,
        crowd_map=None if live is None else crowd_map,
        map_shares=None if live is None else live.shares,
    )


def _track_views(seen: Sighting, reading: Reading) -> tuple[TrackView, ...]:
    ground, n = reading.ground, len(seen)
    nothing: list[tuple[float, float] | None] = [None] * n
    at = nothing if ground is None else _pairs_of(ground.world_m)
    moves = nothing if ground is None else _pairs_of(ground.velocity_mps)
    rows = zip(
        seen.tracks.track_ids.tolist(),
        seen.tracks.boxes_xyxy.tolist(),
        seen.tracks.confidence.tolist(),
        seen.feet_px.tolist(),
        _pairs_of(reading.velocity_px),
        seen.trails,
        reading.motion.anomalous.tolist(),
        at,
        moves,
        strict=True,
    )
    return tuple(
        TrackView(
            track_id=track_id,
            box_xyxy=(box[0], box[1], box[2], box[3]),
            confidence=confidence,
            foot_px=(foot[0], foot[1]),
            velocity_px_per_s=velocity,
            speed_mps=None if move is None else (move[0] ** 2 + move[1] ** 2) ** 0.5,
            trail_px=trail,
            is_anomalous=anomalous,
            ground_m=place,
            velocity_mps=move,
        )
        for track_id, box, confidence, foot, velocity, trail, anomalous, place, move in rows
    )


def _pairs_of(vectors: FloatArray) -> list[tuple[float, float] | None]:
    """Rows of (N, 2) as tuples, None where they are not defined."""
    defined: list[bool] = np.asarray(np.isfinite(vectors).all(axis=1)).tolist()
    return [
        (x, y) if known else None for (x, y), known in zip(vectors.tolist(), defined, strict=True)
    ]


def _pictured_pairs(seen: Sighting, reading: Reading) -> tuple[ProximityPair, ...]:
    shown = reading.pairs[:MAX_PICTURED_PAIRS]
    apart_m: list[float | None] = [None] * len(shown)
    if reading.ground is not None:
        apart_m = [float(value) for value in _apart(reading.ground.world_m, shown)]
    ids = seen.tracks.track_ids.tolist()
    points = [(x, y) for x, y in seen.feet_px.tolist()]
    return tuple(
        ProximityPair(ids[first], ids[second], points[first], points[second], px, metres)
        for (first, second), px, metres in zip(
            shown.tolist(), _apart(seen.feet_px, shown).tolist(), apart_m, strict=True
        )
    )


def _apart(points: FloatArray, pairs: npt.NDArray[np.int64]) -> FloatArray:
    return np.asarray(np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1))

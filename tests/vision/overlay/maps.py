"""Density maps to draw, shared by the tests of the overlay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.measurements import CrowdMetrics, CrowdPicture, TrackView
from backend.core.observation import CountError, CrowdMap
from backend.core.snapshot import Snapshot
from tests import builders

WH = (640, 480)
CELL_PX = 8.0
GRID_HW = (60, 80)


def crowd_map(
    people: npt.ArrayLike | None = None,
    *,
    heads: npt.ArrayLike = (),
    stream_time_s: float = 0.0,
    segment: int = 0,
    picture_wh: tuple[int, int] = WH,
) -> CrowdMap:
    """Return a map of cells of 8 pixels; nobody in it unless told."""
    cells = np.zeros(GRID_HW, np.float32) if people is None else np.asarray(people, np.float32)
    return CrowdMap(
        stream_time_s=stream_time_s,
        segment=segment,
        people=cells,
        cell_wh_px=(CELL_PX, CELL_PX),
        picture_wh=picture_wh,
        heads_px=np.asarray(heads, np.float32).reshape(-1, 2),
        error=CountError(0.5, 0.1, 2.0),
        crowded_per_cell=2.0,
    )


def even(people: float) -> npt.NDArray[np.float32]:
    """So many people, evenly spread over the picture."""
    return np.full(GRID_HW, people / (GRID_HW[0] * GRID_HW[1]), np.float32)


def whole(share: float = 1.0) -> npt.NDArray[np.float32]:
    """The map counts so far everywhere."""
    return np.full(GRID_HW, share, np.float32)


def snapshot(
    found: CrowdMap | None,
    shares: npt.NDArray[np.float32] | None,
    *,
    tracks: tuple[TrackView, ...] = (),
    stream_time_s: float = 0.0,
    crowd: CrowdMetrics | None = None,
) -> Snapshot:
    """Return what the renderer is given of a camera without ground calibration."""
    picture = CrowdPicture(tracks=tracks, crowd_map=found, map_shares=shares)
    return builders.snapshot(
        picture=picture, picture_wh=WH, stream_time_s=stream_time_s, crowd=crowd
    )

"""Density maps and optical flow as a `GroundCamera` would give them of a crowd that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray
from backend.core.observation import CountError, PictureFlow
from backend.crowd.hybrid.reading import HybridReading, MapPeople
from tests.ground_camera import GroundCamera

HEAD_M, SHOULDER_M = 1.6, 1.5
SURE = CountError(0.0, 0.0, 0.0)


def raised_px(camera: GroundCamera, world_m: FloatArray, above_m: float) -> FloatArray:
    """Where points above the ground are seen, (N, 2) pixels."""
    n = len(world_m)
    points = np.column_stack([world_m, np.full(n, above_m), np.ones(n)])
    seen = points @ camera.projection.T
    return np.asarray(seen[:, :2] / seen[:, 2:])


def dense_lattice(
    density_per_m2: float, low: FloatArray, high: FloatArray, *, apart_m: float = 0.1
) -> tuple[FloatArray, float]:
    """Points close together over a rectangle, and how many people each stands for."""
    x, y = (np.arange(low[k] + apart_m / 2, high[k], apart_m) for k in (0, 1))
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2), density_per_m2 * apart_m**2


def map_of(
    camera: GroundCamera, world_m: FloatArray, each: float, map_hw: tuple[int, int] = (54, 96)
) -> FloatArray:
    """People per cell (R, C) of those whose heads are in the picture."""
    wide, high = camera.picture_wh
    seen = raised_px(camera, world_m, HEAD_M)
    counts, _, _ = np.histogram2d(seen[:, 1], seen[:, 0], bins=map_hw, range=((0, high), (0, wide)))
    return np.asarray(counts * each)


def hybrid_of(
    camera: GroundCamera,
    people: FloatArray,
    *,
    share: float = 1.0,
    track_share: FloatArray | None = None,
    error: CountError = SURE,
) -> HybridReading:
    """A map that counts with the same share wherever it sees somebody."""
    rows, columns = people.shape
    cell = camera.picture_wh[0] / columns, camera.picture_wh[1] / rows
    row, column = np.nonzero((people > 0) & (share > 0))
    heads = np.stack([(column + 0.5) * cell[0], (row + 0.5) * cell[1]], axis=1)
    counted = people[row, column].astype(np.float64)
    return HybridReading(
        track_share=np.zeros(0) if track_share is None else track_share,
        map_people=MapPeople(heads, cell, counted, np.full(len(counted), share), error),
        shares=np.where(people > 0, share, 0).astype(np.float32),
        people=people.astype(np.float32),
    )


@dataclass(frozen=True, slots=True, eq=False)
class FlowCells:
    """Cells of optical flow on a fixed raster, and the ground below shoulders seen there."""

    camera: GroundCamera
    seen_px: FloatArray
    world_m: FloatArray

    @classmethod
    def of(cls, camera: GroundCamera, cell_px: int = 32) -> FlowCells:
        """A raster of square cells all over the picture."""
        wide, high = camera.picture_wh
        x, y = np.arange(cell_px / 2, wide, cell_px), np.arange(cell_px / 2, high, cell_px)
        seen = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
        shot = camera.projection
        plane = np.column_stack([shot[:, 0], shot[:, 1], SHOULDER_M * shot[:, 2] + shot[:, 3]])
        below = np.column_stack([seen, np.ones(len(seen))]) @ np.linalg.inv(plane).T
        return cls(camera, seen, below[:, :2] / below[:, 2:])

    def flow(
        self,
        t: float,
        velocity: Callable[[FloatArray], FloatArray],
        *,
        noise_px_per_s: float = 0.0,
    ) -> PictureFlow:
        """Flow of shoulders that move with ``velocity`` ((M, 2) places to m/s) at their place."""
        step = 0.05 * velocity(self.world_m)
        ends = [raised_px(self.camera, self.world_m + way * step, SHOULDER_M) for way in (-1, 1)]
        seen = (ends[1] - ends[0]) / 0.1
        rng = np.random.default_rng(round(t * 1000))
        seen += rng.normal(0, noise_px_per_s, seen.shape)
        return PictureFlow(
            t,
            self.seen_px.astype(np.float32),
            seen.astype(np.float32),
            max(noise_px_per_s, 0.1),
        )

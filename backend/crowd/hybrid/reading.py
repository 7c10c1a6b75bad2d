"""What the hybrid counter says of one frame; the ground meter and the analyser build on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.observation import CountError

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class MapPeople:
    """People the density map counts in place of the boxes, as weighted points of the picture.

    Attributes:
        heads_px: (M, 2) float64, centres of the cells that count, pixels of the full frame: the
            heads are seen there, the feet stand farther down.
        cell_wh_px: Width and height of a cell, pixels of the full frame.
        counted: (M,) float64, people the map sees in each cell, above 0.
        share: (M,) float64 in (0, 1], how far the map counts there; the boxes count the rest.
        error: How far sums of ``counted`` err.
    """

    heads_px: FloatArray
    cell_wh_px: tuple[float, float]
    counted: FloatArray
    share: FloatArray
    error: CountError

    @property
    def people(self) -> FloatArray:
        """(M,) float64, people each cell stands for in the blend: ``counted * share``."""
        return self.counted * self.share

    def __len__(self) -> int:
        return int(self.counted.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class HybridReading:
    """How boxes and map share one frame.

    Attributes:
        track_share: (N,) float64 in [0, 1], row for row with the tracks: how far each box still
            counts; 1 where the map has no say.
        map_people: The cells in which the map has a say; M = 0 in an open scene.
        shares: (R, C) float32 in [0, 1], the share of the map in every one of its cells.
        people: (R, C) float32, the map itself, people per cell; of the same shape.
        wanted: (R, C) float32 in [0, 1], the shares as they will be when they have stopped
            moving; None: as they are.
        track_wanted: (N,) float64 in [0, 1], how far each box will still count then; None: as
            it does.
        is_live: The map is young enough, and believed, to say how many people there are now.
            Otherwise it only fades.
        is_beyond: Where the map counts, some part of it is denser than anything it was validated
            on.
    """

    track_share: FloatArray
    map_people: MapPeople
    shares: npt.NDArray[np.float32]
    people: npt.NDArray[np.float32]
    wanted: npt.NDArray[np.float32] | None = None
    track_wanted: FloatArray | None = None
    is_live: bool = True
    is_beyond: bool = False

    @property
    def has_say(self) -> bool:
        """Whether the map counts anywhere in the picture, or is about to."""
        return bool(self.shares.any()) or (self.wanted is not None and bool(self.wanted.any()))

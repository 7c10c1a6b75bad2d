"""The people of one frame whom the density map counts, on the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray
from backend.core.observation import CountError
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_ground import MapGround


@dataclass(frozen=True, slots=True, eq=False)
class MapCrowd:
    """People per cell of a density map, and where they stand.

    Attributes:
        ground: Geometry of the cells.
        people: (R·C,) float64, people each cell stands for beside the boxes, row by row.
        counted: (R·C,) float64, people the map sees in each cell, whoever counts there.
        error: How far sums of them err.
        is_live: The map is young enough, and believed, to say who is where now.
    """

    ground: MapGround
    people: FloatArray
    counted: FloatArray
    error: CountError
    is_live: bool = True

    @classmethod
    def of(cls, hybrid: HybridReading, view: GroundView) -> MapCrowd:
        """Put the cells that have a say back on the grid they were taken from."""
        some = hybrid.map_people
        rows, columns = hybrid.people.shape
        across, down = np.floor(some.heads_px / some.cell_wh_px).astype(np.int64).T
        cell = np.clip(down, 0, rows - 1) * columns + np.clip(across, 0, columns - 1)
        return cls(
            ground=view.map_ground((rows, columns), some.cell_wh_px),
            people=np.bincount(cell, some.people, rows * columns).astype(np.float64),
            counted=hybrid.people.astype(np.float64).ravel(),
            error=some.error,
            is_live=hybrid.is_live,
        )

    @property
    def inside(self) -> float:
        """People who stand in the monitored area, of those the map stands for."""
        return float(self.people @ self.ground.inside.ravel())


def map_peak_error(
    map_per_m2: float, error: CountError, *, radius_m: float, in_use: float = 0.0
) -> float:
    """Standard error of a local density read off the map.

    The Gaussian kernel weighs people as evenly as a circle of 2πR² does, hence the error of a
    sum over the people in it, ``hypot(own √n, common n, least √A)`` with ``n = 2πR² ρ``, spread
    over that ground. Beside walls there is less of it, which is left out.

    Args:
        map_per_m2: Density that comes from the map, 1/m².
        error: Of sums of its people.
        radius_m: R of the kernel, metres.
        in_use: A, the circle as a part of all ground that the map counts, in [0, 1].

    Example:
        >>> round(map_peak_error(4.0, CountError(0.5, 0.1, 0.0), radius_m=1.0), 3)
        0.565
    """
    area_m2 = 2 * math.pi * radius_m**2
    people = max(map_per_m2, 0.0) * area_m2
    least = error.least * math.sqrt(in_use)
    return math.hypot(error.own * math.sqrt(people), error.common * people, least) / area_m2

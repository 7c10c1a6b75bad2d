"""Recorded pedestrian experiments (Forschungszentrum Jülich) with the places they were held in.

Head positions on the ground plane, one row per pedestrian and frame; material for the oracles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from backend.core.frame import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Place:
    file: str
    frame_rate_hz: float
    metres_per_unit: float
    walls: tuple[tuple[float, float], ...]
    measured: tuple[tuple[float, float], ...]
    line: tuple[tuple[float, float], tuple[float, float]]
    barriers: tuple[tuple[tuple[float, float], ...], ...] = ()


_LEFT_BARRIER = (
    (-0.7, -1.1),
    (-0.25, -1.1),
    (-0.25, -0.15),
    (-0.4, 0.0),
    (-2.8, 0.0),
    (-2.8, 6.7),
    (-3.05, 6.7),
    (-3.05, -0.3),
    (-0.7, -0.3),
    (-0.7, -1.0),
)
_CORRIDOR_UO = (
    (2.8, -6.5),
    (2.8, -4.0),
    (1.8, -4.0),
    (1.8, 4.0),
    (2.8, 4.0),
    (2.8, 8.0),
    (-1.0, 8.0),
    (-1.0, 4.0),
    (0.0, 4.0),
    (0.0, -4.0),
    (-1.0, -4.0),
    (-1.0, -6.5),
)
_AREA_UO = ((0.0, -2.0), (0.0, 0.0), (1.8, 0.0), (1.8, -2.0))
_LINE_UO = ((0.0, 0.0), (1.8, 0.0))

_PLACES = {
    "bottleneck": _Place(
        file="bottleneck_040_c_56_h-.txt",
        frame_rate_hz=25.0,
        metres_per_unit=1.0,
        walls=((3.5, -2.0), (3.5, 8.0), (-3.5, 8.0), (-3.5, -2.0)),
        measured=((-0.4, 0.5), (0.4, 0.5), (0.4, 1.3), (-0.4, 1.3)),
        line=((0.4, 0.0), (-0.4, 0.0)),
        barriers=(_LEFT_BARRIER, tuple((-x, y) for x, y in _LEFT_BARRIER)),
    ),
    "uo-050": _Place(
        "uo-050-180-180.txt", 16.0, 0.01, walls=_CORRIDOR_UO, measured=_AREA_UO, line=_LINE_UO
    ),
    "uo-100": _Place(
        "uo-100-180-180.txt", 16.0, 0.01, walls=_CORRIDOR_UO, measured=_AREA_UO, line=_LINE_UO
    ),
    "uo-180": _Place(
        "uo-180-180-070.txt", 16.0, 0.01, walls=_CORRIDOR_UO, measured=_AREA_UO, line=_LINE_UO
    ),
    # The 4 m wide corridor; area and line are ours, across its middle.
    "bi-corr": _Place(
        file="bi_corr_400_b_03.txt",
        frame_rate_hz=25.0,
        metres_per_unit=0.01,
        walls=((-6.0, 0.0), (5.0, 0.0), (5.0, 4.0), (-6.0, 4.0)),
        measured=((-1.0, 0.0), (1.0, 0.0), (1.0, 4.0), (-1.0, 4.0)),
        line=((0.0, 0.0), (0.0, 4.0)),
    ),
}
NAMES = tuple(_PLACES)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One recorded run; S samples in file order (by pedestrian, then frame).

    Attributes:
        name: One of ``NAMES``.
        frame_rate_hz: Frames per second.
        frames: (S,) int64, frame number of each sample.
        ids: (S,) int64, pedestrian of each sample.
        positions_m: (S, 2) float64, metres, head projected to the ground.
        walkable_area: Ground people can stand on, metres, barriers as holes. Heads may lean over
            a wall: ``inside`` drops those samples.
        measurement_area: Where densities are measured, metres.
        line_m: (2, 2) float64, end points of the measurement line, metres.
    """

    name: str
    frame_rate_hz: float
    frames: IntArray
    ids: IntArray
    positions_m: FloatArray
    walkable_area: shapely.Polygon
    measurement_area: shapely.Polygon
    line_m: FloatArray

    @property
    def frame_numbers(self) -> IntArray:
        """Frames with anybody in them, ascending."""
        return np.unique(self.frames)

    def at(self, frame: int) -> tuple[IntArray, FloatArray]:
        """Pedestrians (N,) and positions (N, 2) of one frame."""
        rows = self.frames == frame
        return self.ids[rows], self.positions_m[rows]

    def inside(self) -> Trajectory:
        """Only the samples strictly inside the walkable area."""
        return self._take(shapely.contains_xy(self.walkable_area, self.positions_m))

    def thinned(self, step: int) -> Trajectory:
        """Every ``step``-th frame number."""
        return self._take(self.frames % step == 0)

    def to_pedpy(self) -> Any:
        """The samples as ``pedpy.TrajectoryData``."""
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy
        import pedpy  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy

        table = pd.DataFrame(
            {
                "id": self.ids,
                "frame": self.frames,
                "x": self.positions_m[:, 0],
                "y": self.positions_m[:, 1],
            }
        )
        return pedpy.TrajectoryData(data=table, frame_rate=self.frame_rate_hz)

    def _take(self, rows: npt.NDArray[np.bool_]) -> Trajectory:
        return Trajectory(
            name=self.name,
            frame_rate_hz=self.frame_rate_hz,
            frames=self.frames[rows],
            ids=self.ids[rows],
            positions_m=self.positions_m[rows],
            walkable_area=self.walkable_area,
            measurement_area=self.measurement_area,
            line_m=self.line_m,
        )


@cache
def load(assets: Path, name: str) -> Trajectory:
    """Read the run ``name`` (one of ``NAMES``) from the test material, once per process."""
    place = _PLACES[name]
    path = assets / "data" / "trajectories" / place.file
    rows = np.loadtxt(path, usecols=(0, 1, 2, 3))
    ids, frames = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    # Divided as PedPy divides, so that positions are the same to the last bit.
    positions = rows[:, 2:4] / round(1 / place.metres_per_unit)
    line = np.array(place.line)
    for array in (ids, frames, positions, line):
        array.flags.writeable = False
    return Trajectory(
        name=name,
        frame_rate_hz=place.frame_rate_hz,
        frames=frames,
        ids=ids,
        positions_m=positions,
        walkable_area=shapely.Polygon(place.walls, holes=place.barriers),
        measurement_area=shapely.Polygon(place.measured),
        line_m=line,
    )

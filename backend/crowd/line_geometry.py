"""Which side of measurement lines, and where along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

IntArray = npt.NDArray[np.int64]

ON_LINE_SHARE = 1e-6
"""A point nearer to the line than this share of the line's length lies on it: coordinates of
different origin or orientation then agree in spite of rounding."""


@dataclass(frozen=True, slots=True)
class MeasurementLine:
    """A directed segment from ``start`` to ``end``, in the unit of the positions.

    Attributes:
        start: (2,) float64.
        along: (2,) float64, unit vector towards the end.
        length: > 0.
    """

    start: FloatArray
    along: FloatArray
    length: float

    @classmethod
    def of(cls, line: FloatArray) -> MeasurementLine:
        """Build from (2, 2) float64 end points.

        Raises:
            ValueError: Wrong shape, or the two ends coincide.
        """
        ends = np.asarray(line, np.float64)
        if ends.shape != (2, 2):
            raise ValueError(f"expected a line (2, 2), got {ends.shape}")
        length = float(np.hypot(*(ends[1] - ends[0])))
        if not length > 0:
            raise ValueError(f"expected a line of some length, got {ends.tolist()}")
        return cls(ends[0], (ends[1] - ends[0]) / length, length)

    @property
    def tolerance(self) -> float:
        """Distance within which a point is on the line, in the unit of the positions."""
        return ON_LINE_SHARE * self.length

    def distance_right(self, positions: FloatArray) -> FloatArray:
        """(...,) float64, distance to the right of the line (negative: left), of (..., 2)."""
        return _right_of(self.along, positions - self.start)

    def distance_along(self, positions: FloatArray) -> FloatArray:
        """(...,) float64, distance from the start along the line, of (..., 2)."""
        return np.asarray((positions - self.start) @ self.along)

    def is_on_segment(self, along: FloatArray) -> FloatArray:
        """Whether points of the endless line at these distances lie on it, ends included."""
        return np.asarray((along >= -self.tolerance) & (along <= self.length + self.tolerance))


@dataclass(frozen=True, slots=True)
class LineStack:
    """L directed segments whose distances to many points are wanted at once.

    Attributes:
        starts: (L, 2) float64, in the unit of the positions.
        along: (L, 2) float64, unit vectors towards the ends.
        lengths: (L,) float64, > 0.
        tolerances: (L,) float64, distance within which a point is on a line.
        origin: (2,) float64, a point amid the lines.
        across: (3, L) float64, makes distances of points measured from there, and 1.
    """

    starts: FloatArray
    along: FloatArray
    lengths: FloatArray
    tolerances: FloatArray
    origin: FloatArray
    across: FloatArray

    @classmethod
    def of(cls, lines: FloatArray) -> LineStack:
        """Build from (L, 2, 2) float64 end points; L = 0 is fine.

        Raises:
            ValueError: Wrong shape, or two ends coincide.
        """
        if lines.ndim != 3 or lines.shape[1:] != (2, 2):
            raise ValueError(f"expected lines (L, 2, 2), got {lines.shape}")
        each = [MeasurementLine.of(line) for line in lines]
        starts = np.array([line.start for line in each]).reshape(-1, 2)
        along = np.array([line.along for line in each]).reshape(-1, 2)
        origin = starts.mean(axis=0) if each else np.zeros(2)
        offsets = _right_of(along, starts - origin)
        return cls(
            starts,
            along,
            np.array([line.length for line in each]),
            np.array([line.tolerance for line in each]),
            origin,
            np.stack([along[:, 1], -along[:, 0], -offsets]),
        )

    def __len__(self) -> int:
        return int(self.lengths.size)

    def distances_right(self, positions: FloatArray) -> FloatArray:
        """(N, L) float64, of each of (N, 2) positions to the right of each line."""
        if not len(self):
            return np.zeros((positions.shape[0], 0))
        # One matrix product is many times faster than broadcasting; measured from a point amid
        # the lines it is as exact.
        homogeneous = np.ones((positions.shape[0], 3))
        homogeneous[:, :2] = positions - self.origin
        return np.asarray(homogeneous @ self.across)

    def distance_right(self, rows: IntArray, positions: FloatArray) -> FloatArray:
        """(P,) float64, of (P, 2) positions, each to the right of the line of its own row."""
        return _right_of(self.along[rows], positions - self.starts[rows])

    def is_on_segment(self, rows: IntArray, positions: FloatArray) -> npt.NDArray[np.bool_]:
        """(P,) whether points of the endless lines of ``rows`` lie on them, ends included."""
        along = np.sum((positions - self.starts[rows]) * self.along[rows], axis=1)
        spare = self.tolerances[rows]
        return np.asarray((along >= -spare) & (along <= self.lengths[rows] + spare))


def _right_of(along: FloatArray, away: FloatArray) -> FloatArray:
    """(...,) how far to the right of directions (..., 2) vectors (..., 2) lead."""
    return np.asarray(away[..., 0] * along[..., 1] - away[..., 1] * along[..., 0])

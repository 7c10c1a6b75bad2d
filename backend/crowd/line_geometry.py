"""Which side of a measurement line, and where along it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray

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
        away = positions - self.start
        return np.asarray(away[..., 0] * self.along[1] - away[..., 1] * self.along[0])

    def distance_along(self, positions: FloatArray) -> FloatArray:
        """(...,) float64, distance from the start along the line, of (..., 2)."""
        return np.asarray((positions - self.start) @ self.along)

    def is_on_segment(self, along: FloatArray) -> FloatArray:
        """Whether points of the endless line at these distances lie on it, ends included."""
        return np.asarray((along >= -self.tolerance) & (along <= self.length + self.tolerance))

"""How high a standing person is in the picture, by the row the feet are in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray


@dataclass(frozen=True, slots=True)
class HeightModel:
    """Height of a standing person's box, affine in the foot's row: ``h = slope y + intercept``.

    Attributes:
        slope: Pixels of height per pixel of row; below 1.
        intercept: Pixels.

    References:
        Hoiem, Efros & Hebert 2008, doi:10.1007/s11263-008-0137-5, equation 6: for a camera that
        looks near the horizontal the height in the picture is proportional to the distance of
        the feet from the horizon.

    Example:
        >>> model = HeightModel(slope=0.5, intercept=-100.0)
        >>> model.height_px(np.array([400.0])).tolist()
        [100.0]
        >>> model.foot_y_from_head(np.array([300.0])).tolist()
        [400.0]
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.intercept) and self.slope < 1):
            raise ValueError(f"expected slope < 1 and a finite intercept, got {self}")

    @property
    def horizon_y_px(self) -> float:
        """Row in which a person would have no height; infinite where the height is constant."""
        return -self.intercept / self.slope if self.slope else float("-inf")

    def height_px(self, y_foot: FloatArray) -> FloatArray:
        """Expected height of a person whose feet are in row ``y_foot``.

        Args:
            y_foot: (N,) float64, pixels.

        Returns:
            (N,) float64, pixels; 0 at and above the horizon. (0,) for N = 0.
        """
        height: FloatArray = np.maximum(self.slope * y_foot + self.intercept, 0.0)
        return height

    def foot_y_from_head(self, y_head: FloatArray) -> FloatArray:
        """Row of the feet of a standing person whose head ends in row ``y_head``.

        Args:
            y_head: (N,) float64, pixels.

        Returns:
            (N,) float64, pixels, never above the head. (0,) for N = 0.
        """
        foot: FloatArray = (y_head + self.intercept) / (1.0 - self.slope)
        return np.maximum(foot, y_head)

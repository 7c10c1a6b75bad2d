"""Pictures whose motion is known exactly."""

from __future__ import annotations

import cv2
import numpy as np

from backend.core.frame import FloatArray, Image

WH = (960, 540)


class Scenery:
    """A textured world larger than the picture, looked at through a window that moves.

    Args:
        seed: Of the texture.
        contrast: Standard deviation of its grey levels.
        grain_px: Size of its smallest features.
    """

    def __init__(self, seed: int, *, contrast: float = 35.0, grain_px: float = 3.0) -> None:
        noise = np.random.default_rng(seed).normal(size=(WH[1] + 400, WH[0] + 400))
        smooth = cv2.GaussianBlur(noise, (0, 0), grain_px)
        self._world = (128 + contrast * smooth / smooth.std()).astype(np.float32)

    def seen(self, shift_px: FloatArray, *, turn_deg: float = 0.0) -> FloatArray:
        """(H, W) grey levels with everything moved by ``shift_px`` and turned about the middle."""
        middle = (WH[0] / 2, WH[1] / 2)
        to_picture = cv2.getRotationMatrix2D(middle, -turn_deg, 1.0)
        to_picture[:, 2] += np.asarray(shift_px) - to_picture[:, :2] @ np.array([200.0, 200.0])
        return np.asarray(
            cv2.warpAffine(self._world, to_picture, WH, flags=cv2.INTER_CUBIC), np.float64
        )


def picture(grey: FloatArray, *, seed: int, noise: float = 1.5) -> Image:
    """A BGR frame with sensor noise."""
    levels = grey + np.random.default_rng(seed).normal(0, noise, grey.shape)
    whole = np.clip(levels.round(), 0, 255).astype(np.uint8)
    return np.repeat(whole[:, :, None], 3, axis=2)

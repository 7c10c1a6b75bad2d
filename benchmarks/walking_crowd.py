"""People who walk about in front of a calibrated camera, for timing what is measured of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import SaturationEvidence
from backend.core.observation import FrameFacts
from backend.crowd.calibration import GroundPlane

RATE_HZ = 25.0
PICTURE_WH = (3840, 2160)
DENSITY_PER_M2 = 1.0


@dataclass
class WalkingCrowd:
    """People who cross a square place, each his own way, and come in again as somebody new."""

    people: int
    rate_hz: float = RATE_HZ

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.people)
        self._side_m = (self.people / DENSITY_PER_M2) ** 0.5
        self._start = rng.uniform(0, self._side_m, (self.people, 2))
        heading, speed = rng.uniform(-np.pi, np.pi, self.people), rng.normal(1.3, 0.2, self.people)
        self._velocity = speed[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
        # A camera as high as half the place is wide; its picture shows all of it.
        width, height = PICTURE_WH
        near, far, low, top = 0.02 * width, 0.28 * width, 0.97 * height, 0.25 * height
        self._corners_px = np.array(
            [[near, low], [width - near, low], [width - far, top], [far, top]]
        )
        side = self._side_m
        corners_m = np.array([[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]])
        self._plane = GroundPlane.from_points(self._corners_px, corners_m)
        heights = self._plane.height_model(PICTURE_WH)
        if heights is None:
            raise RuntimeError("the benchmark's camera looks straight down")
        self._heights = heights

    def calibration(self) -> Calibration:
        """The true one."""
        return Calibration(
            version=1,
            method=CalibrationMethod.POINTS,
            picture_wh=PICTURE_WH,
            homography=tuple(self._plane.matrix.ravel().tolist()),
            monitored_px=tuple((x, y) for x, y in self._corners_px.tolist()),
            walkable_px=None,
            rms_error_m=None,
            length_spread=0.02,
            area_spread=0.04,
            calibrated_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    def frame(self, number: int) -> tuple[Tracks, FrameFacts]:
        """Tracks and facts of one frame."""
        at = self._start + self._velocity * (number / self.rate_hz)
        lap = np.floor(at / self._side_m)
        ids = np.arange(self.people) + 1_000_000 * (lap @ [1, 100] + 5_000)
        boxes = self._boxes(at - lap * self._side_m)
        evidence = SaturationEvidence(False, "", 0.0, number / self.rate_hz)
        facts = FrameFacts(
            stream_time_s=number / self.rate_hz,
            segment=0,
            picture_wh=PICTURE_WH,
            saturation=evidence if number % 125 == 0 else None,
        )
        confidence = np.full(self.people, 0.8, np.float32)
        return Tracks(ids.astype(np.int64), boxes.astype(np.float32), confidence), facts

    def _boxes(self, at: FloatArray) -> FloatArray:
        feet = self._plane.to_image(at)
        height = self._heights.height_px(feet[:, 1])
        half = np.stack([height / 6, np.zeros_like(height)], axis=1)
        head = np.stack([np.zeros_like(height), height], axis=1)
        return np.concatenate([feet - half - head, feet + half], axis=1)

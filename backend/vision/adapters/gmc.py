"""Compensation of a moving camera: how the picture moved, and tracks moved along with it.

ultralytics brings its own (`GMC`), which looks for corners on people as well, knows BoT-SORT's
state only and believes any fit. Here corners lie beside people, a fit must be shared by most of
them, and the states of all three trackers follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray, Image

Gray = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class CameraMotionParams:
    """How the motion of the picture is found.

    Attributes:
        longer_side_px: The picture is shrunk to this before corners are followed.
        corners: Corners followed at most.
        corner_distance_px: Corners lie at least this far apart, shrunk pixels: spread over the
            picture, not piled up on one sharp thing.
        people_margin: A person's box is widened by this share before it is left out.
        min_corners: Fewer corners that agree tell nothing.
        min_agreement: Share of the followed corners that must agree on one motion.
        tolerance_px: Agreement, shrunk pixels.
    """

    longer_side_px: int = 480
    corners: int = 200
    corner_distance_px: float = 10.0
    people_margin: float = 0.1
    min_corners: int = 12
    min_agreement: float = 0.4
    tolerance_px: float = 2.0


class CameraMotion:
    """Estimates how the picture moved since the frame before: shift, turn and zoom.

    Sparse optical flow (Lucas–Kanade in a pyramid: Bouguet 2001) of corners (Shi & Tomasi 1994)
    and a similarity fitted by RANSAC.

    Args:
        params: How.
    """

    def __init__(self, params: CameraMotionParams | None = None) -> None:
        self._params = params or CameraMotionParams()
        self._before: Gray | None = None
        self._corners: npt.NDArray[np.float32] | None = None

    def update(self, image: Image, people_xyxy: npt.NDArray[np.float32]) -> FloatArray | None:
        """Return the motion of the picture since the last call.

        Args:
            image: (H, W, 3) uint8, BGR.
            people_xyxy: (N, 4) boxes of people in ``image``, pixels; they move by themselves.

        Returns:
            (2, 3) similarity that takes a pixel of the last frame to this one; None where the
            background does not tell (first frame, too few corners, no agreement).
        """
        gray, shrink = self._shrunk(image)
        motion = self._motion_to(gray)
        self._before = gray
        self._corners = self._find_corners(gray, people_xyxy * shrink)
        if motion is not None:
            motion[:, 2] /= shrink
        return motion

    def reset(self) -> None:
        """Forget the last frame (a new segment)."""
        self._before = None
        self._corners = None

    def _shrunk(self, image: Image) -> tuple[Gray, float]:
        height, width = image.shape[:2]
        shrink = min(1.0, self._params.longer_side_px / max(height, width))
        if shrink < 1.0:
            size = (round(width * shrink), round(height * shrink))
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8), shrink

    def _find_corners(
        self, gray: Gray, people_xyxy: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32] | None:
        background = np.full(gray.shape, 255, np.uint8)
        grow = (people_xyxy[:, 2:] - people_xyxy[:, :2]) * self._params.people_margin
        low = np.clip(np.floor(people_xyxy[:, :2] - grow), 0, None).astype(int)
        high = np.clip(np.ceil(people_xyxy[:, 2:] + grow), 0, None).astype(int)
        for (left, top), (right, bottom) in zip(low, high, strict=True):
            background[top:bottom, left:right] = 0
        corners = cv2.goodFeaturesToTrack(
            gray,
            self._params.corners,
            0.01,
            self._params.corner_distance_px,
            mask=background,
            blockSize=3,
        )
        return None if corners is None else np.asarray(corners, np.float32)

    def _motion_to(self, gray: Gray) -> FloatArray | None:
        before, corners = self._before, self._corners
        if before is None or corners is None or before.shape != gray.shape:
            return None
        moved, found, _ = cv2.calcOpticalFlowPyrLK(before, gray, corners, None, maxLevel=4)
        followed = np.asarray(found).ravel().astype(bool)
        start, end = corners[followed], np.asarray(moved)[followed]
        if len(start) < self._params.min_corners:
            return None
        motion, agree = cv2.estimateAffinePartial2D(
            start, end, method=cv2.RANSAC, ransacReprojThreshold=self._params.tolerance_px
        )
        agreeing = 0 if agree is None else int(np.count_nonzero(agree))
        needed = max(self._params.min_corners, self._params.min_agreement * len(start))
        if motion is None or agreeing < needed:
            return None
        return np.asarray(motion, np.float64)


def move_tracks(tracks: Iterable[Any], motion: FloatArray, *, has_aspect: bool) -> None:
    """Move the states of Kalman filters along with the picture, in place.

    Args:
        tracks: Each with ``mean`` (8,) and ``covariance`` (8, 8): centre, size and their
            velocities, pixels.
        motion: (2, 3) similarity of `CameraMotion`.
        has_aspect: The size is width / height and height (ByteTrack, DeepSORT), not width and
            height (BoT-SORT): an aspect stays when the picture zooms.
    """
    turn = motion[:, :2]
    zoom = float(np.hypot(turn[0, 0], turn[1, 0]))
    block = np.zeros((4, 4))
    block[:2, :2] = turn
    block[2, 2] = 1.0 if has_aspect else zoom
    block[3, 3] = zoom
    whole = np.kron(np.eye(2), block)
    for track in tracks:
        track.mean = whole @ track.mean
        track.mean[:2] += motion[:, 2]
        track.covariance = whole @ track.covariance @ whole.T

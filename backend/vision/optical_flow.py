"""Motion of the picture where no single person can be followed: dense optical flow.

Two pictures at least a tenth of a second apart, reduced to 480 x 270, are compared by OpenCV's
Dense Inverse Search; the median motion of cells of 8 x 8 pixels is refined on the grey levels.
Cells are kept where there is texture in every direction and the earlier picture is found again.
What the whole picture does (the camera's shaking) is subtracted. Definition, limits and measured
errors: docs/methods/optical-flow.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from backend.core.observation import PictureFlow
from backend.vision.camera_shake import BackgroundMotion
from backend.vision.flow_cells import cell_medians, measure_texture, refine

LONG_SIDE_PX = 480
SHORT_SIDE_PX = 270

PATCH_STRIDE_PX = 6
"""Distance of the patches the search matches: the preset's 4 takes twice the time and, after the
refinement of the cells, gives nothing more (docs/methods/optical-flow.md)."""


@dataclass(frozen=True, slots=True)
class FlowParams:
    """Limits of the measurement.

    Attributes:
        interval_s: Stream time between the two pictures compared, at least: in 0.04 s a walking
            person moves half a pixel of the reduced picture, too little to measure well.
        max_gap_s: Pictures further apart are not compared.
        cell_px: Side of a cell in the reduced picture, pixels.
        min_texture: Smallest eigenvalue of a cell's mean structure tensor, (grey levels per
            pixel)²: below it the motion along some direction cannot be seen.
        max_mismatch: Largest difference left between a cell and where it is found again, as a
            share of the difference of unrelated pictures.
        default_noise_px: Error of a cell's displacement assumed while no background is known,
            reduced pixels.
    """

    interval_s: float = 0.1
    max_gap_s: float = 1.0
    cell_px: int = 8
    min_texture: float = 4.0
    max_mismatch: float = 0.2
    default_noise_px: float = 0.1


@dataclass(frozen=True, slots=True)
class _Seen:
    grey: npt.NDArray[np.uint8]
    stream_time_s: float
    segment: int


class DenseFlow:
    """Dense optical flow of one camera; owned by its thread.

    Args:
        params: Limits.
        finest_scale: Finest scale of the search (0 = every pixel); 1 was chosen by measurement.
    """

    def __init__(self, params: FlowParams | None = None, *, finest_scale: int = 1) -> None:
        self._params = params or FlowParams()
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._search.setFinestScale(finest_scale)
        self._search.setPatchStride(PATCH_STRIDE_PX)
        self._background = BackgroundMotion()
        self._last: _Seen | None = None

    def update(self, image: Image, *, stream_time_s: float, segment: int) -> PictureFlow | None:
        """Take the next frame.

        Args:
            image: (H, W, 3) uint8, BGR, full frame.
            stream_time_s: Presentation time in the segment, seconds.
            segment: Flow never spans two.

        Returns:
            The flow up to this frame. None for the first frame of a segment, after more than
            a second without a frame, while the interval is not over, and for a picture that
            is the same to the last bit (a repeated frame says nothing about motion).
        """
        last = self._last
        if last is None or last.segment != segment or last.grey.size == 0:
            self._start(image, stream_time_s, segment)
            return None
        elapsed_s = stream_time_s - last.stream_time_s
        if elapsed_s < 0 or elapsed_s > self._params.max_gap_s:
            self._start(image, stream_time_s, segment)
            return None
        if elapsed_s < self._params.interval_s - 1e-3:
            return None
        grey = reduce_picture(image)
        if grey.shape != last.grey.shape:
            self._start(image, stream_time_s, segment)
            return None
        if np.array_equal(grey, last.grey):
            return None
        self._last = _Seen(grey, stream_time_s, segment)
        return self._compare(last.grey, self._last, elapsed_s, image.shape[1] / grey.shape[1])

    def _start(self, image: Image, stream_time_s: float, segment: int) -> None:
        if self._last is None or self._last.segment != segment:
            self._background.clear()
        self._last = _Seen(reduce_picture(image), stream_time_s, segment)

    def _compare(
        self, before: npt.NDArray[np.uint8], now: _Seen, elapsed_s: float, scale: float
    ) -> PictureFlow:
        size = self._params.cell_px
        texture = measure_texture(before, size)
        flow = np.asarray(self._search.calc(before, now.grey, None), np.float32)
        refined = refine(texture, now.grey, cell_medians(flow, size))
        is_known = texture.strength >= self._params.min_texture
        is_known &= refined.mismatch <= self._params.max_mismatch
        velocity = refined.moved / np.float32(elapsed_s)
        camera = self._background.update(velocity, is_known, elapsed_s=elapsed_s)
        own = (velocity - camera.velocity)[is_known]
        noise = camera.noise
        if noise is None:
            noise = self._params.default_noise_px / elapsed_s
        rows, columns = np.nonzero(is_known)
        middle = (size - 1) / 2
        points = np.stack([columns * size + middle, rows * size + middle], axis=1)
        return PictureFlow(
            stream_time_s=now.stream_time_s,
            points_px=_frozen((points + 0.5) * scale - 0.5),
            velocity_px_per_s=_frozen(own * scale),
            noise_px_per_s=noise * scale,
        )


def reduce_picture(image: Image) -> npt.NDArray[np.uint8]:
    """Grey picture of at most 480 x 270 (270 x 480 upright), same shape; never enlarged."""
    height, width = image.shape[:2]
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ratio = min(LONG_SIDE_PX / max(height, width), SHORT_SIDE_PX / min(height, width), 1.0)
    if ratio < 1.0:
        size = (max(round(width * ratio), 1), max(round(height * ratio), 1))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.uint8)


def _frozen(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    fixed = values.astype(np.float32)
    fixed.flags.writeable = False
    return fixed

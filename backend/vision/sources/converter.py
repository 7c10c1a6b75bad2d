"""From decoded pictures to the images the rest of the house works on."""

from __future__ import annotations

from typing import Any

import av.error
import numpy as np
from av.video.reformatter import VideoReformatter

from backend.core.errors import SourceLostError
from backend.core.frame import Image
from backend.vision.sources.orientation import Orientation


class PictureConverter:
    """Turns decoded pictures into BGR images of one size; belongs to one thread.

    Args:
        orientation: How the camera or phone was held.
        source_wh: Width and height the pictures are scaled to before turning, pixels.
    """

    def __init__(self, orientation: Orientation, source_wh: tuple[int, int]) -> None:
        self._orientation = orientation
        self._source_wh = source_wh
        # Kept between frames: it caches the scaler's tables.
        self._reformatter = VideoReformatter()

    def convert(self, av_frame: Any) -> Image:
        """Return the picture as (H, W, 3) uint8 BGR, C-contiguous, upright.

        Raises:
            SourceLostError: FFmpeg cannot convert it (an exotic pixel format).
        """
        width, height = self._source_wh
        try:
            converted = self._reformatter.reformat(
                av_frame, width=width, height=height, format="bgr24", threads=1
            )
        except (av.error.FFmpegError, ValueError) as error:
            raise SourceLostError("The picture cannot be converted to colours.") from error
        image: Image = np.asarray(converted.to_ndarray(), np.uint8)
        return self._orientation.turn(image)

"""Is the camera still showing the world? Black, frozen, blurred and shaking pictures (PRODUCT S4).

A counter that sees nobody because the lens is covered must not say "nobody is there". The
checks are cheap (small pictures, a few looks in some seconds of stream) and pure: pictures and
stream times in, a verdict out. docs/methods/picture-health.md says how well they work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from backend.vision.camera_jitter import JitterParams, JitterWatch
from backend.vision.sharpness import SharpnessParams, SharpnessWatch


@dataclass(frozen=True, slots=True)
class PictureHealthParams:
    """Limits of the verdict.

    Attributes:
        interval_s: Stream time between two looks for black and frozen pictures.
        frozen_s: A real sensor makes noise; a picture identical to the last bit for so long
            does not come from one.
        black_mean, black_std: A grey picture (0-255) with mean and standard deviation below
            both is black: a night scene is dark too, but its lamps spread the values.
        sharpness: Limits for blurred pictures.
        jitter: Limits for shaking cameras.
    """

    interval_s: float = 2.0
    frozen_s: float = 5.0
    black_mean: float = 16.0
    black_std: float = 3.0
    sharpness: SharpnessParams = field(default_factory=SharpnessParams)
    jitter: JitterParams = field(default_factory=JitterParams)


class PictureFault(StrEnum):
    """What may be wrong with a picture, worst first."""

    BLACK = "black"
    FROZEN = "frozen"
    BLURRED = "blurred"
    SHAKING = "shaking"


@dataclass(frozen=True, slots=True)
class PictureVerdict:
    """What is wrong with the picture.

    Attributes:
        reason: A sentence for people, empty when good.
        fault: What it is, None when good.
    """

    reason: str = ""
    fault: PictureFault | None = None

    @property
    def is_good(self) -> bool:
        """Nothing is wrong."""
        return self.fault is None

    @property
    def is_blind(self) -> bool:
        """The picture does not show what happens: no number taken from it means anything."""
        return self.fault in {PictureFault.BLACK, PictureFault.FROZEN}

    @property
    def shows_places(self) -> bool:
        """Places and motion in the picture can be compared with earlier ones."""
        return self.fault in {None, PictureFault.SHAKING}

    @classmethod
    def good(cls) -> PictureVerdict:
        """Return the verdict of a healthy picture."""
        return cls()


BLACK = PictureVerdict(
    "The picture is black: lens covered, lights out or camera defective.", PictureFault.BLACK
)
FROZEN = PictureVerdict(
    "The picture is frozen: the stream goes on but shows the same picture.", PictureFault.FROZEN
)
BLURRED = PictureVerdict(
    "The picture is blurred: lens dirty, wet, fogged or out of focus. People may be missed.",
    PictureFault.BLURRED,
)
SHAKING = PictureVerdict(
    "The camera shakes: wind or a loose mount. Speeds and places are less certain.",
    PictureFault.SHAKING,
)

_SAMPLE_ROWS = 270


class PictureHealth:
    """Keeps watch over one camera's pictures; one thread.

    Args:
        params: Limits.
        may_be_blind: Look for black and frozen pictures too; a recording may well be perfectly
            still, or dark for a while.
    """

    def __init__(
        self, params: PictureHealthParams | None = None, *, may_be_blind: bool = True
    ) -> None:
        self._params = params or PictureHealthParams()
        self._may_be_blind = may_be_blind
        self._sharpness = SharpnessWatch(self._params.sharpness)
        self._jitter = JitterWatch(self._params.jitter)
        self.reset()

    def reset(self) -> None:
        """A new segment of the stream began: nothing was seen of it yet.

        What was learnt of the camera stays, and so does a blurred or shaking picture: a
        reconnect cleans no lens.
        """
        self._sample: npt.NDArray[np.uint8] | None = None
        self._looked_s: float | None = None
        self._same_since_s = 0.0
        self._blindness: PictureVerdict | None = None
        self._sharpness.reset()
        self._jitter.reset()

    def examine(self, image: Image, *, stream_time_s: float) -> PictureVerdict:
        """Return the verdict at this frame; looks only when it is time to.

        Args:
            image: (H, W, 3) uint8, BGR.
            stream_time_s: Presentation time in the segment, seconds.
        """
        if self._may_be_blind and self._is_time(stream_time_s):
            self._look_for_blindness(image, stream_time_s)
        if self._blindness is not None:
            return self._blindness
        is_shaking = self._jitter.update(image, stream_time_s=stream_time_s)
        if self._sharpness.update(image, stream_time_s=stream_time_s):
            return BLURRED
        return SHAKING if is_shaking else PictureVerdict.good()

    def _is_time(self, stream_time_s: float) -> bool:
        last_s = self._looked_s
        return last_s is None or not 0 <= stream_time_s - last_s < self._params.interval_s

    def _look_for_blindness(self, image: Image, stream_time_s: float) -> None:
        sample = _sample(image)
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._same_since_s = stream_time_s
        self._looked_s, self._sample = stream_time_s, sample
        if sample.mean() < self._params.black_mean and sample.std() < self._params.black_std:
            self._blindness = BLACK
        elif stream_time_s - self._same_since_s >= self._params.frozen_s:
            self._blindness = FROZEN
        else:
            self._blindness = None


def _sample(image: Image) -> npt.NDArray[np.uint8]:
    """Return every k-th pixel's green value, (about 270, W/k) uint8, a copy.

    Picking pixels instead of averaging keeps the sensor's noise, which tells a still scene
    from a frozen picture.
    """
    step = max(image.shape[0] // _SAMPLE_ROWS, 1)
    return np.ascontiguousarray(image[::step, ::step, 1])

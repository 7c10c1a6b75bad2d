"""Is the camera still showing the world? Frozen, black and blurred pictures (PRODUCT S4).

A counter that sees nobody because the lens is covered must not say "nobody is there". The
checks are cheap (a sample of a few thousand pixels every two seconds of stream) and pure:
pictures and stream times in, a verdict out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import Image


@dataclass(frozen=True, slots=True)
class PictureHealthParams:
    """Limits of the verdict.

    Attributes:
        interval_s: Stream time between two looks.
        frozen_s: A real sensor makes noise; a picture identical to the last bit for so long
            does not come from one.
        black_mean, black_std: A grey picture (0-255) with mean and standard deviation below
            both is black: a night scene is dark too, but its lamps spread the values.
        blur_ratio: Blurred when the contrast of fine detail is below this share of what this
            camera usually has.
        blur_s: For so long before it is called blurred.
        blur_warm_up_s: Stream time it takes to know what is usual.
    """

    interval_s: float = 2.0
    frozen_s: float = 5.0
    black_mean: float = 16.0
    black_std: float = 3.0
    blur_ratio: float = 0.15
    blur_s: float = 10.0
    blur_warm_up_s: float = 30.0


@dataclass(frozen=True, slots=True)
class PictureVerdict:
    """What is wrong with the picture; ``reason`` is a sentence for people, empty when good."""

    reason: str = ""

    @property
    def is_good(self) -> bool:
        """Nothing is wrong."""
        return not self.reason

    @classmethod
    def good(cls) -> PictureVerdict:
        """Return the verdict of a healthy picture."""
        return cls()


BLACK = PictureVerdict("The picture is black: lens covered, lights out or camera defective.")
FROZEN = PictureVerdict("The picture is frozen: the stream goes on but shows the same picture.")
BLURRED = PictureVerdict("The picture is blurred: lens dirty, wet or out of focus.")

_SAMPLE_ROWS = 270
_SLOW_SHARE = 0.002
"""Share by which "usual" follows a blurred picture: a camera that was refocused or moved to
another scene is believed again after some tens of minutes."""
_FAST_SHARE = 0.05


class PictureHealth:
    """Keeps watch over one camera's pictures; one thread."""

    def __init__(self, params: PictureHealthParams | None = None) -> None:
        self._params = params or PictureHealthParams()
        self._usual_detail: float | None = None
        self._watched_s = 0.0
        self.reset()

    def reset(self) -> None:
        """A new segment of the stream began: nothing was seen of it yet."""
        self._sample: npt.NDArray[np.uint8] | None = None
        self._looked_s: float | None = None
        self._same_since_s = 0.0
        self._blurred_since_s: float | None = None
        self._verdict = PictureVerdict.good()

    def examine(self, image: Image, *, stream_time_s: float) -> PictureVerdict:
        """Return the verdict at this frame; looks again only every ``interval_s``.

        Args:
            image: (H, W, 3) uint8, BGR.
            stream_time_s: Presentation time in the segment, seconds.
        """
        last_s = self._looked_s
        if last_s is not None and 0 <= stream_time_s - last_s < self._params.interval_s:
            return self._verdict
        sample = _sample(image)
        self._watched_s += 0.0 if last_s is None else max(stream_time_s - last_s, 0.0)
        is_frozen = self._is_frozen(sample, stream_time_s)
        is_black = self._is_black(sample)
        is_blurred = not is_black and self._is_blurred(sample, stream_time_s)
        self._looked_s = stream_time_s
        self._sample = sample
        self._verdict = (
            BLACK
            if is_black
            else FROZEN
            if is_frozen
            else BLURRED
            if is_blurred
            else PictureVerdict.good()
        )
        return self._verdict

    def _is_frozen(self, sample: npt.NDArray[np.uint8], stream_time_s: float) -> bool:
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._same_since_s = stream_time_s
        return stream_time_s - self._same_since_s >= self._params.frozen_s

    def _is_black(self, sample: npt.NDArray[np.uint8]) -> bool:
        return bool(
            sample.mean() < self._params.black_mean and sample.std() < self._params.black_std
        )

    def _is_blurred(self, sample: npt.NDArray[np.uint8], stream_time_s: float) -> bool:
        detail = _compute_detail(sample)
        if self._usual_detail is None:
            self._usual_detail = detail
        is_low = detail < self._params.blur_ratio * self._usual_detail
        share = _SLOW_SHARE if is_low else _FAST_SHARE
        self._usual_detail += share * (detail - self._usual_detail)
        if not is_low or self._watched_s < self._params.blur_warm_up_s:
            self._blurred_since_s = None
            return False
        if self._blurred_since_s is None:
            self._blurred_since_s = stream_time_s
        return stream_time_s - self._blurred_since_s >= self._params.blur_s


def _sample(image: Image) -> npt.NDArray[np.uint8]:
    """Return every k-th pixel's green value, (about 270, W/k) uint8, a copy.

    Picking pixels instead of averaging keeps the sensor's noise, which tells a still scene
    from a frozen picture.
    """
    step = max(image.shape[0] // _SAMPLE_ROWS, 1)
    return np.ascontiguousarray(image[::step, ::step, 1])


def _compute_detail(sample: npt.NDArray[np.uint8]) -> float:
    """Return the energy of second differences (a Laplacian), grey values squared."""
    grey = sample.astype(np.float32)
    if min(grey.shape) < 3:
        return 0.0
    laplacian = (
        grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    )
    return float(np.mean(laplacian * laplacian))

"""Does the camera shake: wind in the mast, a vibrating pole, a loose bracket?

Corners of the scene are followed from look to look on a small picture. Most of what has corners
does not move, so the median of their displacements is the camera's own. A camera that shakes
goes to and fro about its place; one that pans goes on, and is not meant here. The method, its
limits and what was measured are in docs/methods/picture-health.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image

LINES = 180
"""Corners are followed in a picture with so many lines (its shorter side)."""

REFERENCE_LINES = 1080
"""Displacements are given as pixels of a picture with so many lines."""

_CELLS = (6, 9)
_MIN_CORNERS = 12
_MIN_QUALITY = 1e-4
_AGREE_PX = 0.5

Grey = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class JitterParams:
    """Limits of the verdict.

    Attributes:
        look_s: Stream time between two looks of a burst.
        burst_s: Length of a burst of looks.
        rest_s: Time between two bursts while nothing speaks against the verdict.
        shaking_px: Root mean square of the displacement between two looks, less its mean, from
            which a burst shows shaking; pixels at 1080 lines.
        calm_px: Below this a burst shows a calm camera.
        sweep_px: A camera that comes this far from its place is panned, not shaken.
        drift: The same where the way from beginning to end is more than this share of all ways.
        min_turns: Times it must turn back within a burst.
        min_agreeing: Share of the corners that must have moved alike.
        bursts: Bursts that must agree, in a row, to change the verdict.
    """

    look_s: float = 0.3
    burst_s: float = 4.5
    rest_s: float = 20.0
    shaking_px: float = 3.5
    calm_px: float = 2.8
    sweep_px: float = 70.0
    drift: float = 0.5
    min_turns: int = 3
    min_agreeing: float = 0.2
    bursts: int = 2


class JitterWatch:
    """Says whether one camera shakes; one thread."""

    def __init__(self, params: JitterParams | None = None) -> None:
        self._params = params or JitterParams()
        self.is_shaking = False
        self._against = 0
        self.reset()

    def reset(self) -> None:
        """A new segment began: nothing was seen of it yet."""
        self._previous: Grey | None = None
        self._corners: Points | None = None
        self._looked_s: float | None = None
        self._burst_s: float | None = None
        self._moves: list[tuple[float, float]] = []

    def update(self, image: Image, *, stream_time_s: float) -> bool:
        """Return whether the camera shakes; looks only when it is time to.

        Args:
            image: (H, W, 3) uint8, BGR.
            stream_time_s: Presentation time in the segment, seconds.
        """
        last_s = self._looked_s
        if last_s is not None and stream_time_s < last_s:
            self.reset()
        if self._burst_s is None:
            self._begin(stream_time_s)
        assert self._burst_s is not None
        if stream_time_s < self._burst_s:
            return self.is_shaking
        last_s = self._looked_s
        if last_s is not None and stream_time_s - last_s < self._params.look_s:
            return self.is_shaking
        self._looked_s = stream_time_s
        self._look(image)
        if stream_time_s - self._burst_s >= self._params.burst_s:
            is_in_doubt = self._conclude()
            self._begin(stream_time_s + (0.0 if is_in_doubt else self._params.rest_s))
        return self.is_shaking

    def _begin(self, at_s: float) -> None:
        self._burst_s = at_s
        self._previous = self._corners = None
        self._moves = []

    def _look(self, image: Image) -> None:
        grey = _reduced(image)
        previous, self._previous = self._previous, grey
        if previous is None or previous.shape != grey.shape:
            self._corners = _find_corners(grey)
            return
        if self._corners is None:
            return
        move = _median_move(previous, grey, self._corners, self._params.min_agreeing)
        if move is not None:
            scale = REFERENCE_LINES / min(grey.shape)
            self._moves.append((move[0] * scale, move[1] * scale))

    def _conclude(self) -> bool:
        """Take the burst into account; return whether it spoke against the verdict."""
        params = self._params
        looks = params.burst_s / params.look_s
        shakes: bool | None = None
        # Where the stream is slower than the looks there are fewer of them.
        if len(self._moves) >= max(0.3 * looks, 4):
            shakes = shows_shaking(np.array(self._moves), params, was_shaking=self.is_shaking)
        if shakes is None or shakes == self.is_shaking:
            self._against = 0
            return False
        self._against += 1
        if self._against >= params.bursts:
            self.is_shaking, self._against = shakes, 0
        return True


def shows_shaking(
    moves_px: npt.NDArray[np.float64], params: JitterParams, *, was_shaking: bool
) -> bool:
    """Return whether displacements are those of a camera that shakes about its place.

    Args:
        moves_px: (K, 2) displacement from look to look, pixels at 1080 lines.
        params: Limits.
        was_shaking: Whether it did before: it must be calmer to be called calm.
    """
    about_mean = moves_px - moves_px.mean(axis=0)
    spread_px = float(np.sqrt((about_mean**2).sum(axis=1).mean()))
    if spread_px < (params.calm_px if was_shaking else params.shaking_px):
        return False
    ways = np.hypot(moves_px[:, 0], moves_px[:, 1])
    end = np.hypot(*moves_px.sum(axis=0))
    places = np.cumsum(moves_px, axis=0)
    sweep = np.hypot(*(places.max(axis=0) - places.min(axis=0)))
    _, _, axes = np.linalg.svd(about_mean, full_matrices=False)
    along = moves_px @ axes[0]
    turns = int((np.sign(along[1:]) * np.sign(along[:-1]) < 0).sum())
    is_panned = end > params.drift * ways.sum() or sweep > params.sweep_px
    return turns >= params.min_turns and not is_panned


def _reduced(image: Image) -> Grey:
    """Return a small grey picture; every k-th pixel first, which is most of the saving."""
    shorter = min(image.shape[:2])
    step = max(shorter // (2 * LINES), 1)
    green = np.ascontiguousarray(image[::step, ::step, 1])
    scale = LINES / min(green.shape)
    if scale >= 1.0:
        return green
    size = round(green.shape[1] * scale), round(green.shape[0] * scale)
    return np.asarray(cv2.resize(green, size, interpolation=cv2.INTER_AREA), np.uint8)


def _find_corners(grey: Grey) -> Points | None:
    """Return the best corner of each part of the picture, (N, 1, 2) float32; None if few."""
    quality = cv2.cornerMinEigenVal(grey, 5)
    rows, columns = _CELLS if grey.shape[1] >= grey.shape[0] else _CELLS[::-1]
    found: list[tuple[int, int]] = []
    for ys in np.array_split(np.arange(4, grey.shape[0] - 4), rows):
        for xs in np.array_split(np.arange(4, grey.shape[1] - 4), columns):
            part = quality[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
            best = int(part.argmax())
            y, x = divmod(best, part.shape[1])
            if part[y, x] > _MIN_QUALITY:
                found.append((xs[0] + x, ys[0] + y))
    if len(found) < _MIN_CORNERS:
        return None
    return np.array(found, np.float32).reshape(-1, 1, 2)


def _median_move(
    before: Grey, after: Grey, corners: Points, min_agreeing: float
) -> tuple[float, float] | None:
    """Return the median displacement of the corners, pixels of the small picture."""
    places, status, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        corners,
        None,
        winSize=(11, 11),
        maxLevel=2,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 8, 0.03),
    )
    moved = (places - corners).reshape(-1, 2)[status.ravel() == 1]
    if len(moved) < _MIN_CORNERS:
        return None
    middle = np.median(moved, axis=0)
    apart = np.hypot(moved[:, 0] - middle[0], moved[:, 1] - middle[1])
    if float(np.mean(apart < _AGREE_PX)) < min_agreeing:
        return None
    return float(middle[0]), float(middle[1])

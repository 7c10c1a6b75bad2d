"""Is the picture as sharp as this camera's pictures are, and sharp at all?

An edge's steepness tells: how much of the local contrast falls between two neighbouring pixels.
It depends neither on the light nor on the scene (in all kinds of scene, day and night, its
median lies close to a third of the contrast per pixel at 540 lines), noise hardly changes it,
and a lens out of focus, wet or dirty halves it. The formula, its limits and what was measured
are in docs/methods/picture-health.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image

LINES = 540
"""Pictures are looked at with so many lines (their shorter side)."""

_TILE = 20
_ZONES = (3, 4)
_MIN_CONTRAST = 40
_MIN_TILES = 8

Grey = npt.NDArray[np.uint8]
Zones = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sharpness:
    """How sharp one picture is.

    Attributes:
        steepness: Median over all tiles with contrast of the steepest edge's slope, share of
            the tile's contrast per pixel; None where there is too little contrast to tell.
        zones: (2, 3, 4) the same across (x, y) in each of twelve parts of the picture, which
            a smear along one direction or over one side changes; NaN where it cannot be told.
        contrast_share: Share of the tiles that have contrast.
        mean_grey: 0-255.
    """

    steepness: float | None
    zones: Zones
    contrast_share: float
    mean_grey: float


def measure_sharpness(image: Image) -> Sharpness:
    """Return how sharp a picture is.

    Args:
        image: (H, W, 3) uint8, BGR.
    """
    if min(image.shape[:2]) < 3 * _TILE:
        return Sharpness(None, np.full((2, *_ZONES), np.nan), 0.0, float(image.mean()))
    grey = cv2.GaussianBlur(_reduced(image), (3, 3), 0)
    inner = grey[1:-1, 1:-1]
    across = cv2.absdiff(grey[1:-1, 2:], grey[1:-1, :-2])
    down = cv2.absdiff(grey[2:, 1:-1], grey[:-2, 1:-1])
    contrast = (_tiles(inner, np.maximum).astype(np.int16)) - _tiles(inner, np.minimum)
    has_contrast = contrast >= _MIN_CONTRAST
    slopes = np.stack([_tiles(across, np.maximum), _tiles(down, np.maximum)])
    steepness = np.where(has_contrast, slopes / (2.0 * np.maximum(contrast, 1)), np.nan)
    steepest = steepness.max(axis=0)[has_contrast]
    return Sharpness(
        steepness=float(np.median(steepest)) if steepest.size >= _MIN_TILES else None,
        zones=_in_zones(steepness),
        contrast_share=float(has_contrast.mean()),
        mean_grey=float(inner[::4, ::4].mean()),
    )


def _reduced(image: Image) -> Grey:
    """Return the green plane with at most `LINES` lines."""
    shorter = min(image.shape[:2])
    if shorter > LINES:
        scale = LINES / shorter
        size = round(image.shape[1] * scale), round(image.shape[0] * scale)
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.extractChannel(image, 1), np.uint8)


def _tiles(values: Grey, reduce: np.ufunc) -> Grey:
    """Return the largest or smallest value of each tile, (H/20, W/20)."""
    rows, columns = (side // _TILE for side in values.shape)
    cut = values[: rows * _TILE, : columns * _TILE]
    # down the columns first: whole rows at a time
    bands = reduce.reduce(cut.reshape(rows, _TILE, columns * _TILE), axis=1)
    return np.asarray(reduce.reduce(bands.reshape(rows, columns, _TILE), axis=2), np.uint8)


def _in_zones(steepness: npt.NDArray[np.float64]) -> Zones:
    zones = np.full((2, *_ZONES), np.nan)
    for row, rows in enumerate(np.array_split(np.arange(steepness.shape[1]), _ZONES[0])):
        for column, columns in enumerate(np.array_split(np.arange(steepness.shape[2]), _ZONES[1])):
            part = steepness[:, rows[:, None], columns].reshape(2, -1)
            known = part[:, ~np.isnan(part[0])]
            if known.shape[1] >= _MIN_TILES:
                zones[:, row, column] = np.median(known, axis=1)
    return zones


@dataclass(frozen=True, slots=True)
class SharpnessParams:
    """Limits of the verdict.

    Attributes:
        interval_s: Stream time between two looks.
        floor: Steepness below which a picture is blurred whatever was usual.
        zone_ratio: A part of the picture is blurred below this share of its usual steepness.
        zone_share: Share of the parts that must be, for the picture to be called blurred.
        contrast_ratio: Share of the usual number of tiles with contrast below which everything
            has gone soft or was covered.
        dark_grey: In a picture darker than this on average, too little contrast says nothing.
        clear_factor: The limits are so much stricter for a blurred picture to be called clear.
        blurred_s, clear_s: Stream time for which that must hold.
        learn_s: Stream time it takes to know what is usual.
    """

    interval_s: float = 5.0
    floor: float = 0.18
    zone_ratio: float = 0.75
    zone_share: float = 0.4
    contrast_ratio: float = 0.2
    dark_grey: float = 30.0
    clear_factor: float = 1.1
    blurred_s: float = 10.0
    clear_s: float = 5.0
    learn_s: float = 20.0


_FAST_SHARE = 0.05
_SLOW_SHARE = 0.002
"""Share by which "usual" follows a sharp and a blurred picture: a camera that was refocused or
moved to another scene is believed again after some tens of minutes."""


class SharpnessWatch:
    """Learns what is usual for one camera and says when its picture is blurred; one thread."""

    def __init__(self, params: SharpnessParams | None = None) -> None:
        self._params = params or SharpnessParams()
        self._usual: Zones | None = None
        self._usual_contrast = 0.0
        self._watched_s = 0.0
        self.is_blurred = False
        self.reset()

    def reset(self) -> None:
        """A new segment began: what was learnt stays, what was seen last does not."""
        self._looked_s: float | None = None
        self._since_s: float | None = None

    def update(self, image: Image, *, stream_time_s: float) -> bool:
        """Return whether the picture is blurred; looks only every ``interval_s``.

        Args:
            image: (H, W, 3) uint8, BGR.
            stream_time_s: Presentation time in the segment, seconds.
        """
        last_s = self._looked_s
        if last_s is not None and 0 <= stream_time_s - last_s < self._params.interval_s:
            return self.is_blurred
        if last_s is not None and stream_time_s < last_s:
            self.reset()
            last_s = None
        self._watched_s += 0.0 if last_s is None else stream_time_s - last_s
        self._looked_s = stream_time_s
        looks_blurred = self._looks_blurred(measure_sharpness(image))
        self._conclude(looks_blurred, stream_time_s)
        return self.is_blurred

    def _looks_blurred(self, now: Sharpness) -> bool:
        params = self._params
        factor = params.clear_factor if self.is_blurred else 1.0
        is_soft = now.steepness is not None and now.steepness < params.floor * factor
        if self._usual is None:
            self._usual, self._usual_contrast = now.zones.copy(), now.contrast_share
        is_softer = self._watched_s >= params.learn_s and self._is_softer(now, factor)
        share = _SLOW_SHARE if is_soft or is_softer else _FAST_SHARE
        self._learn(now, max(share, self._first_share()))
        return is_soft or is_softer

    def _is_softer(self, now: Sharpness, factor: float) -> bool:
        params = self._params
        if now.mean_grey >= params.dark_grey:
            is_bare = now.contrast_share < params.contrast_ratio * factor * self._usual_contrast
            if is_bare and self._usual_contrast > 0.05:
                return True
        assert self._usual is not None
        ratio = (now.zones / self._usual).min(axis=0)
        known = ratio[~np.isnan(ratio)]
        if known.size < 2:
            return False
        return float(np.mean(known < params.zone_ratio * factor)) >= params.zone_share

    def _first_share(self) -> float:
        """The first looks count alike, so that one odd picture does not become the usual."""
        if self._watched_s >= self._params.learn_s:
            return 0.0
        return 1.0 / (2.0 + self._watched_s / self._params.interval_s)

    def _learn(self, now: Sharpness, share: float) -> None:
        assert self._usual is not None
        unknown = np.isnan(self._usual)
        step = np.where(np.isnan(now.zones), 0.0, share * (now.zones - self._usual))
        self._usual = np.where(unknown, now.zones, self._usual + step)
        self._usual_contrast += share * (now.contrast_share - self._usual_contrast)

    def _conclude(self, looks_blurred: bool, stream_time_s: float) -> None:
        """Change the verdict once the looks have spoken against it for long enough."""
        if looks_blurred == self.is_blurred:
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = stream_time_s
        needed_s = self._params.blurred_s if looks_blurred else self._params.clear_s
        if stream_time_s - self._since_s >= needed_s:
            self.is_blurred = looks_blurred
            self._since_s = None

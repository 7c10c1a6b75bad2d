"""A few pictures of a video or a live camera, evenly spread, and a place to keep them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from backend.core.errors import SourceEnded, SourceLostError
from backend.core.frame import Frame, Image
from backend.vision.sources.base import FrameSource

_READ_S = 0.25
_UNKNOWN_STEP = 10
"""Every so many frames of a file that does not say how long it is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of several.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        share: How much of the sampling was done before it, in [0, 1).
    """

    image: Image
    share: float


def sample_file(source: FrameSource, count: int, *, stop: threading.Event) -> Iterator[Sample]:
    """Yield up to ``count`` pictures of an opened recording, spread evenly over its length.

    Args:
        source: Delivers every frame; opened and closed by the caller.
        count: How many are wanted; a shorter video gives all it has.
        stop: Set to end early.
    """
    total = source.info.frames_total or count * _UNKNOWN_STEP
    count = min(count, total)
    taken = 0
    for position, frame in enumerate(_frames(source, stop)):
        due = (position + 1) * count // total
        if due > taken:
            yield Sample(frame.image, taken / count)
            taken += 1
        if taken >= count:
            return


def sample_live(
    source: FrameSource, count: int, *, interval_s: float, stop: threading.Event
) -> Iterator[Sample]:
    """Yield ``count`` pictures of an opened live source, ``interval_s`` or more apart.

    Args:
        source: Delivers its newest frame; opened and closed by the caller.
        count: How many are wanted; fewer come where the source ends.
        interval_s: Seconds of stream time between two of them.
        stop: Set to end early.

    Raises:
        SourceLostError: The stream broke off; what was yielded before stays good.
    """
    source.set_wanted_rate(1.0 / interval_s if interval_s > 0 else None)
    due_mono_s = float("-inf")
    taken = 0
    for frame in _frames(source, stop):
        if frame.captured_mono_s < due_mono_s:
            continue
        due_mono_s = frame.captured_mono_s + interval_s
        yield Sample(frame.image, taken / count)
        taken += 1
        if taken >= count:
            return


def _frames(source: FrameSource, stop: threading.Event) -> Iterator[Frame]:
    while not stop.is_set():
        try:
            frame = source.read(_READ_S)
        except SourceEnded:
            return
        if frame is not None:
            yield frame


class KeptPictures:
    """Pictures in a folder of its own, without loss, so that memory holds one at a time.

    Args:
        folder: Existing empty folder; deleted by its owner.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Image]:
        for number in range(self._count):
            yield self[number]

    def __getitem__(self, number: int) -> Image:
        if not 0 <= number < self._count:
            raise IndexError(number)
        stored = np.fromfile(self._file(number), np.uint8)
        return np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)

    def add(self, picture: Image) -> None:
        """Keep a (H, W, 3) uint8 BGR picture.

        Raises:
            SourceLostError: It cannot be written (disk full).
        """
        done, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            raise SourceLostError("A picture could not be kept for the comparison.")
        self._file(self._count).write_bytes(encoded.tobytes())
        self._count += 1

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06d}.png"

"""A beat of stream time, for measures that need not be new in every frame."""

from __future__ import annotations

_STAMP_TOLERANCE_S = 5e-4
"""Stamps of 25 fps video do not add up to 0.2 s exactly."""


class Raster:
    """Says which frames are measured, so that their number does not depend on the frame rate.

    The first frame is, then the first one in each further interval of stream time; a stream
    slower than the interval is measured in every frame.

    Args:
        interval_s: Stream time between two measurements, seconds, > 0.

    Example:
        >>> beat = Raster(0.2)
        >>> [beat.is_due(elapsed_s) for elapsed_s in (0.0, 0.1, 0.1, 0.1, 0.1)]
        [True, False, True, False, True]
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self.clear()

    def clear(self) -> None:
        """Start afresh: the next frame is measured."""
        self._now_s = 0.0
        self._due_s = 0.0

    def is_due(self, elapsed_s: float) -> bool:
        """Take the stream time since the frame before and say whether to measure this one."""
        self._now_s += elapsed_s
        if self._now_s < self._due_s - _STAMP_TOLERANCE_S:
            return False
        # Whole intervals are taken off, so that a month of seconds costs no precision.
        whole = (self._now_s + _STAMP_TOLERANCE_S) // self._interval_s
        self._now_s = max(self._now_s - whole * self._interval_s, 0.0)
        self._due_s = self._interval_s
        return True

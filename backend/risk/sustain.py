"""The sustain timer of one limit (CROWD-SCIENCE section 5)."""

from __future__ import annotations

from enum import Enum, auto

MAX_CREDITED_GAP_S = 2.0
"""Longest time one frame can vouch for: what happened in a longer gap is not known.

Shorter than the sustain time of CRITICAL, so that a single frame before a stall never makes an
alarm, and nothing clears because a camera stood still.
"""


class _Side(Enum):
    ABOVE = auto()
    HOLDING = auto()
    BELOW = auto()


class SustainTimer:
    """Runs while a value is above its limit, holds a little below, resets after long below.

    Each frame speaks for the time until the next one (at most 2 s), so the sum over a frame
    sequence does not depend on its rate. Between ``hold_fraction`` x limit and the limit the
    timer stands still. After ``reset_s`` on end below that it goes back to zero. A value that
    is unknown now neither runs nor resets it.

    Example:
        >>> timer = SustainTimer()
        >>> for value in (7.0, 7.0, 7.0, 7.0):
        ...     _ = timer.update(is_above=value >= 6, is_held=value >= 5.1, elapsed_s=1.0,
        ...                      reset_s=30.0)
        >>> timer.running_s
        3.0
    """

    def __init__(self) -> None:
        self._side = _Side.HOLDING
        self._running_s = 0.0
        self._below_s = 0.0

    @property
    def running_s(self) -> float:
        """Seconds above the limit since the last reset."""
        return self._running_s

    @property
    def has_reset(self) -> bool:
        """The value has been below for so long that the timer stands at zero again."""
        return self._side is _Side.BELOW and self._running_s == 0.0

    def update(self, *, is_above: bool, is_held: bool, elapsed_s: float, reset_s: float) -> float:
        """Take one frame and return `running_s`.

        Args:
            is_above: The value is at or over the limit now.
            is_held: The value is at least ``hold_fraction`` x limit, or not known now.
            elapsed_s: Stream time since the frame before, seconds.
            reset_s: Time below after which the timer starts again.
        """
        credited_s = min(elapsed_s, MAX_CREDITED_GAP_S)
        if self._side is _Side.ABOVE:
            self._running_s += credited_s
        elif self._side is _Side.BELOW:
            self._below_s += credited_s
        if is_above:
            self._side = _Side.ABOVE
        else:
            self._side = _Side.HOLDING if is_held else _Side.BELOW
        if self._side is not _Side.BELOW:
            self._below_s = 0.0
        elif self._below_s >= reset_s - 1e-9:
            self._running_s = 0.0
        return self._running_s

"""A dense crowd that stands still (CROWD-SCIENCE section 3)."""

from __future__ import annotations

STAGNANT_DENSITY_PER_M2 = 2.0
STAGNANT_SPEED_MPS = 0.2
STAGNANT_AFTER_S = 10.0

HOLD_SHARE = 0.85
"""Interruptions that miss a limit by no more than this share hold the timer; the same share by
which every sustained limit of CrowdSafe holds."""

MAX_HOLD_S = 3.0
"""Longest interruption, seconds of stream time: a number older than 3 s counts as unknown."""

_STAMP_TOLERANCE_S = 1e-6
"""Time stamps of 25 fps video do not add up to 10 s exactly."""


class StagnationTimer:
    """Peak density >= 2 /m² and mean speed < 0.2 m/s for 10 s of stream time.

    From the first frame that meets the condition on, the time up to each further such frame
    counts; so the verdict does not depend on the frame rate. The time up to a frame with density
    or speed unknown, or one that misses a limit narrowly (density >= 1.7 /m², speed
    <= 0.235 m/s), neither counts nor resets the timer for up to 3 s at a stretch. Anything else
    resets it at once.

    Example:
        >>> timer = StagnationTimer()
        >>> [timer.update(4.5, 0.05, elapsed_s=2.5) for _ in range(5)]
        [False, False, False, False, True]
    """

    def __init__(self) -> None:
        self._lasted_s: float | None = None
        self._interrupted_s = 0.0

    def clear(self) -> None:
        """Forget everything (a new segment has begun)."""
        self._lasted_s = None
        self._interrupted_s = 0.0

    def update(
        self, peak_density: float | None, mean_speed_mps: float | None, *, elapsed_s: float
    ) -> bool:
        """Take one frame and say whether the crowd has been stagnant for 10 s.

        Args:
            peak_density: Peak local density, 1/m²; None while unknown.
            mean_speed_mps: Mean speed, m/s; None while unknown.
            elapsed_s: Stream time since the frame before, seconds.

        Returns:
            True from 10 s of stagnation on, for as long as the timer is not reset.
        """
        if elapsed_s > MAX_HOLD_S + _STAMP_TOLERANCE_S:
            # Nobody looked for that long; what lies between the frames is not known.
            self.clear()
        if _is_stagnant(peak_density, mean_speed_mps):
            self._run(elapsed_s)
        elif not _may_hold(peak_density, mean_speed_mps):
            self.clear()
        elif self._lasted_s is not None:
            self._interrupted_s += elapsed_s
            if self._interrupted_s > MAX_HOLD_S + _STAMP_TOLERANCE_S:
                self.clear()
        lasted_s = self._lasted_s
        return lasted_s is not None and lasted_s >= STAGNANT_AFTER_S - _STAMP_TOLERANCE_S

    def _run(self, elapsed_s: float) -> None:
        if self._lasted_s is None:
            self._lasted_s = 0.0
        else:
            self._lasted_s += elapsed_s
        self._interrupted_s = 0.0


def _is_stagnant(density: float | None, speed: float | None) -> bool:
    if density is None or speed is None:
        return False
    return density >= STAGNANT_DENSITY_PER_M2 and speed < STAGNANT_SPEED_MPS


def _may_hold(density: float | None, speed: float | None) -> bool:
    """Whether an interruption may be one of measurement rather than of the crowd."""
    dense = density is None or density >= HOLD_SHARE * STAGNANT_DENSITY_PER_M2
    slow = speed is None or speed <= STAGNANT_SPEED_MPS / HOLD_SHARE
    return dense and slow

"""Collective oscillation of a stream (CROWD-SCIENCE section 4): the window that is kept for it."""

from __future__ import annotations

from collections import deque

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.oscillation_spectrum import (
    BIN_S,
    WINDOWS_S,
    Oscillation,
    detect_oscillation,
)

__all__ = ["Oscillation", "OscillationWindow", "body_velocity", "detect_oscillation"]

MIN_PEOPLE = 10
"""Fewer people are no crowd: two who pace up and down together are not a body that sways."""

EVALUATION_INTERVAL_S = 1.0
"""Stream time between two looks, seconds."""

MAX_SILENCE_S = 5.0
"""Without a velocity for so long nothing can be said of now."""

_STAMP_TOLERANCE_S = 5e-4


def body_velocity(velocity: FloatArray, people: FloatArray | None = None) -> FloatArray | None:
    """Velocity of the crowd as one body.

    Args:
        velocity: (N, 2) float64, m/s; rows with NaN are left out.
        people: (N,) float64, people each row stands for; None = one each.

    Returns:
        (2,) float64, the mean over people; None with known velocities of fewer than 10.

    Example:
        >>> body_velocity(np.tile([0.1, 0.0], (12, 1))).round(3).tolist()
        [0.1, 0.0]
        >>> body_velocity(np.zeros((2, 2))) is None
        True
    """
    is_known = np.isfinite(velocity).all(axis=1)
    known = velocity[is_known]
    if people is None:
        return None if len(known) < MIN_PEOPLE else np.asarray(known.mean(axis=0))
    weights = people[is_known]
    if float(weights.sum()) < MIN_PEOPLE:
        return None
    return np.asarray(weights @ known / weights.sum())


class OscillationWindow:
    """Keeps two minutes of mean velocity at 2 Hz and looks for an oscillation once a second.

    All in stream time, at most 241 samples. Owned by one thread.

    Args:
        is_right_handed: See `detect_oscillation`.
    """

    def __init__(self, *, is_right_handed: bool = True) -> None:
        self._is_right_handed = is_right_handed
        self._samples: deque[FloatArray] = deque(maxlen=int(max(WINDOWS_S) / BIN_S) + 1)
        self.clear()

    def __len__(self) -> int:
        """Number of samples kept."""
        return len(self._samples)

    def clear(self) -> None:
        """Forget everything (a new segment has begun)."""
        self._samples.clear()
        self._sum = np.zeros(4)
        self._due_s: float | None = None
        self._evaluated_s: float | None = None
        self._found: Oscillation | None = None

    def update(
        self, mean_velocity: FloatArray | None, *, total_s: float, is_new_segment: bool
    ) -> Oscillation | None:
        """Take the crowd's velocity now.

        Args:
            mean_velocity: (2,) float64, m/s, ground plane (`body_velocity`); None while it is not
                known.
            total_s: Stream time so far, seconds, never decreasing.
            is_new_segment: The first frame after a reconnect: everything before is forgotten.

        Returns:
            The oscillation found at the last look; None while there is too little or none.
        """
        if is_new_segment:
            self.clear()
        if self._due_s is None:
            self._due_s = total_s + BIN_S
        if total_s >= self._due_s - _STAMP_TOLERANCE_S:
            self._close_bin(total_s)
        if mean_velocity is not None and np.isfinite(mean_velocity).all():
            self._sum += (1.0, total_s, float(mean_velocity[0]), float(mean_velocity[1]))
        return self._found

    def _close_bin(self, total_s: float) -> None:
        """Keep the mean of the half second that is over, and look again if it is time."""
        passed = int((total_s - self._due_s + _STAMP_TOLERANCE_S) / BIN_S) if self._due_s else 0
        self._due_s = (self._due_s or 0.0) + (passed + 1) * BIN_S
        if self._sum[0] > 0:
            self._samples.append(self._sum[1:] / self._sum[0])
            self._sum = np.zeros(4)
        while self._samples and self._samples[0][0] < total_s - max(WINDOWS_S) - BIN_S:
            self._samples.popleft()
        since = None if self._evaluated_s is None else total_s - self._evaluated_s
        if since is None or since >= EVALUATION_INTERVAL_S - _STAMP_TOLERANCE_S:
            self._evaluated_s = total_s
            self._found = self._look(total_s)

    def _look(self, now_s: float) -> Oscillation | None:
        if not self._samples or now_s - self._samples[-1][0] > MAX_SILENCE_S:
            return None
        rows = np.stack(self._samples)
        return detect_oscillation(rows[:, 0], rows[:, 1:], is_right_handed=self._is_right_handed)

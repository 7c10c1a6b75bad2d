"""How long people stay in zones, those still there included (Kaplan and Meier's estimator)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

SHORTEST_S = 0.1
STEP = 1.02
"""Stays are kept by length, in classes each 2 % longer than the one before, the first up to
0.1 s: what is told is within 1 % of the exact number."""

LONGEST_S = 31 * 86400.0

_CLASSES = int(np.ceil(np.log(LONGEST_S / SHORTEST_S) / np.log(STEP))) + 1
_QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Dwell:
    """How long people stay in each of Z zones, seconds.

    Attributes:
        median_s, p90_s: (Z,) float64, NaN where it cannot be told yet: too many are still
            inside, or nobody has been there.
        longest_s: (Z,) float64, longest stay so far, ended or not; NaN for nobody yet.
    """

    median_s: FloatArray
    p90_s: FloatArray
    longest_s: FloatArray


class StayLog:
    """All stays in Z zones, by length; the memory does not grow with their number.

    **Estimator.** Of some stays only a lower bound is known: of people still inside, and of
    those lost from view inside. To leave them out, or to take them for ended, would make stays
    too short. With d_i stays that ended at length t_i and n_i stays known to have lasted at
    least so long, ``S(t) = Π_{t_i <= t} (1 - d_i / n_i)`` is the share that stays longer than
    t; the median is the first t with S <= 0.5, the 90th percentile the first with S <= 0.1.

    References:
        Kaplan & Meier 1958, J. Am. Stat. Assoc. 53:457, equation 2b. A stay that was cut off at
        the very length at which another one ended counts among the n_i.

    Example:
        >>> log = StayLog(1)
        >>> stays_s, ended = np.array([4.0, 10.0, 20.0]), np.array([True, True, False])
        >>> log.add(np.zeros(3, int), stays_s, ended)
        >>> found = log.dwell(np.zeros(0, int), np.zeros(0))
        >>> found.median_s.round(1).tolist(), found.p90_s.tolist(), found.longest_s.tolist()
        ([10.0], [nan], [20.0])
    """

    def __init__(self, zones: int) -> None:
        self._ended = np.zeros((zones, _CLASSES), np.int32)
        self._cut_off = np.zeros((zones, _CLASSES), np.int32)
        self._longest_s = np.full(zones, np.nan)

    def __len__(self) -> int:
        """Number of zones."""
        return len(self._longest_s)

    def rearranged(self, kept: IntArray) -> StayLog:
        """The log of other zones.

        Args:
            kept: (Z',) int64, which of the zones here each of the new ones is; -1 = a new one.
        """
        found = StayLog(kept.size)
        new = np.flatnonzero(kept >= 0)
        found._ended[new] = self._ended[kept[new]]
        found._cut_off[new] = self._cut_off[kept[new]]
        found._longest_s[new] = self._longest_s[kept[new]]
        return found

    def add(self, zones: IntArray, stays_s: FloatArray, has_ended: BoolArray) -> None:
        """Take stays that are over.

        Args:
            zones: (K,) int64, in which zone.
            stays_s: (K,) float64, seconds, >= 0.
            has_ended: (K,) bool, ended in view; False = at least so long.
        """
        if zones.size == 0:
            return
        classes = _classes_of(stays_s)
        np.add.at(self._ended, (zones[has_ended], classes[has_ended]), 1)
        np.add.at(self._cut_off, (zones[~has_ended], classes[~has_ended]), 1)
        np.fmax.at(self._longest_s, zones, stays_s)

    def dwell(self, zones: IntArray, stays_s: FloatArray) -> Dwell:
        """How long people stay.

        Args:
            zones: (K,) int64, zones in which somebody is now.
            stays_s: (K,) float64, for how long so far, seconds.
        """
        longest = self._longest_s.copy()
        np.fmax.at(longest, zones, stays_s)
        top = int(_classes_of(np.fmax(longest, 0.0)).max(initial=0)) + 1
        at = zones * top + _classes_of(stays_s)
        still = np.bincount(at, minlength=len(self) * top).reshape(len(self), top)
        ended = self._ended[:, :top]
        lasting = ended + self._cut_off[:, :top] + still
        at_least = np.cumsum(lasting[:, ::-1], axis=1)[:, ::-1]
        stays_on = np.cumprod(1.0 - ended / np.maximum(at_least, 1), axis=1)
        found = []
        for quantile in _QUANTILES:
            is_over = stays_on <= 1.0 - quantile + 1e-9
            first = is_over.argmax(axis=1)
            known = is_over[np.arange(len(self)), first]
            found.append(np.where(known, np.minimum(_middle_s(first), longest), np.nan))
        return Dwell(found[0], found[1], longest)


def _classes_of(stays_s: FloatArray) -> IntArray:
    classes = np.ceil(np.log(np.maximum(stays_s, SHORTEST_S) / SHORTEST_S) / np.log(STEP) - 1e-9)
    return np.asarray(np.nan_to_num(np.minimum(classes, _CLASSES - 1)), np.int64)


def _middle_s(classes: IntArray) -> FloatArray:
    """Middle of each class, by its logarithm."""
    return np.asarray(SHORTEST_S * STEP ** np.maximum(classes - 0.5, 0.0))

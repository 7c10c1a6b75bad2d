"""Who is who in the picture, for zones: slots, and what becomes of those seen no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.walkers import Walkers

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

NOBODY = -1
"""Track id of a box without an identity: it is counted, never remembered."""

HANDOVER_HEIGHTS = 0.3
"""How far from where a lost track would be a new one may appear and continue it, in heights of
its box: half a metre, about the room one body takes."""

LEAVING_S = 0.5
"""Who would have left the picture within this time when last seen has left it."""


@dataclass(frozen=True, slots=True, eq=False)
class Departed:
    """People who are remembered no longer.

    Attributes:
        slots: (K,) int64, the slots they had.
        seen_s: (K,) float64, when each was last seen, seconds.
        has_left: (K,) bool, was about to leave the picture; otherwise lost in it.
    """

    slots: IntArray
    seen_s: FloatArray
    has_left: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """The people of one frame.

    Attributes:
        slots: (N,) int64, slot of each, -1 without an identity.
        is_new: (N,) bool, has an identity and was not remembered.
        departed: Those forgotten with this frame; their slots may be among ``slots`` again.
    """

    slots: IntArray
    is_new: BoolArray
    departed: Departed


class PeopleBook:
    """Gives every person in view a slot, a small number under which others keep what they know.

    Who is who is told by `backend.crowd.walkers.Walkers`, with a reach of 0.3 box heights. Here
    it is added who was about to leave the picture when last seen.

    Owned by one thread.
    """

    def __init__(self) -> None:
        self._walkers = Walkers(follows_leaps=False)
        self._is_leaving = np.zeros(self.capacity, np.bool_)
        self._now_s = 0.0

    def __len__(self) -> int:
        """Number of people remembered."""
        return len(self._walkers)

    @property
    def capacity(self) -> int:
        """Slots there are: every slot given is below."""
        return self._walkers.capacity

    @property
    def seen_s(self) -> FloatArray:
        """(capacity,) float64, when the person of each slot was last seen, seconds."""
        return self._walkers.at_s

    def see(
        self,
        track_ids: IntArray,
        feet_px: FloatArray,
        heights_px: FloatArray,
        *,
        now_s: float,
        picture_wh: tuple[int, int],
    ) -> Present:
        """Take one frame.

        Args:
            track_ids: (N,) int64; below 0 = no identity. Of several boxes with one id the first
                has it, the others have none.
            feet_px: (N, 2) float64, pixels, finite.
            heights_px: (N,) float64, heights of the boxes, pixels.
            now_s: Seconds, never less than before.
            picture_wh: Width and height of the picture, pixels.
        """
        self._now_s = now_s
        departed = self._departed(self._walkers.outdated(now_s))
        ids = without_repeats(track_ids)
        named = np.flatnonzero(ids >= 0)
        feet, heights = feet_px[named], heights_px[named]
        slots, is_new = np.full(ids.size, NOBODY, np.int64), np.zeros(ids.size, np.bool_)
        at, is_new[named] = self._walkers.find(ids[named], feet, now_s=now_s)
        slots[named] = at
        self._walkers.move(at, feet, HANDOVER_HEIGHTS * heights, now_s=now_s)
        self._look_for_leaving(at, heights, picture_wh)
        return Present(slots, is_new, departed)

    def forget(self) -> Departed:
        """Forget everybody: identities do not span two segments."""
        # who was seen in the very last frame has not left, wherever he was going
        self._is_leaving &= self.seen_s < self._now_s
        departed = self._departed(np.flatnonzero(np.isfinite(self.seen_s)))
        self._walkers.clear()
        return departed

    def _departed(self, slots: IntArray) -> Departed:
        return Departed(slots, self.seen_s[slots], self._is_leaving[slots])

    def _look_for_leaving(
        self, at: IntArray, heights_px: FloatArray, picture_wh: tuple[int, int]
    ) -> None:
        missing = self.capacity - self._is_leaving.size
        self._is_leaving = np.append(self._is_leaving, np.zeros(missing, np.bool_))
        feet = self._walkers.xy[at]
        soon = feet + self._walkers.velocity[at] * LEAVING_S
        # a box that is cut off by the upper edge belongs to somebody walking out there
        is_out = ((soon <= 0) | (soon >= picture_wh)).any(axis=1)
        self._is_leaving[at] = is_out | (feet[:, 1] <= heights_px)


def without_repeats(track_ids: IntArray) -> IntArray:
    """Leave each id to the first box that has it; the others have no identity.

    Example:
        >>> without_repeats(np.array([7, 3, 7, -1, -1])).tolist()
        [7, 3, -1, -1, -1]
    """
    _, first = np.unique(track_ids, return_index=True)
    found = np.full(track_ids.size, NOBODY, np.int64)
    found[first] = track_ids[first]
    return found

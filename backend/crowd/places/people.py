"""Who is who from frame to frame, in the picture: track ids, and new ids that continue old ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

NOBODY = -1
"""Track id of a box without an identity: it is counted, never remembered."""

HANDOVER_S = 2.0
HANDOVER_HEIGHTS = 0.3
"""How far from where a lost track would be a new one may appear and continue it, in heights of
its box: half a metre, about the room one body takes."""

FORGET_S = 5.0
"""A track that comes back under its own identity within this time is still the same person."""

LEAVING_S = 0.5
"""Who would have left the picture within this time when last seen has left it."""

_SMOOTHING_S = 0.5
_FIRST_CAPACITY = 64


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

    **Changed identity.** A track never seen before that appears within 0.3 box heights of where
    a track lost for at most 2 s would now be (its last place carried on at its last velocity,
    smoothed over 0.5 s) continues that track, the nearest pair first, each lost track once.

    **Memory.** A track unseen for 5 s is forgotten and its slot given away: there are never
    more slots than twice the most people seen within 5 s (64 at least).

    Owned by one thread.
    """

    def __init__(self) -> None:
        self._used = np.zeros(_FIRST_CAPACITY, np.bool_)
        self._ids = np.full(_FIRST_CAPACITY, NOBODY, np.int64)
        self._feet = np.zeros((_FIRST_CAPACITY, 2))
        self._velocity = np.zeros((_FIRST_CAPACITY, 2))
        self._heights = np.ones(_FIRST_CAPACITY)
        self._seen_s = np.zeros(_FIRST_CAPACITY)
        self._is_leaving = np.zeros(_FIRST_CAPACITY, np.bool_)
        self._now_s = 0.0

    def __len__(self) -> int:
        """Number of people remembered."""
        return int(self._used.sum())

    @property
    def capacity(self) -> int:
        """Slots there are: every slot given is below."""
        return int(self._used.size)

    @property
    def seen_s(self) -> FloatArray:
        """(capacity,) float64, when the person of each slot was last seen, seconds."""
        return self._seen_s

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
        departed = self._drop(self._used & (now_s - self._seen_s > FORGET_S))
        ids = without_repeats(track_ids)
        slots = self._slots_of(ids)
        is_fresh = (slots < 0) & (ids >= 0)
        if is_fresh.any():
            self._hand_over(np.flatnonzero(is_fresh), slots, feet_px)
        is_new = (slots < 0) & (ids >= 0)
        fresh = self._take_slots(int(is_new.sum()))
        slots[is_new] = fresh
        self._velocity[fresh], self._seen_s[fresh] = 0.0, now_s
        self._feet[fresh] = feet_px[is_new]
        has_identity = slots >= 0
        at = slots[has_identity]
        self._ids[at] = ids[has_identity]
        self._move(at, feet_px[has_identity], heights_px[has_identity])
        self._look_for_leaving(at, picture_wh)
        return Present(slots, is_new, departed)

    def forget(self) -> Departed:
        """Forget everybody: identities do not span two segments."""
        # who was seen in the very last frame has not left, wherever he was going
        self._is_leaving &= self._seen_s < self._now_s
        return self._drop(self._used.copy())

    def _drop(self, gone: BoolArray) -> Departed:
        slots = np.flatnonzero(gone)
        self._used[slots] = False
        self._ids[slots] = NOBODY
        return Departed(slots, self._seen_s[slots], self._is_leaving[slots])

    def _slots_of(self, track_ids: IntArray) -> IntArray:
        """Slot of each id that is remembered, else -1."""
        used = np.flatnonzero(self._used)
        if used.size == 0:
            return np.full(track_ids.size, -1, np.int64)
        used = used[np.argsort(self._ids[used], kind="stable")]
        known = self._ids[used]
        at = np.minimum(np.searchsorted(known, track_ids), used.size - 1)
        return np.where((known[at] == track_ids) & (track_ids >= 0), used[at], -1)

    def _hand_over(self, fresh: IntArray, slots: IntArray, feet_px: FloatArray) -> None:
        """Let new tracks continue lost ones, nearest pairs first."""
        is_lost = self._used & (self._now_s - self._seen_s <= HANDOVER_S)
        is_lost[slots[slots >= 0]] = False
        lost = np.flatnonzero(is_lost)
        if lost.size == 0:
            return
        away_s = (self._now_s - self._seen_s[lost])[:, None]
        expected = self._feet[lost] + self._velocity[lost] * away_s
        apart = np.linalg.norm(feet_px[fresh][:, None] - expected[None], axis=2)
        near, gone = np.nonzero(apart <= HANDOVER_HEIGHTS * self._heights[lost])
        taken: set[int] = set()
        for pair in np.argsort(apart[near, gone], kind="stable").tolist():
            row, slot = int(fresh[near[pair]]), int(lost[gone[pair]])
            if slots[row] < 0 and slot not in taken:
                taken.add(slot)
                slots[row] = slot

    def _take_slots(self, count: int) -> IntArray:
        free = np.flatnonzero(~self._used)
        if free.size < count:
            self._grow(max(2 * self.capacity, self.capacity + count))
            free = np.flatnonzero(~self._used)
        self._used[free[:count]] = True
        return free[:count]

    def _grow(self, capacity: int) -> None:
        more = capacity - self.capacity
        self._used = np.append(self._used, np.zeros(more, np.bool_))
        self._ids = np.append(self._ids, np.full(more, NOBODY, np.int64))
        self._feet = np.append(self._feet, np.zeros((more, 2)), axis=0)
        self._velocity = np.append(self._velocity, np.zeros((more, 2)), axis=0)
        self._heights = np.append(self._heights, np.ones(more))
        self._seen_s = np.append(self._seen_s, np.zeros(more))
        self._is_leaving = np.append(self._is_leaving, np.zeros(more, np.bool_))

    def _move(self, at: IntArray, feet_px: FloatArray, heights_px: FloatArray) -> None:
        elapsed_s = self._now_s - self._seen_s[at]
        newness = np.minimum(elapsed_s / _SMOOTHING_S, 1.0)[:, None]
        went = (feet_px - self._feet[at]) / np.maximum(elapsed_s, 1e-9)[:, None]
        self._velocity[at] += newness * (went - self._velocity[at])
        self._feet[at], self._heights[at], self._seen_s[at] = feet_px, heights_px, self._now_s

    def _look_for_leaving(self, at: IntArray, picture_wh: tuple[int, int]) -> None:
        feet, heights = self._feet[at], self._heights[at]
        soon = feet + self._velocity[at] * LEAVING_S
        # a box that is cut off by the upper edge belongs to somebody walking out there
        is_out = ((soon <= 0) | (soon >= picture_wh)).any(axis=1)
        self._is_leaving[at] = is_out | (feet[:, 1] <= heights)


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

"""Who is who from frame to frame: tracks remembered through gaps and changed identities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.line_geometry import IntArray

HANDOVER_S = 2.0
"""As long as a post hides who walks by behind it; where three people a square metre come and go
at random, a longer time mistakes more of them for each other than it finds again."""

FORGET_S = 5.0
"""A track that comes back under its own identity within this time is still the same person."""

LEAP_REACHES_PER_S = 6.0
"""A track has leapt when it moved by more than its reach and this many reaches a second: with a
reach of 0.5 m faster than 3 m/s."""

_SMOOTHING_S = 0.5
_NOBODY = -1
_FIRST_SLOTS = 16

_BoolArray = npt.NDArray[np.bool_]


class Walkers:
    """Remembers each track in a slot of its own; the slot is the person, whatever the identity.

    **Changed identity.** A track never seen before that appears within reach of where a track
    lost for at most 2 s would now be (its last position carried on at its last velocity)
    continues that track, the nearest pair first, each lost track once.

    **Exchanged identities.** A track that leaps further than anybody runs, onto where a lost
    track or another that leapt would now be, continues that one: two people who swap identities
    go on as themselves. Who leaps onto nobody's place stays who they are, for boxes tremble.

    **Memory.** A track unseen for 5 s is forgotten and its slot used again: there are never more
    slots than twice the most people seen within 5 s, 16 at least.

    Args:
        follows_leaps: Exchanged identities are looked for. A line counts whoever is led across
            it by one; a zone, where everybody near counts alike, need not know.

    Attributes:
        capacity: Slots there are.
        xy: (capacity, 2) float64, last position of each slot; NaN where it is free.
        at_s: (capacity,) float64, stream time it was seen last; -inf where it is free.
        velocity: (capacity, 2) float64, smoothed over 0.5 s; 0 where it is free.
    """

    def __init__(self, *, follows_leaps: bool = True) -> None:
        self._follows_leaps = follows_leaps
        self.capacity = _FIRST_SLOTS
        self.xy: FloatArray = np.full((_FIRST_SLOTS, 2), np.nan)
        self.at_s: FloatArray = np.full(_FIRST_SLOTS, -np.inf)
        self.velocity: FloatArray = np.zeros((_FIRST_SLOTS, 2))
        self._reach: FloatArray = np.zeros(_FIRST_SLOTS)
        self._identity: IntArray = np.full(_FIRST_SLOTS, _NOBODY, np.int64)

    def __len__(self) -> int:
        """Number of people remembered."""
        return int(np.count_nonzero(np.isfinite(self.at_s)))

    def clear(self) -> None:
        """Forget everybody."""
        self._free(np.arange(self.capacity))

    def outdated(self, now_s: float) -> IntArray:
        """Return the slots of those unseen for too long, whom the next `find` forgets."""
        return np.flatnonzero(np.isfinite(self.at_s) & (now_s - self.at_s > FORGET_S))

    def find(
        self, track_ids: IntArray, points: FloatArray, *, now_s: float
    ) -> tuple[IntArray, _BoolArray]:
        """Say who each track of a frame is, once who was not seen for long is forgotten.

        Args:
            track_ids: (N,) int64 identities, 0 or more, unique within the frame.
            points: (N, 2) float64, where they are.
            now_s: Stream time, seconds.

        Returns:
            (N,) int64 slots; (N,) bool, whether it is somebody new there, whose position is not
            yet in `xy`.
        """
        self._free(self.outdated(now_s))
        slots = self._slots_of(track_ids)
        is_unknown = slots == _NOBODY
        seeks = is_unknown
        if self._follows_leaps:
            seeks = is_unknown | self._has_leapt(slots, points, now_s)
        seeking = np.flatnonzero(seeks)
        if seeking.size:
            self._identity[slots[seeks & ~is_unknown]] = _NOBODY  # nobody has two
            self._hand_over(slots, seeking, points, now_s)
            is_unknown = slots == _NOBODY
            slots[is_unknown] = self._take(int(is_unknown.sum()))
            self._identity[slots[seeking]] = track_ids[seeking]
        return slots, is_unknown

    def move(self, slots: IntArray, points: FloatArray, reach: FloatArray, *, now_s: float) -> None:
        """Remember where those in ``slots`` are now.

        Args:
            slots: (N,) int64, from `find`.
            points: As there.
            reach: (N,) float64, how far from where each would be, once lost, a new track may
                appear and continue it, same unit.
            now_s: Stream time, seconds.
        """
        elapsed_s = now_s - self.at_s[slots]
        later = np.flatnonzero(np.isfinite(elapsed_s) & (elapsed_s > 0))
        rows, to, elapsed_s = slots[later], points[later], elapsed_s[later, None]
        newness = np.minimum(elapsed_s / _SMOOTHING_S, 1.0)
        before = self.velocity[rows]
        self.velocity[rows] = before + newness * ((to - self.xy[rows]) / elapsed_s - before)
        self.xy[slots], self.at_s[slots], self._reach[slots] = points, now_s, reach

    def _has_leapt(self, slots: IntArray, points: FloatArray, now_s: float) -> _BoolArray:
        """(N,) whether a known track moved further than anybody runs."""
        is_known = slots != _NOBODY
        known = slots[is_known]
        far = self._reach[known] * (1.0 + LEAP_REACHES_PER_S * (now_s - self.at_s[known]))
        has_leapt = np.zeros(slots.size, np.bool_)
        has_leapt[is_known] = np.hypot(*(points[is_known] - self.xy[known]).T) > far
        return has_leapt

    def _hand_over(
        self, slots: IntArray, seeking: IntArray, points: FloatArray, now_s: float
    ) -> None:
        """Let the ``seeking`` rows of ``slots`` continue whom they are nearest to, in place."""
        is_lost = now_s - self.at_s <= HANDOVER_S
        is_lost[slots[slots != _NOBODY]] = False
        own = slots[seeking]
        left = np.concatenate([np.flatnonzero(is_lost), own[own != _NOBODY]])
        expected = self.xy[left] + self.velocity[left] * (now_s - self.at_s[left])[:, None]
        apart = np.linalg.norm(points[seeking][:, None] - expected[None], axis=2)
        near = np.flatnonzero(apart <= self._reach[left])
        found: dict[int, int] = {}
        taken: set[int] = set()
        for pair in near[np.argsort(apart.flat[near], kind="stable")].tolist():
            new, gone = divmod(pair, left.size)
            if new not in found and gone not in taken:
                found[new] = int(left[gone])
                taken.add(gone)
        used = set(found.values())
        for new, row in enumerate(seeking.tolist()):
            if new in found:
                slots[row] = found[new]
            elif int(slots[row]) in used:
                slots[row] = _NOBODY

    def _slots_of(self, track_ids: IntArray) -> IntArray:
        """(N,) slot of each identity, -1 where it is not known."""
        named = np.flatnonzero(self._identity != _NOBODY)
        if not named.size:
            return np.full(track_ids.size, _NOBODY, np.int64)
        named = named[np.argsort(self._identity[named], kind="stable")]
        known = self._identity[named]
        at = np.minimum(np.searchsorted(known, track_ids), known.size - 1)
        return np.where(known[at] == track_ids, named[at], _NOBODY)

    def _take(self, count: int) -> IntArray:
        """(count,) free slots; more are made when there are too few."""
        free = np.flatnonzero(~np.isfinite(self.at_s))
        if free.size < count:
            self._grow(count - free.size)
            free = np.flatnonzero(~np.isfinite(self.at_s))
        return free[:count]

    def _grow(self, missing: int) -> None:
        more = max(missing, self.capacity)
        self.xy = np.concatenate([self.xy, np.full((more, 2), np.nan)])
        self.at_s = np.concatenate([self.at_s, np.full(more, -np.inf)])
        self.velocity = np.concatenate([self.velocity, np.zeros((more, 2))])
        self._reach = np.concatenate([self._reach, np.zeros(more)])
        self._identity = np.concatenate([self._identity, np.full(more, _NOBODY, np.int64)])
        self.capacity += more

    def _free(self, slots: IntArray) -> None:
        self.xy[slots], self.at_s[slots] = np.nan, -np.inf
        self.velocity[slots], self._reach[slots] = 0.0, 0.0
        self._identity[slots] = _NOBODY

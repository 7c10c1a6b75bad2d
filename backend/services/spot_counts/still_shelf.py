"""Stills that people are counting at the moment, with what was measured of them."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import Final

from backend.core.clock import Clock
from backend.services.spot_counts.sight import Sight

LIFETIME_S: Final = 600.0
PER_USER: Final = 3
MOST: Final = 24
"""Stills at once, all people together: some 3 MB each at the most."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture without a box or number on it, and its measured count.

    Attributes:
        user_id: Who counts; nobody else gets to see it.
        taken_mono_s: Monotonic time at which it was put aside.
    """

    user_id: int | None
    camera_id: int
    jpeg: bytes
    sight: Sight
    taken_mono_s: float


class StillShelf:
    """Keeps a few stills for some minutes; every method may be called from any thread.

    A further still takes the place of the same person's oldest, and of the oldest of all where
    there are too many.

    Args:
        clock: Monotonic time.
        lifetime_s: Seconds a still is kept.
        per_user: Stills of one person at once.
        most: Stills at once.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        lifetime_s: float = LIFETIME_S,
        per_user: int = PER_USER,
        most: int = MOST,
    ) -> None:
        self.lifetime_s = lifetime_s
        self._clock = clock
        self._per_user = per_user
        self._most = most
        self._lock = threading.Lock()
        self._stills: dict[str, Still] = {}

    def __len__(self) -> int:
        """Stills that are kept now, outlived ones left out."""
        with self._lock:
            self._drop_outlived()
            return len(self._stills)

    def put(self, still: Still) -> str:
        """Keep a still; return the token it is asked for with."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._drop_outlived()
            own = [key for key, kept in self._stills.items() if kept.user_id == still.user_id]
            for key in own[: len(own) - self._per_user + 1]:
                del self._stills[key]
            while len(self._stills) >= self._most:
                del self._stills[next(iter(self._stills))]
            self._stills[token] = still
        return token

    def find(self, token: str, *, user_id: int | None, camera_id: int) -> Still | None:
        """Return a person's own still of a camera; None where there is none any more."""
        with self._lock:
            self._drop_outlived()
            still = self._stills.get(token)
        if still is None or (still.user_id, still.camera_id) != (user_id, camera_id):
            return None
        return still

    def take(self, token: str, *, user_id: int | None, camera_id: int) -> Still | None:
        """Return a still as `find` does, and keep it no longer: of two who ask one gets it."""
        still = self.find(token, user_id=user_id, camera_id=camera_id)
        if still is None:
            return None
        with self._lock:
            return self._stills.pop(token, None)

    def put_back(self, token: str, still: Still) -> None:
        """Keep a still that was taken in vain, under the token it had."""
        with self._lock:
            self._stills[token] = still

    def forget(self, camera_id: int) -> None:
        """Drop the stills of a deleted camera."""
        with self._lock:
            kept = {key: one for key, one in self._stills.items() if one.camera_id != camera_id}
            self._stills = kept

    def _drop_outlived(self) -> None:
        before_s = self._clock.monotonic() - self.lifetime_s
        outlived = [key for key, one in self._stills.items() if one.taken_mono_s <= before_s]
        for key in outlived:
            del self._stills[key]

"""Where a reader thread leaves frames for the thread that owns the source."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Outbox(Generic[T]):
    """Bounded hand-over between one producer and one consumer.

    When full, ``put`` either replaces what waits (newest wins, counted in ``dropped``) or
    blocks the producer until there is room (every item in order).

    Args:
        capacity: Items that may wait, at least 1.
        newest_wins: What to do when full.
    """

    def __init__(self, capacity: int, *, newest_wins: bool) -> None:
        self._capacity = capacity
        self._newest_wins = newest_wins
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._ending: Exception | None = None
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Items replaced before anybody took them."""
        with self._changed:
            return self._dropped

    def set_capacity(self, capacity: int) -> None:
        """Change how many items may wait (at least 1)."""
        with self._changed:
            self._capacity = max(capacity, 1)
            self._changed.notify_all()

    def put(self, item: T) -> bool:
        """Leave ``item``; False when nobody will fetch it any more."""
        with self._changed:
            if self._newest_wins:
                while len(self._items) >= self._capacity:
                    self._items.popleft()
                    self._dropped += 1
            else:
                self._changed.wait_for(self._has_room)
            if self._closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
            return True

    def finish(self, ending: Exception) -> None:
        """Say why nothing more will come; raised to the consumer after the last item."""
        with self._changed:
            self._ending = self._ending or ending
            self._changed.notify_all()

    def take(self, timeout_s: float) -> T | None:
        """Return the next item, or None when there is none within ``timeout_s`` seconds.

        Raises:
            Exception: what `finish` was given, once every item has been taken.
        """
        with self._changed:
            self._changed.wait_for(self._is_ready, timeout_s)
            if self._items and not self._closed:
                item = self._items.popleft()
                self._changed.notify_all()
                return item
            if self._ending is not None:
                raise self._ending
            return None

    def close(self) -> None:
        """Throw waiting items away and wake both sides; idempotent."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self._closed or len(self._items) < self._capacity

    def _is_ready(self) -> bool:
        return bool(self._items) or self._ending is not None or self._closed

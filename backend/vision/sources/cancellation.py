"""Waking a thread that is blocked in a read, from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancellation:
    """A stop event that can also break connections off.

    Whoever opens something that may block registers how to wake it; `cancel` sets `event` and
    runs what is registered, once each. Registering after `cancel` runs it at once.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` has been called."""
        return self.event.is_set()

    def register(self, waker: Callable[[], None]) -> None:
        """Call ``waker`` (which must not block) on `cancel`."""
        with self._lock:
            if not self.event.is_set():
                self._wakers.append(waker)
                return
        waker()

    def unregister(self, waker: Callable[[], None]) -> None:
        """Forget ``waker``; nothing happens when it is not registered."""
        with self._lock:
            if waker in self._wakers:
                self._wakers.remove(waker)

    def cancel(self) -> None:
        """Stop for good; idempotent, from any thread."""
        with self._lock:
            self.event.set()
            wakers, self._wakers = self._wakers, []
        for waker in wakers:
            waker()

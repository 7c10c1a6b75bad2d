"""So many at once and no more: who comes later waits a moment or is told to come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.errors import UnavailableError


class Places:
    """A bounded number of places for something costly; usable from any thread.

    Args:
        at_once: How many there are.
        busy: Sentence for those who find none.
        retry_after_s: When they should come back.
    """

    def __init__(self, at_once: int, *, busy: str, retry_after_s: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._busy = busy
        self._retry_after_s = retry_after_s

    @contextmanager
    def take(self, *, wait_s: float = 0.0) -> Iterator[None]:
        """Hold a place, waiting for it at most ``wait_s`` seconds.

        Raises:
            UnavailableError: None came free; says when to ask again.
        """
        if not self._free.acquire(timeout=wait_s):
            raise UnavailableError(self._busy, retry_after_s=self._retry_after_s)
        try:
            yield
        finally:
            self._free.release()

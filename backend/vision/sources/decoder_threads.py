"""How many threads FFmpeg may decode with, all cameras of a process together.

The rule: every source decodes in its own reader thread; FFmpeg's further threads are lent from
one budget of as many as the machine has cores, first come, first served. So N sources make N
reader threads and at most as many decoder threads as cores, however many N is. Where the budget
is used up a stream is decoded by its reader alone: with more streams than cores all cores have
work anyway.
"""

from __future__ import annotations

import os
import threading


class ThreadBudget:
    """Lends decoder threads; from any thread.

    Args:
        total: Threads that may be lent at the same time.
    """

    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._left = total

    def lend(self, wanted: int) -> int:
        """Return how many of the ``wanted`` threads there are; give them back some time."""
        with self._lock:
            lent = max(min(wanted, self._left), 0)
            self._left -= lent
        return lent

    def give_back(self, lent: int) -> None:
        """Take back what `lend` returned."""
        with self._lock:
            self._left += lent


DECODER_THREADS = ThreadBudget(os.cpu_count() or 1)
"""The budget of this process."""

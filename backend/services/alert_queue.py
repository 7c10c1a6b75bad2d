"""What waits for the AlertManager: bounded, in order, nothing lost without being counted."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TypeAlias

from backend.core.snapshot import Snapshot
from backend.services.location_alerts import LocationNews

logger = logging.getLogger(__name__)

AlertNews: TypeAlias = Snapshot | LocationNews
"""One analysed frame of a camera, or what is known of a location this second."""


class AlertQueue:
    """Filled by any thread, emptied by one; never makes anybody wait who puts something in.

    Args:
        size: News kept; the oldest fall out, counted and logged.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._arrived = threading.Condition()
        self._news: deque[AlertNews] = deque()
        self._is_closed = False
        self._taken = self._dropped = 0

    @property
    def taken(self) -> int:
        """News that were looked at."""
        return self._taken

    @property
    def dropped(self) -> int:
        """News that fell out before they were."""
        return self._dropped

    def __len__(self) -> int:
        """News that wait."""
        return len(self._news)

    def open(self) -> None:
        """Have `wait` wait again."""
        with self._arrived:
            self._is_closed = False

    def close(self) -> None:
        """Have `wait` return at once from now on."""
        with self._arrived:
            self._is_closed = True
            self._arrived.notify()

    def put(self, news: AlertNews) -> None:
        """Add what is newest."""
        with self._arrived:
            if len(self._news) >= self._size:
                self._news.popleft()
                self._dropped += 1
                if self._dropped % 1000 == 1:
                    logger.error("alerts.queue_full dropped=%s", self._dropped)
            self._news.append(news)
            self._arrived.notify()

    def take(self) -> AlertNews | None:
        """Return the oldest, None for nothing."""
        with self._arrived:
            if not self._news:
                return None
            self._taken += 1
            return self._news.popleft()

    def wait(self, timeout_s: float) -> bool:
        """Wait until there is something, or for so long; return whether the queue is closed."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._news or self._is_closed, timeout_s)
            return self._is_closed

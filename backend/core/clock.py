"""The two clocks, as an injected collaborator.

``monotonic()`` measures durations; ``now()`` stamps records (aware UTC). Stream
time is neither: it comes from presentation timestamps and travels in `Frame`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Source of wall-clock stamps and monotonic durations."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""

    def monotonic(self) -> float:
        """Return monotonic seconds; only differences mean anything."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

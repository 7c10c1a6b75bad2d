"""What locations need of the one who watches them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from backend.core.locations import CountEntry, LocationReading


class Watch(Protocol):
    """The part of the watch of all locations that is used here; any thread may call it."""

    def reload(self) -> None:
        """Read the definitions again at the next round."""

    def reading(self, location_id: int) -> LocationReading | None:
        """Return the newest reading of a location; None until there is one."""

    def readings(self) -> tuple[LocationReading, ...]:
        """Return the newest readings of all locations."""

    def enter(self, location_id: int, entry: CountEntry) -> None:
        """Take a number that was sent in; its row is committed."""

    def correct(self, location_id: int, count: float, *, at: datetime) -> None:
        """Begin a location's balance of lines anew; its row is committed."""

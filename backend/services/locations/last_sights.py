"""What areas of locations showed last, before they could not be seen any more."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from backend.core.locations import AreaRef, AreaSight
from backend.core.trust import Trust

BLACK_FOUND_S: Final = 3.0
"""Pictures are looked at for blackness every two seconds of stream time: until then a camera that
has been covered counts nobody, and is believed."""

NOT_READ = "The camera says nothing of it now."


class LastSights:
    """Keeps what was last counted in each area; owned by one thread.

    A covered or frozen camera goes on delivering frames, and what is counted in them is nobody:
    those numbers must never stand for the people who were there.
    """

    def __init__(self) -> None:
        self._kept: dict[AreaRef, deque[tuple[float, AreaSight]]] = {}

    def keep_only(self, areas: Collection[AreaRef]) -> None:
        """Forget all other areas."""
        self._kept = {area: kept for area, kept in self._kept.items() if area in areas}

    def note(self, area: AreaRef, sight: AreaSight, *, at_mono_s: float) -> None:
        """Take what a frame that could be believed counted.

        Args:
            area: Where.
            sight: What is known of it.
            at_mono_s: When the frame was published, monotonic seconds; the same for the same frame.
        """
        kept = self._kept.setdefault(area, deque())
        if kept and kept[-1][0] >= at_mono_s:
            kept.pop()
        kept.append((at_mono_s, sight))
        while kept[0][0] < at_mono_s - BLACK_FOUND_S:
            kept.popleft()

    def instead_of(self, area: AreaRef, sight: AreaSight | None) -> AreaSight | None:
        """Return an area that cannot be seen now with the last numbers that were counted there.

        Args:
            area: Where.
            sight: What the newest frame says: nothing to count by; None = nothing of this area.

        Returns:
            Its numbers are the highest of the last seconds in which it was seen. None where it
            never was, and the frame says nothing either.
        """
        kept = self._kept.get(area)
        if not kept:
            return sight and replace(
                sight,
                count=0.0,
                count_low=0.0,
                count_high=None,
                peak_density_per_m2=None,
                is_counted=False,
            )
        last = max((known for _at, known in kept), key=lambda known: known.count)
        if sight is None:
            return replace(last, trust=Trust.UNKNOWN, trust_reason=NOT_READ)
        return replace(
            last,
            trust=Trust.UNKNOWN,
            trust_reason=sight.trust_reason,
            risk_level=sight.risk_level,
        )

"""The count of several pictures of one place."""

from __future__ import annotations

from typing import Final

from backend.core.measurements import Quality
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust, worst_trust
from backend.services.detection.views import CountView, SpanView, count_of

COVERED: Final = 0.8
"""Share of the wanted span that pictures must cover for the mean to stand for it."""


class SpanCount:
    """Averages counts, picture by picture.

    The ends of the interval are averaged too: what the detector misses in one picture of a
    place it misses in the next, so that more pictures make the mean no surer.
    """

    def __init__(self) -> None:
        self._counts: list[CountView] = []
        self._times_s: list[float] = []

    def __len__(self) -> int:
        """Pictures counted."""
        return len(self._counts)

    def add(self, snapshot: Snapshot, *, at_s: float) -> None:
        """Take one picture's count; ``at_s`` is when it was taken, on any steady clock."""
        self._counts.append(count_of(snapshot))
        self._times_s.append(at_s)

    def mean(self, wanted_s: float) -> CountView:
        """Return the mean count and interval, and how far to believe it.

        Args:
            wanted_s: The span that was asked for, seconds.

        Example:
            Counts 4 (3–6) and 6 (5–8) give 5 (4–7).
        """
        highs = [count.high for count in self._counts]
        known = [high for high in highs if high is not None]
        return CountView(
            _mean([count.count for count in self._counts]),
            _mean([count.low for count in self._counts]),
            _mean(known) if len(known) == len(highs) else None,
            self._quality(wanted_s),
        )

    def view(self) -> SpanView:
        """Return the figures of the span."""
        counts = [count.count for count in self._counts]
        return SpanView(self._covered_s(), len(counts), _mean(counts), min(counts), max(counts))

    def _quality(self, wanted_s: float) -> Quality:
        trust = worst_trust(count.quality.trust for count in self._counts)
        worst = [count.quality for count in self._counts if count.quality.trust is trust]
        reason = worst[-1].reason
        gaps = len(self._times_s) - 1
        between_s = self._covered_s() / gaps if gaps else 0.0
        if self._covered_s() + between_s >= COVERED * wanted_s:
            return Quality(trust, reason)
        pictures = "1 picture" if not gaps else f"{gaps + 1} pictures"
        short = (
            f"{pictures} in {self._covered_s():.0f} s came where {wanted_s:.0f} s were asked for."
        )
        return Quality(worst_trust((trust, Trust.DEGRADED)), f"{reason} {short}".strip())

    def _covered_s(self) -> float:
        return self._times_s[-1] - self._times_s[0]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)

"""How a location's count changes: surge and net inflow of one number at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.calibration import Point
from backend.core.locations import AreaRef, CountSource
from backend.crowd.capacity import MAX_AGE_S, InflowWindow, NetInflow
from backend.crowd.surge import Surge, SurgeWindow

PATIENCE_S = 10.0
"""How long another number may stand in before the change of the first is forgotten: a camera
that is lost for a moment does not blind the location for the minute and a half a surge takes."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A number whose change is followed.

    Attributes:
        source, areas: What it is a number of; that of other areas is another.
        count: People.
        margin: By how much it may be too low, people; None where that has no end.
        said_at: When a number that was sent in was true; None of one that is measured.
        drawn: Corners of those areas, in their order: drawn anew they hold others.
    """

    source: CountSource
    count: float
    margin: float | None
    areas: frozenset[AreaRef] = frozenset()
    said_at: datetime | None = None
    drawn: tuple[tuple[Point, ...], ...] = ()


class CountTrend:
    """Surge and inflow windows over one number; another number begins them anew.

    That a location's count comes from somewhere else now, or from fewer cameras, is no inflow
    and no surge. A number that is sent in is taken once, when it comes: a device that sends
    every few seconds has an inflow, a person who types one every ten minutes has none.
    """

    def __init__(self) -> None:
        self._surges = SurgeWindow()
        self._inflows = InflowWindow()
        self._of: tuple[CountSource, frozenset[AreaRef]] | None = None
        self._drawn: tuple[tuple[Point, ...], ...] = ()
        self._away_mono_s: float | None = None
        self._said_at: datetime | None = None
        self._taken_mono_s = 0.0
        self._surge: Surge | None = None

    def clear(self) -> None:
        """Forget everything: the next number has nothing to do with the last."""
        self._surges.clear()
        self._inflows.clear()
        self._of = self._away_mono_s = self._said_at = self._surge = None

    def update(
        self, sample: Sample | None, *, mono_s: float
    ) -> tuple[Surge | None, NetInflow | None]:
        """Take the number of one instant; None = there is none to follow."""
        of = None if sample is None else (sample.source, sample.areas)
        if sample is not None and of == self._of and sample.drawn != self._drawn:
            self.clear()
        if of != self._of and self._of is not None and self._is_waiting(mono_s):
            return None, self._inflows.update(0.0, None, mono_s)
        if of != self._of:
            self.clear()
            self._of = of
        self._away_mono_s = None
        if sample is None:
            return None, None
        self._drawn = sample.drawn
        if sample.said_at is not None and sample.said_at == self._said_at:
            is_new = mono_s - self._taken_mono_s <= MAX_AGE_S
            return self._surge if is_new else None, self._inflows.update(0.0, None, mono_s)
        self._said_at, self._taken_mono_s = sample.said_at, mono_s
        self._surge = self._surges.update(sample.count, sample.margin, stream_time_s=mono_s)
        return self._surge, self._inflows.update(sample.count, sample.margin, mono_s)

    def _is_waiting(self, mono_s: float) -> bool:
        if self._away_mono_s is None:
            self._away_mono_s = mono_s
        return mono_s - self._away_mono_s < PATIENCE_S

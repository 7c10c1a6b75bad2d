"""How many people were in a location over the last hours; what was not known is left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from backend.db.location_store import MinuteCounts

HOURS_LIMITS: Final = (1, 168)
MOST_POINTS: Final = 1440
"""Of the curve: a day's minutes."""
PEAK_KNOWN_S: Final = 600
"""Seconds of an hour that must be known for it to be called the busiest."""
_HOUR: Final = timedelta(hours=1)

MinutePoint = tuple[datetime, float, float, float]
"""Begin, mean, minimum and maximum."""


@dataclass(frozen=True, slots=True)
class HourView:
    """One hour by the venue's clock, people; no number = nothing was known in it.

    Attributes:
        start: Aware, in the venue's time zone.
        known_seconds: In which the number was known.
    """

    start: datetime
    count_min: float | None
    count_mean: float | None
    count_max: float | None
    known_seconds: int


@dataclass(frozen=True, slots=True)
class PeakHourView:
    """The hour with the highest mean, people."""

    start: datetime
    count_mean: float
    count_max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsView:
    """Statistics of one location, people; no number = nothing was known.

    Attributes:
        since, until: What they are about.
        time_zone: Name of the venue's.
        peak_hour: Of the hours of which ten minutes or more are known.
        hours: Every hour that has begun in the range, oldest first.
        minutes: Begin, mean, minimum and maximum of every known minute, oldest first; over
            more than a day of several minutes together.
    """

    since: datetime
    until: datetime
    time_zone: str
    known_seconds: int
    count_min: float | None
    count_mean: float | None
    count_max: float | None
    peak_hour: PeakHourView | None
    hours: tuple[HourView, ...]
    minutes: tuple[MinutePoint, ...]


@dataclass(slots=True)
class _Span:
    """People over a span of time, by the seconds in which their number was known."""

    low: float = 0.0
    high: float = 0.0
    weighted: float = 0.0
    seconds: int = 0

    def add(self, minute: MinuteCounts) -> None:
        self.low = min(self.low, minute.low) if self.seconds else minute.low
        self.high = max(self.high, minute.high) if self.seconds else minute.high
        self.weighted += minute.mean * minute.seconds
        self.seconds += minute.seconds

    @property
    def mean(self) -> float:
        return self.weighted / self.seconds


def compute_stats(
    minutes: Sequence[MinuteCounts], *, since: datetime, until: datetime, zone: tzinfo
) -> StatsView:
    """Return the statistics of a range.

    Means are weighted by the seconds in which the number was known; what is missing is missing,
    and never nobody.

    Args:
        minutes: Known minutes of the range, oldest first.
        since, until: Aware.
        zone: The venue's; its hours are counted, also where the clocks are changed.
    """
    hours: dict[datetime, _Span] = {start: _Span() for start in _hours(since, until, zone)}
    whole = _Span()
    for minute in minutes:
        if minute.seconds < 1:
            continue
        hours.setdefault(_begin_of_hour(minute.at, zone), _Span()).add(minute)
        whole.add(minute)
    busiest = max(
        (start for start, span in hours.items() if span.seconds >= PEAK_KNOWN_S),
        key=lambda start: hours[start].mean,
        default=None,
    )
    return StatsView(
        since=since,
        until=until,
        time_zone=str(zone),
        known_seconds=whole.seconds,
        count_min=whole.low if whole.seconds else None,
        count_mean=whole.mean if whole.seconds else None,
        count_max=whole.high if whole.seconds else None,
        peak_hour=None
        if busiest is None
        else PeakHourView(busiest.astimezone(zone), hours[busiest].mean, hours[busiest].high),
        hours=tuple(_hour(start, hours[start], zone) for start in sorted(hours)),
        minutes=_points(minutes, since, until),
    )


def _hours(since: datetime, until: datetime, zone: tzinfo) -> list[datetime]:
    """Return the begin of every hour in the range."""
    starts = []
    start = _begin_of_hour(since, zone)
    while start < until:
        starts.append(start)
        following = _begin_of_hour(start + _HOUR, zone)
        start = following if following > start else start + _HOUR
    return starts


def _begin_of_hour(at: datetime, zone: tzinfo) -> datetime:
    """Return when the hour of the venue's clock began, in the same zone as ``at``.

    Taken off the instant, not off the clock's face: of two hours with the same name, when the
    clocks are set back, each keeps its own.
    """
    face = at.astimezone(zone)
    return at - timedelta(minutes=face.minute, seconds=face.second, microseconds=face.microsecond)


def _hour(start: datetime, span: _Span, zone: tzinfo) -> HourView:
    local = start.astimezone(zone)
    if not span.seconds:
        return HourView(local, None, None, None, 0)
    return HourView(local, span.low, span.mean, span.high, span.seconds)


def _points(
    minutes: Sequence[MinuteCounts], since: datetime, until: datetime
) -> tuple[MinutePoint, ...]:
    together = -(-int((until - since).total_seconds() // 60) // MOST_POINTS) or 1
    step = timedelta(minutes=together)
    spans: dict[datetime, _Span] = {}
    for minute in minutes:
        if minute.seconds > 0:
            begin = minute.at if together == 1 else since + step * ((minute.at - since) // step)
            spans.setdefault(begin, _Span()).add(minute)
    return tuple((begin, span.mean, span.low, span.high) for begin, span in spans.items())

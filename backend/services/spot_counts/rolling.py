"""How far counts are off, by what people counted themselves (docs/methods/spot-count.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WINDOW: Final = 20
"""Newest counts of a place that are taken together."""
FEW: Final = 5
"""Below so many the errors are those of single pictures, not of the place."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a person counted in one picture, and what was measured of it.

    Attributes:
        at: Aware UTC, when the picture was taken.
        counted: People the person counted.
        measured, low, high: The measured count and its 90 % interval, people; no upper end =
            "at least".
        model: Name of the detector's model.
    """

    at: datetime
    counted: int
    measured: float
    low: float
    high: float | None
    model: str = ""

    @property
    def difference(self) -> float:
        """Measured less counted, people: below 0 where too few were measured."""
        return self.measured - self.counted

    @property
    def error_percent(self) -> float | None:
        """The difference in percent of the people counted; None where nobody was."""
        return 100.0 * self.difference / self.counted if self.counted else None

    @property
    def is_inside(self) -> bool:
        """Whether the interval holds what was counted.

        Somebody who counts gives a whole number, the interval ends between two: its ends are
        half a person wider, as people see them rounded.
        """
        if self.counted < self.low - 0.5:
            return False
        return self.high is None or self.counted <= self.high + 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingError:
    """Errors of the newest counts of one place. Without a count they are None, never 0.

    Attributes:
        n: Counts these numbers rest on.
        window: Most counts they may rest on.
        is_few: Too few to say anything of the place.
        mean_error: Mean of measured less counted, people (bias).
        mean_absolute_error: Mean of its size, people.
        mean_absolute_percent: Mean of its size in percent of the people counted, over the
            pictures with somebody in them; None where there is none.
        interval_coverage: Share of the counts inside the 90 % interval, in [0, 1].
        since: When the oldest of these pictures was taken, aware UTC.
        models: Detectors that measured them, by name, the newest first.
    """

    n: int
    window: int
    is_few: bool
    mean_error: float | None
    mean_absolute_error: float | None
    mean_absolute_percent: float | None
    interval_coverage: float | None
    since: datetime | None
    models: tuple[str, ...]


def compute_rolling_error(
    comparisons: Sequence[Comparison], *, window: int = WINDOW
) -> RollingError:
    """Return the errors of the newest comparisons of one place.

    Args:
        comparisons: In any order; of two of the same time the one that comes first is newer.
        window: Most that are taken, at least 1.

    Example:
        Ten and five people counted, eight (7-9) and six (5-8) measured:

        >>> from datetime import UTC, datetime
        >>> at = datetime(2026, 1, 1, tzinfo=UTC)
        >>> found = compute_rolling_error(
        ...     [Comparison(at, 10, 8.0, 7.0, 9.0), Comparison(at, 5, 6.0, 5.0, 8.0)]
        ... )
        >>> found.mean_error, found.mean_absolute_error, found.mean_absolute_percent
        (-0.5, 1.5, 20.0)
        >>> found.interval_coverage, found.is_few
        (0.5, True)
    """
    newest = sorted(comparisons, key=lambda one: one.at, reverse=True)[:window]
    shares = [abs(one.error_percent) for one in newest if one.error_percent is not None]
    return RollingError(
        n=len(newest),
        window=window,
        is_few=len(newest) < FEW,
        mean_error=_mean([one.difference for one in newest]),
        mean_absolute_error=_mean([abs(one.difference) for one in newest]),
        mean_absolute_percent=_mean(shares),
        interval_coverage=_mean([float(one.is_inside) for one in newest]),
        since=newest[-1].at if newest else None,
        models=tuple(dict.fromkeys(one.model for one in newest if one.model)),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

"""Spot counts as people and clients are shown them; field names are the JSON keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.db.paging import Page
from backend.db.spot_counts import SpotCount
from backend.services.spot_counts.rolling import (
    Comparison,
    RollingError,
    compute_rolling_error,
)


class CountedArea(StrEnum):
    """What of a still is to be counted."""

    PICTURE = "picture"
    """Everybody in it."""
    MONITORED = "monitored_area"
    """Who stands inside the border of the monitored area."""
    ZONE = "zone"
    """Who stands inside the border of the zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillView:
    """A still to count; what was measured of it is not told before the count.

    Attributes:
        token: Asks for its picture and goes with the count.
        taken_at: When the picture was taken, aware UTC.
        expires_in_s: Seconds it is kept.
        zone_id, zone_name: None for the whole picture.
        area: What is to be counted.
    """

    token: str
    camera_id: int
    taken_at: datetime
    expires_in_s: float
    zone_id: int | None
    zone_name: str | None
    area: CountedArea


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotCountView:
    """One count beside what was measured; see `db.spot_counts.SpotCount`.

    Attributes:
        difference, error_percent, is_inside: As in `Comparison`.
    """

    id: int
    camera_id: int
    zone_id: int | None
    zone_name: str | None
    at: datetime
    entered_at: datetime
    counted: int
    measured: float
    measured_low: float
    measured_high: float | None
    difference: float
    error_percent: float | None
    is_inside: bool
    trust: str
    method: str
    model: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class EnteredCount:
    """A count that was just entered, and what it makes of the place's errors."""

    entered: SpotCountView
    rolling: RollingError


@dataclass(frozen=True, slots=True)
class PlaceError:
    """Rolling errors of one place of a camera; no zone = the whole picture."""

    zone_id: int | None
    zone_name: str | None
    rolling: RollingError


@dataclass(frozen=True, slots=True)
class SpotCountList:
    """One page of counts.

    Attributes:
        rolling: Errors of the place asked for; of the whole picture where none was.
        places: Errors of every place that was ever counted, the whole picture first.
    """

    found: Page[SpotCountView]
    rolling: RollingError
    places: tuple[PlaceError, ...]


def comparison_of(row: SpotCount) -> Comparison:
    """Return a stored count as one to be taken together with others."""
    return Comparison(
        at=row.at,
        counted=row.counted,
        measured=row.measured,
        low=row.measured_low,
        high=row.measured_high,
        model=row.model,
    )


def rolling_of(rows: Sequence[SpotCount]) -> RollingError:
    """Return the errors of the counts of one place, given the newest first."""
    return compute_rolling_error([comparison_of(row) for row in rows])


def place_errors(rows: Sequence[SpotCount]) -> tuple[PlaceError, ...]:
    """Return the errors of every place, given the newest counts of each, the newest first."""
    by_place: dict[int, list[SpotCount]] = {}
    for row in rows:
        by_place.setdefault(row.zone_id or 0, []).append(row)
    return tuple(
        PlaceError(its[0].zone_id, its[0].zone_name, rolling_of(its))
        for _, its in sorted(by_place.items())
    )


def spot_count_view(row: SpotCount) -> SpotCountView:
    """Return what is shown of a stored count."""
    compared = comparison_of(row)
    return SpotCountView(
        id=row.id,
        camera_id=row.camera_id,
        zone_id=row.zone_id,
        zone_name=row.zone_name,
        at=row.at,
        entered_at=row.entered_at,
        counted=row.counted,
        measured=row.measured,
        measured_low=row.measured_low,
        measured_high=row.measured_high,
        difference=compared.difference,
        error_percent=compared.error_percent,
        is_inside=compared.is_inside,
        trust=row.trust,
        method=row.method,
        model=row.model,
        by=row.by,
        note=row.note,
    )

"""All locations together: how many people, the highest levels, what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

from backend.core.locations import AreaRef, DensityLevel, Location, LocationReading
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.services.locations.intersecting import find_intersecting
from backend.services.locations.known import Known
from backend.services.locations.stored import is_simulated

_UNKNOWN: Final = "No location's number is known now."


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryView:
    """All locations together.

    Attributes:
        location_count: How many are summed up here.
        is_trial: Only samples and simulated locations: there are no others. As soon as there
            is another one, they are left out.
        unknown_count: Of how many the number is not known now.
        total_count, total_low, total_high: People in the counted locations and the sum of
            their 90 % intervals; None where it cannot be said. No upper end = "at least".
        total_reason: How it was counted, or why it was not.
        counted_ids: Locations whose numbers were added.
        density_level: Highest known now; None for none.
        density_location_id: Where.
        risk_level: Highest, also where it is held for a place that cannot be seen.
        risk_location_id: Where; None without a location.
    """

    location_count: int
    is_trial: bool
    unknown_count: int
    total_count: float | None
    total_low: float | None
    total_high: float | None
    total_reason: str
    counted_ids: tuple[int, ...]
    density_level: str | None
    density_location_id: int | None
    risk_level: str
    risk_location_id: int | None


@dataclass(frozen=True, slots=True)
class _Total:
    count: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    counted: tuple[int, ...] = ()


def summary_view(
    locations: Sequence[Location], readings: Mapping[int, LocationReading], known: Known
) -> SummaryView:
    """Return all locations summed up.

    Args:
        locations: As they are in force.
        readings: What is known of them now, by id.
        known: What there is of their cameras.
    """
    real = [one for one in locations if not one.is_sample and not is_simulated(one, known)]
    shown = real or list(locations)
    seen = {one.location_id: readings.get(one.location_id) for one in shown}
    total = _total(shown, seen, known)
    dense = [
        (reading.density_level, i)
        for i, reading in seen.items()
        if _is_known(reading) and reading.density_level is not None
    ]
    risky = [(reading.risk_level, i) for i, reading in seen.items() if reading is not None]
    level, level_at = _highest(dense)
    risk, risk_at = _highest(risky)
    return SummaryView(
        location_count=len(shown),
        is_trial=not real and bool(shown),
        unknown_count=sum(not _is_known(reading) for reading in seen.values()),
        total_count=total.count,
        total_low=total.low,
        total_high=total.high,
        total_reason=total.reason,
        counted_ids=total.counted,
        density_level=None if level is None else DensityLevel(level).name,
        density_location_id=level_at,
        risk_level=RiskLevel(risk or 0).name,
        risk_location_id=risk_at,
    )


def find_counted(locations: Sequence[Location], known: Known) -> tuple[list[Location], str]:
    """Return locations that together hold everybody once, and why there are none.

    Locations that show the same ground would count people twice. Of those the one is taken that
    holds all areas of the others, as a site holds its halls; where there is none, what they
    have in common is not known. Whether people in a location without cameras are in another
    one too cannot be seen: such locations are taken to lie apart.

    Args:
        locations: To be added up.
        known: What there is of their cameras.
    """
    taken: list[Location] = []
    for group in _groups(locations, known):
        outer = [one for one in group if all(_holds(one, other) for other in group)]
        if not outer:
            names = ", ".join(f"“{one.name}”" for one in group)
            return [], (
                f"{names} show the same ground in part: how many people they hold together is "
                "not known."
            )
        taken.append(outer[0])
    return taken, ""


def _total(
    shown: Sequence[Location], seen: Mapping[int, LocationReading | None], known: Known
) -> _Total:
    if not shown:
        return _Total(reason="There is no location yet.")
    counted, reason = find_counted(shown, known)
    if reason:
        return _Total(reason=reason)
    there = [reading for one in counted if _is_known(reading := seen[one.location_id])]
    if not there:
        return _Total(reason=_UNKNOWN)
    is_all = len(there) == len(counted)
    highs = [reading.count_high for reading in there if reading.count_high is not None]
    notes = []
    if len(counted) < len(shown):
        notes.append("Locations that lie in another one are not added again.")
    if not is_all:
        missing = len(counted) - len(there)
        notes.append(f"At least: the number of {missing} more is not known now.")
    return _Total(
        count=sum(reading.count or 0.0 for reading in there),
        low=sum(reading.count_low or 0.0 for reading in there),
        high=sum(highs) if is_all and len(highs) == len(there) else None,
        reason=" ".join(notes),
        counted=tuple(reading.location_id for reading in there),
    )


def _groups(locations: Sequence[Location], known: Known) -> list[list[Location]]:
    """Return the locations, those together that are joined by ground they share."""
    groups: list[list[Location]] = []
    for location in locations:
        joined = [
            group for group in groups if any(_lie_together(location, one, known) for one in group)
        ]
        merged = [one for group in joined for one in group]
        groups = [group for group in groups if group not in joined]
        groups.append([*merged, location])
    return groups


def _lie_together(one: Location, other: Location, known: Known) -> bool:
    for camera_id in one.camera_ids & other.camera_ids:
        mine, theirs = _zones(one, camera_id), _zones(other, camera_id)
        if not mine or not theirs:
            continue  # a line of the camera shows nobody's ground
        if 0 in mine | theirs or mine & theirs:
            return True
        outlines = {
            zone: known.zones[zone].corners for zone in mine | theirs if zone in known.zones
        }
        if any((p.first in mine) != (p.second in mine) for p in find_intersecting(outlines)):
            return True
    return False


def _zones(location: Location, camera_id: int) -> set[int]:
    return {area.zone_id for area in location.areas if area.camera_id == camera_id}


def _holds(outer: Location, inner: Location) -> bool:
    return outer is inner or all(
        area in outer.areas or AreaRef(area.camera_id) in outer.areas for area in inner.areas
    )


def _is_known(reading: LocationReading | None) -> TypeGuard[LocationReading]:
    return reading is not None and reading.count is not None and reading.trust is not Trust.UNKNOWN


def _highest(levels: Sequence[tuple[int | None, int]]) -> tuple[int | None, int | None]:
    there = [(level, at) for level, at in levels if level is not None]
    return max(there, key=lambda pair: pair[0], default=(None, None))

"""All numbers of one location made into one reading (docs/methods/locations.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.core.locations import (
    ENTRY_SOURCES,
    AreaRef,
    AreaSight,
    CountEntry,
    CountPart,
    CountSource,
    LineBalance,
    LineRef,
    Location,
    LocationReading,
)
from backend.core.trust import Trust, worst_trust
from backend.crowd.capacity import NetInflow
from backend.crowd.locations.camera_count import CameraCount, count_areas
from backend.crowd.locations.count_trend import CountTrend, Sample
from backend.crowd.locations.entries import compute_spike, entry_part, newest_of_each
from backend.crowd.locations.forecast import compute_time_to_limit
from backend.crowd.locations.fullness import DENSITY_EDGES, compute_occupancy, density_level
from backend.crowd.locations.fusion import (
    Number,
    Numbers,
    balance_notice,
    choose,
    entry_notice,
    interval_of,
    reason_of,
)
from backend.crowd.locations.line_count import balance_margin, count_by_lines
from backend.crowd.locations.line_ledger import LineLedger, LineSight
from backend.crowd.locations.shared_ground import GroundPlan
from backend.crowd.surge import Surge

PROMPT = timedelta(seconds=30)
"""What the lines said when a number was true is known of one that comes in so soon: of an older
one, as after a restart, it is not."""

GONE = "Some of its areas or lines are gone: there may be more people. Choose them again."

NOTHING = "Nothing has been counted or sent in yet."

__all__ = ["LineSight", "LocationMeasurement", "LocationMeter"]


@dataclass(frozen=True, slots=True)
class LocationMeasurement:
    """What is measured of one location at one instant.

    Attributes:
        reading: Its numbers; level and causes are not set yet.
        surge: Change of what cameras, lines or a device measure over a minute and a half.
        spike: Change between the two newest numbers sent in, where such a number is the count.
        is_least: Areas that were counted before are gone, or have not been seen since the start:
            that the count is low is no evidence that few are there.
    """

    reading: LocationReading
    surge: Surge | None
    spike: Surge | None
    is_least: bool = False


class LocationMeter:
    """Readings of one location; owned by one thread.

    Args:
        location: As defined.
        balance: Of its lines as last written; None = begin with nobody inside. The time since it
            was written belongs to its `unseen_s`.
        density_edges: Peak density at which MEDIUM, HIGH and CRITICAL begin, 1/m².
    """

    def __init__(
        self,
        location: Location,
        *,
        balance: LineBalance | None = None,
        density_edges: tuple[float, float, float] = DENSITY_EDGES,
    ) -> None:
        self._location = location
        self._plan = GroundPlan(location.areas, location.overlaps)
        self._ledger = LineLedger(balance)
        self._density_edges = density_edges
        self._trend = CountTrend()
        self._cameras_at: datetime | None = None
        self._lines_at: datetime | None = None
        self._corrected_at = balance.since if balance and balance.is_corrected else None
        self._balances_then: dict[CountSource, tuple[datetime, float | None]] = {}

    @property
    def location(self) -> Location:
        """As defined now."""
        return self._location

    @property
    def balance(self) -> LineBalance | None:
        """Balance of its lines; None without lines, and before the first update begins one."""
        return self._ledger.balance if self._location.lines else None

    def set_location(self, location: Location) -> None:
        """Go by another definition from the next update on.

        With other areas, overlaps or lines what was measured before says nothing of changes: the
        windows begin anew. The balance is kept: the people are the same.
        """
        known, self._location = self._location, location
        if (known.areas, known.overlaps) != (location.areas, location.overlaps):
            self._plan = GroundPlan(location.areas, location.overlaps)
            self._cameras_at = None
            self._trend.clear()
        if known.lines != location.lines:
            self._lines_at = None
            self._trend.clear()

    def set_density_edges(self, edges: tuple[float, float, float]) -> None:
        """Have MEDIUM, HIGH and CRITICAL begin at these densities, 1/m², from now on."""
        self._density_edges = edges

    def correct_balance(self, count: float, *, at: datetime) -> None:
        """People inside, as somebody counted them at ``at`` (aware UTC): no inflow, no surge."""
        self._ledger.correct(count, at=at)
        self._corrected_at = at
        self._balances_then.clear()
        self._trend.clear()

    def update(
        self,
        sights: Mapping[AreaRef, AreaSight],
        lines: Mapping[LineRef, LineSight],
        entries: Sequence[CountEntry],
        *,
        at: datetime,
        mono_s: float,
    ) -> LocationMeasurement:
        """Take what is known now.

        Args:
            sights: Of the areas, and of zones in overlaps; one that is missing was never seen.
            lines: Of the lines; one that is missing is not seen.
            entries: Numbers sent in, the two newest of each source at least.
            at: Aware UTC.
            mono_s: Monotonic time, seconds.
        """
        location = self._location
        cameras = count_areas(self._plan, sights)
        if cameras.seen:
            self._cameras_at = at
        told = newest_of_each(entries, at=at)
        said = [self._said(numbers[0], at=at) for numbers in told.values()]
        line, notice = self._line(cameras, said, lines, at=at, mono_s=mono_s)
        camera = None if cameras.part is None else Number(cameras.part, self._cameras_at)
        numbers = Numbers(camera, line, said, location.cameras_see_all)
        used = choose(numbers)
        surge, inflow = self._trend.update(self._sample(numbers, cameras, used), mono_s=mono_s)
        spike = None
        if used is not None and used.part.source in told:
            spike = compute_spike(told[used.part.source], location.entry_valid_s, at=at)
        reading = self._reading(numbers, used, cameras, inflow, at=at)
        is_least = self._is_least(numbers, cameras, used)
        gone = GONE if is_least and location.is_incomplete else ""
        if notice or gone:
            reason = " ".join(text for text in (reading.trust_reason, gone, notice) if text)
            reading = replace(reading, trust_reason=reason)
        return LocationMeasurement(reading, surge, spike, is_least=is_least)

    def _is_least(self, numbers: Numbers, cameras: CameraCount, used: Number | None) -> bool:
        """Whether people may be missing in the count who were in it before."""
        if used is not None and used.is_live and used.part.source is CountSource.LINE:
            return False  # the lines count for themselves
        are_lines_late = bool(self._location.lines) and self._lines_at is None
        if (self._location.is_incomplete or are_lines_late) and not numbers.measures_all:
            return True
        return not cameras.is_whole

    def _said(self, entry: CountEntry, *, at: datetime) -> Number:
        valid_s, corrected_at = self._location.entry_valid_s, self._corrected_at
        return Number(entry_part(entry, valid_s, at=at, corrected_at=corrected_at), entry.at)

    def _line(
        self,
        cameras: CameraCount,
        said: Sequence[Number],
        lines: Mapping[LineRef, LineSight],
        *,
        at: datetime,
        mono_s: float,
    ) -> tuple[Number | None, str]:
        """Return the lines' number, and what somebody should do about it."""
        known = self._location.lines
        if not known:
            self._ledger.idle(mono_s=mono_s)
            return None, ""
        balance = self._ledger.update(known, lines, at=at, mono_s=mono_s)
        if self._ledger.seen:
            self._lines_at = at
        if self._lines_at is None and balance.count == 0 and balance.count_in == 0:
            return None, ""  # that nothing was ever seen is no number
        part = count_by_lines(balance, seen=len(self._ledger.seen), lines=len(known), at=at)
        drift = balance_notice(part, cameras.part, sees_all=self._location.cameras_see_all)
        differs = self._entry_notice(part, said, at=at)
        if drift or differs:
            reason = " ".join(text for text in (part.trust_reason, drift, differs) if text)
            trust = worst_trust((part.trust, Trust.DEGRADED))
            part = replace(part, trust=trust, trust_reason=reason)
        return Number(part, self._lines_at or balance.since), differs

    def _entry_notice(self, line: CountPart, said: Sequence[Number], *, at: datetime) -> str:
        """Compare the newest number in force with what the lines said when it came in."""
        for number in said:
            entry = number.part
            known = self._balances_then.get(entry.source)
            if entry.at is not None and (known is None or known[0] != entry.at):
                is_prompt = at - entry.at <= PROMPT
                self._balances_then[entry.source] = (entry.at, line.count if is_prompt else None)
        fresh = [n for n in said if n.is_live and line.at is not None and n.rank_at >= line.at]
        newest = max(fresh, key=lambda number: number.rank_at, default=None)
        then = None if newest is None else self._balances_then[newest.part.source][1]
        if newest is None or then is None:
            return ""
        return entry_notice(line, newest.part, then)

    def _sample(self, numbers: Numbers, cameras: CameraCount, used: Number | None) -> Sample | None:
        """Choose the number whose change is that of the location: one measured all the time."""
        camera, line = numbers.camera, numbers.line
        sees_lines = line is not None and len(self._ledger.seen) == len(self._location.lines)
        if line is not None and sees_lines and not numbers.measures_all:
            return Sample(CountSource.LINE, line.part.count, balance_margin(*self._ledger.recent))
        if camera is not None and camera.is_live:
            margin = cameras.change_margin
            return Sample(
                CountSource.CAMERA, camera.part.count, margin, cameras.seen, drawn=cameras.drawn
            )
        if used is not None and used.is_live and used.part.source in ENTRY_SOURCES:
            return Sample(used.part.source, used.part.count, 0.0, said_at=used.part.at)
        return None

    def _reading(
        self,
        numbers: Numbers,
        used: Number | None,
        cameras: CameraCount,
        inflow: NetInflow | None,
        *,
        at: datetime,
    ) -> LocationReading:
        capacity = self._location.capacity
        known = [n for n in (numbers.camera, numbers.line, *numbers.entries) if n is not None]
        parts = tuple(replace(number.part, is_used=number is used) for number in known)
        densities = [
            share.peak_density_per_m2
            for share in cameras.shares
            if share.area in cameras.seen and share.peak_density_per_m2 is not None
        ]
        peak = max(densities, default=None)
        count = low = high = None
        if used is not None:
            count = used.part.count
            low, high = interval_of(used, numbers)
        is_live = used is not None and used.is_live
        occupancy = compute_occupancy(count, capacity)
        level, level_from = density_level(occupancy, peak, self._density_edges)
        return LocationReading(
            location_id=self._location.location_id,
            at=at,
            count=count,
            count_low=low,
            count_high=high,
            source=None if used is None else used.part.source,
            trust=Trust.UNKNOWN if used is None else used.part.trust,
            trust_reason=NOTHING if used is None else reason_of(used, numbers),
            parts=parts,
            shares=cameras.shares,
            balance=self.balance,
            occupancy_percent=occupancy,
            density_level=level,
            density_from=level_from,
            peak_density_per_m2=peak,
            time_to_limit=compute_time_to_limit(
                count if is_live else None, low, high, capacity, inflow
            ),
            last_measured_at=None if used is None else used.known_at,
        )

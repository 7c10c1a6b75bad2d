"""Risk of one location by its own limits: how full it is, and how fast it fills."""

from __future__ import annotations

import math
from dataclasses import replace

from backend.core.locations import ENTRY_SOURCES, LocationReading
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts
from backend.core.trust import Trust
from backend.crowd.locations.location_meter import LocationMeasurement
from backend.crowd.surge import Surge
from backend.risk.calculator import worst_of_each_name
from backend.risk.demands import OVERCROWD_SHARES, Demand
from backend.risk.params import RiskParams
from backend.risk.rule_timers import RuleTimers
from backend.risk.score import SURGE_LIMIT

_UNSURE = (Trust.SATURATED, Trust.UNKNOWN)


class LocationRisks:
    """Level of one location by its own limits; its areas have levels of their own.

    OVERCROWD: CAUTION at 80 % and WARNING at 100 % of the capacity, held down to 0.85 of each.
    SPIKE: CAUTION where the count rises by more than 30 %. What is measured must stay over its
    limit for the sustain time; a number that was sent in is a fact, and demands at once. Nothing
    lets go while the count is unknown, cannot be told, or lacks areas that were counted before.
    Owned by one thread.

    Args:
        params: Live settings.
    """

    def __init__(self, params: RiskParams) -> None:
        self._params = params
        self._timers = RuleTimers()
        self._mono_s: float | None = None

    def set_params(self, params: RiskParams) -> None:
        """Use other live settings from the next update on; timers keep what they have run."""
        self._params = params

    def update(
        self, found: LocationMeasurement, *, capacity: int | None, mono_s: float
    ) -> RiskAssessment:
        """Assess one measurement.

        Args:
            found: Of one instant.
            capacity: People the location may hold; None = not known, nothing is too full.
            mono_s: Monotonic time, seconds.

        Returns:
            The level and its causes; no score.
        """
        elapsed_s = 0.0 if self._mono_s is None else max(mono_s - self._mono_s, 0.0)
        self._mono_s = mono_s
        causes = worst_of_each_name(
            self._timers.believe(
                (*_overcrowd(found.reading, capacity, self._params), *_spikes(found, self._params)),
                self._params,
                is_unsure=found.is_least or found.reading.trust in _UNSURE,
                elapsed_s=elapsed_s,
            )
        )
        level = max((cause.level for cause in causes), default=RiskLevel.SAFE)
        return RiskAssessment(level, None, RiskParts(), causes)


def with_risk(reading: LocationReading, assessment: RiskAssessment) -> LocationReading:
    """Return the reading with its level: the highest of its own and its areas'.

    Args:
        reading: Of one instant; its shares carry the areas' levels, held ones included.
        assessment: Of the location's own limits at that instant.
    """
    areas = (share.risk_level for share in reading.shares if share.risk_level is not None)
    level = max((assessment.level, *areas))
    return replace(reading, risk_level=level, causes=assessment.causes)


def _overcrowd(reading: LocationReading, capacity: int | None, params: RiskParams) -> list[Demand]:
    if not capacity:
        return []
    # compared in people, so that a capacity raised since is seen for what it is
    compared = None if reading.trust is Trust.UNKNOWN else reading.count
    percent = None if reading.count is None else 100 * reading.count / capacity
    text = _overcrowd_text(reading, capacity)
    found = []
    for level, share in OVERCROWD_SHARES:
        cause = Cause("people_limit", level, percent, 100 * share, "%", text)
        limit = 100 * share * capacity / 100
        sustain_s = 0.0 if reading.source in ENTRY_SOURCES else params.sustain_s(level)
        found.append(
            Demand("people_limit", cause, compared, limit, sustain_s, is_set_by_people=True)
        )
    return found


def _overcrowd_text(reading: LocationReading, capacity: int) -> str:
    """Words of a demand: "312 people, 104 % of the 300 this place may hold."."""
    if reading.count is None:
        return f"This place may hold {capacity:,}; how many are in it is not known."
    people = round(reading.count)
    who = f"{people:,} {'person' if people == 1 else 'people'}"
    if reading.count_high is None:
        who = f"About {who} or more"
    return f"{who}, {_percent(reading.count, capacity)} % of the {capacity:,} this place may hold."


def _percent(count: float, capacity: int) -> int:
    """Return whole percents as pages round them; 100 is said of what is full only."""
    nearest = math.floor(100 * count / capacity + 0.5)
    return nearest if count >= capacity else min(nearest, 99)


def _spikes(found: LocationMeasurement, params: RiskParams) -> list[Demand]:
    """Rises of what is measured, and of what was sent in.

    That none is found contradicts one found before, so it is compared as 0 and not as unknown.
    """
    sustain_s = params.sustain_s(RiskLevel.CAUTION)
    return [
        _spike("surge", found.surge, "The count rose by", sustain_s),
        _spike("entry_spike", found.spike, "The number sent in rose by", 0.0),
    ]


def _spike(key: str, surge: Surge | None, what: str, sustain_s: float) -> Demand:
    rise = surge.relative if surge is not None and surge.is_significant else 0.0
    text = f"{what} {100 * rise:.0f} % (limit {100 * SURGE_LIMIT:.0f} %)."
    cause = Cause("surge", RiskLevel.CAUTION, 100 * rise, 100 * SURGE_LIMIT, "%", text)
    return Demand(key, cause, rise, SURGE_LIMIT, sustain_s, is_strict=True)

"""Incidents as a pure state machine: one per place and family, opened once, cleared once.

The machine knows neither threads nor tables. Whoever drives it hands in assessments and ticks
with a time that only moves forward (monotonic seconds live, stream seconds for recordings) and
carries out the changes that come back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from backend.core.risk import Cause, RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.risk.alert_params import AlertParams
from backend.risk.blindness import HeldRisk

BLINDNESS_SUSTAIN_S = 10.0
"""Seconds a crowded place must be unseen before that is an incident."""

UPDATE_INTERVAL_S = 10.0
"""Seconds between two updates of an incident while nothing but its numbers change."""

NEW_CAUSE_PAUSE_S = 1.0
"""Two causes that take turns in leading update an incident at most this often, seconds."""


class IncidentFamily(StrEnum):
    """Kind of breach; values as in the alerts table."""

    CROWDING = "crowding"
    CAPACITY = "capacity"
    SURGE = "surge"
    BLINDNESS = "blindness"


class ChangeKind(StrEnum):
    """What happened to an incident."""

    OPEN = "open"
    ESCALATE = "escalate"
    UPDATE = "update"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that stands.

    Attributes:
        level: Level now; SAFE is information only (a SPIKE in a sparse place).
        peak_level: Highest level so far.
        cause: What set the level.
    """

    family: IncidentFamily
    level: RiskLevel
    peak_level: RiskLevel
    cause: Cause


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """One step in the life of an incident.

    Attributes:
        incident: State after the change.
        causes: All causes of this family now, most severe first; empty when cleared.
        at_s: Time of the change on the clock the machine is driven by.
    """

    kind: ChangeKind
    incident: OpenIncident
    causes: tuple[Cause, ...]
    at_s: float


def family_of(cause: Cause) -> IncidentFamily:
    """Family a cause belongs to."""
    return {
        "people_limit": IncidentFamily.CAPACITY,
        "surge": IncidentFamily.SURGE,
        "blindness": IncidentFamily.BLINDNESS,
    }.get(cause.name, IncidentFamily.CROWDING)


class AlertRules:
    """All incidents of one place.

    Args:
        params: Live settings.
        standing: Incidents that stood before a restart; they stay until fresh measurements
            show for ``clear_s`` that they are over.
    """

    def __init__(self, params: AlertParams, standing: Iterable[OpenIncident] = ()) -> None:
        self._params = params
        self._machines = {family: _FamilyMachine(family) for family in IncidentFamily}
        for incident in standing:
            self._machines[incident.family].resume(incident)
        self._unseen_since_s: float | None = None

    @property
    def standing(self) -> tuple[OpenIncident, ...]:
        """Incidents open now."""
        return tuple(
            machine.incident for machine in self._machines.values() if machine.incident is not None
        )

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from the next call on."""
        self._params = params

    def observe(
        self, assessment: RiskAssessment, *, trust: Trust, at_s: float, is_least: bool = False
    ) -> tuple[IncidentChange, ...]:
        """Take a fresh assessment.

        Args:
            assessment: Risk of one frame, sustained already.
            trust: Trust of its measurements; `unknown` changes nothing: nothing opens, worsens
                or clears on it.
            at_s: Time, seconds, not decreasing.
            is_least: There may be many more people than were counted: that they are no longer
                too many is not known.

        Returns:
            What changed, usually nothing.
        """
        if trust is Trust.UNKNOWN:
            return ()
        self._unseen_since_s = None
        changes: list[IncidentChange] = []
        for family, machine in self._machines.items():
            causes = tuple(
                cause
                for cause in (*assessment.causes, *assessment.notices)
                if family_of(cause) is family
            )
            if is_least and family is IncidentFamily.CAPACITY and machine.is_eased_by(causes):
                machine.pause(at_s)
                continue
            changes += machine.step(causes, at_s=at_s, params=self._params)
        return tuple(changes)

    def tick(
        self, held: HeldRisk, *, at_s: float, is_told: bool = False
    ) -> tuple[IncidentChange, ...]:
        """Take the 1 Hz tick: opens or updates the blindness incident, clears nothing.

        Args:
            held: What `BlindnessHold.tick` says.
            at_s: Monotonic seconds.
            is_told: Another place's incident says the same: none opens for this one.
        """
        if not held.is_unknown:
            return ()
        for family in (IncidentFamily.CROWDING, IncidentFamily.CAPACITY, IncidentFamily.SURGE):
            self._machines[family].pause(at_s)
        causes = tuple(
            cause for cause in held.causes if family_of(cause) is IncidentFamily.BLINDNESS
        )
        if not causes:
            return ()
        if self._unseen_since_s is None:
            self._unseen_since_s = at_s
        if at_s - self._unseen_since_s < BLINDNESS_SUSTAIN_S:
            return ()
        machine = self._machines[IncidentFamily.BLINDNESS]
        if is_told and machine.incident is None:
            return ()
        return tuple(machine.step(causes, at_s=at_s, params=self._params))

    def resolve(self, family: IncidentFamily, *, at_s: float) -> None:
        """A person has resolved the incident; it may open again after the cooldown."""
        self._machines[family].resolve(at_s)


class _FamilyMachine:
    """Life of the incidents of one family."""

    def __init__(self, family: IncidentFamily) -> None:
        self._family = family
        self.incident: OpenIncident | None = None
        self._below_since_s: float | None = None
        self._told_at_s = 0.0
        self._ended_at_s: float | None = None
        self._ended_level = RiskLevel.SAFE

    def resume(self, incident: OpenIncident) -> None:
        """Take over an incident that stood before a restart."""
        self.incident = incident

    def resolve(self, at_s: float) -> None:
        """End the incident without a change being reported: the caller knows."""
        if self.incident is not None:
            self._end(self.incident.level, at_s)

    def is_eased_by(self, causes: tuple[Cause, ...]) -> bool:
        """Whether an incident stands that these causes would end or lessen in time."""
        level = causes[0].level if causes else None
        return self.incident is not None and (level is None or level < self.incident.level)

    def pause(self, at_s: float) -> None:
        """Start the clear time again: the time unseen does not count as time without breach."""
        if self._below_since_s is not None:
            self._below_since_s = at_s

    def step(
        self, causes: tuple[Cause, ...], *, at_s: float, params: AlertParams
    ) -> list[IncidentChange]:
        """Take the causes of this family at one instant."""
        if self.incident is None:
            return self._step_closed(causes, at_s, params)
        return self._step_open(self.incident, causes, at_s, params)

    def _step_closed(
        self, causes: tuple[Cause, ...], at_s: float, params: AlertParams
    ) -> list[IncidentChange]:
        if not causes:
            return []
        level = causes[0].level
        is_cooling = self._ended_at_s is not None and at_s - self._ended_at_s < params.cooldown_s
        if is_cooling and level is not RiskLevel.CRITICAL and level <= self._ended_level:
            return []
        incident = OpenIncident(self._family, level, level, causes[0])
        return [self._tell(ChangeKind.OPEN, incident, causes, at_s)]

    def _step_open(
        self,
        incident: OpenIncident,
        causes: tuple[Cause, ...],
        at_s: float,
        params: AlertParams,
    ) -> list[IncidentChange]:
        level = causes[0].level if causes else None
        if level is not None and level >= incident.level:
            self._below_since_s = None
            if level > incident.level:
                peak = max(level, incident.peak_level)
                worse = OpenIncident(self._family, level, peak, causes[0])
                return [self._tell(ChangeKind.ESCALATE, worse, causes, at_s)]
        elif self._has_been_below(at_s, params):
            if level is None:
                return [self._clear(incident, at_s)]
            lower = OpenIncident(self._family, level, incident.peak_level, causes[0])
            self._below_since_s = None
            return [self._tell(ChangeKind.UPDATE, lower, causes, at_s)]
        if not causes:
            return []
        is_new_cause = level == incident.level and causes[0].name != incident.cause.name
        pause_s = NEW_CAUSE_PAUSE_S if is_new_cause else UPDATE_INTERVAL_S
        if at_s - self._told_at_s < pause_s:
            return []
        cause = causes[0] if level == incident.level else incident.cause
        same = OpenIncident(self._family, incident.level, incident.peak_level, cause)
        return [self._tell(ChangeKind.UPDATE, same, causes, at_s)]

    def _has_been_below(self, at_s: float, params: AlertParams) -> bool:
        if self._below_since_s is None:
            self._below_since_s = at_s
        return at_s - self._below_since_s >= params.clear_s

    def _clear(self, incident: OpenIncident, at_s: float) -> IncidentChange:
        self._end(incident.level, at_s)
        return IncidentChange(ChangeKind.CLEAR, incident, (), at_s)

    def _end(self, level: RiskLevel, at_s: float) -> None:
        self.incident = None
        self._below_since_s = None
        self._ended_at_s = at_s
        self._ended_level = level

    def _tell(
        self,
        kind: ChangeKind,
        incident: OpenIncident,
        causes: tuple[Cause, ...],
        at_s: float,
    ) -> IncidentChange:
        self.incident = incident
        self._told_at_s = at_s
        return IncidentChange(kind, incident, causes, at_s)

"""What the AlertManager keeps of one place: its incidents, its held level, its last numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend.core.risk import Cause, RiskLevel
from backend.core.trust import Trust
from backend.db.alerts import Alert
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import (
    AlertRules,
    IncidentChange,
    IncidentFamily,
    OpenIncident,
    family_of,
)
from backend.risk.blindness import NOTHING_KNOWN, BlindnessHold, HeldRisk
from backend.services.alert_sight import Sight
from backend.services.cause_views import cause_from_row


@dataclass(frozen=True, slots=True)
class PlaceName:
    """Which place: with the family of a breach it is the key of an incident.

    Attributes:
        camera_id: None for a location.
        zone_id, zone_name: The zone; None for the camera as a whole, and for a location.
        location_id: None for a camera and its zones.
    """

    camera_id: int | None = None
    zone_id: int | None = None
    zone_name: str | None = None
    location_id: int | None = None


class Peaks:
    """Highest values since they were last taken."""

    def __init__(self) -> None:
        self.count: float | None = None
        self.density_per_m2: float | None = None

    def add(self, sight: Sight) -> None:
        """Take one more measurement."""
        if sight.count is not None:
            self.count = max(sight.count, self.count or 0.0)
        if sight.density_per_m2 is not None:
            self.density_per_m2 = max(sight.density_per_m2, self.density_per_m2 or 0.0)


class AlertPlace:
    """State of one place: a camera, a zone or a location; used under the manager's lock only.

    Args:
        name: Which place.
        params: Live settings.
        standing: Incident rows that were open before a restart.
    """

    def __init__(
        self, name: PlaceName, params: AlertParams, standing: Iterable[Alert] = ()
    ) -> None:
        rows = list(standing)
        self.name = name
        self.alert_ids = {IncidentFamily(row.family): row.id for row in rows}
        self.rules = AlertRules(params, [_incident(row) for row in rows])
        self.hold = BlindnessHold(_held(rows))
        self.newest: Sight | None = None
        self.peaks = {family: Peaks() for family in IncidentFamily}
        self.held: HeldRisk = NOTHING_KNOWN
        self._run_id: int | None = None
        self._params = params

    @property
    def is_blind(self) -> bool:
        """It cannot be seen, and was crowded when it last could."""
        return self.held.is_unknown and any(
            family_of(cause) is IncidentFamily.BLINDNESS for cause in self.held.causes
        )

    @property
    def is_held_unseen(self) -> bool:
        """Whether it cannot be seen, with an incident or a level that is held meanwhile.

        Never of a recording: nobody waits to see what goes on there.
        """
        if self.newest is not None and self.newest.recorded is not None:
            return False
        is_held = self.held.level is not RiskLevel.SAFE or bool(self.alert_ids)
        return self.held.is_unknown and is_held

    def rename(self, zone_name: str) -> None:
        """Have incidents that open from now on bear another name."""
        self.name = replace(self.name, zone_name=zone_name)

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from now on."""
        self._params = params
        self.rules.set_params(params)

    def observe(
        self, sight: Sight, *, at_s: float, planned_interval_s: float | None
    ) -> tuple[IncidentChange, ...]:
        """Take what is known now, from one analysed frame or from many cameras."""
        recorded = sight.recorded
        if recorded is not None and recorded.run_id != self._run_id:
            # stream time starts again, and so do the incidents of a recording
            self.rules = AlertRules(self._params)
            self.alert_ids.clear()
            self._run_id = recorded.run_id
        self.newest = sight
        self._note_peaks(sight)
        self.hold.observe(
            sight.risk,
            trust=sight.trust,
            mono_s=sight.mono_s,
            planned_interval_s=planned_interval_s,
        )
        return self.rules.observe(
            sight.alarming, trust=sight.trust, at_s=at_s, is_least=sight.is_least
        )

    def tick(
        self, *, now_mono_s: float, lost_reason: str, is_told: bool = False
    ) -> tuple[IncidentChange, ...]:
        """Take the 1 Hz tick of a live place.

        Args:
            now_mono_s: Monotonic seconds.
            lost_reason: Why nothing is delivered, where that is known.
            is_told: Another place's incident says that nothing can be seen here.
        """
        if not lost_reason and self.newest is not None and self.newest.trust is Trust.UNKNOWN:
            lost_reason = self.newest.trust_reason
        self.held = self.hold.tick(mono_s=now_mono_s, lost_reason=lost_reason)
        return self.rules.tick(self.held, at_s=now_mono_s, is_told=is_told)

    def release_unseen(self) -> None:
        """A person has decided that what is held of this place, unseen now, applies no longer."""
        if self.held.is_unknown:
            self.hold.release()

    def resolve(self, family: IncidentFamily, *, at_s: float) -> None:
        """A person has decided that an incident is over."""
        self.rules.resolve(family, at_s=at_s)
        self.alert_ids.pop(family, None)
        only_blindness_was_left = not self.rules.standing
        if family is IncidentFamily.BLINDNESS or only_blindness_was_left:
            self.hold.release()

    def critical_cause(self, family: IncidentFamily) -> Cause | None:
        """Return the CRITICAL cause of this family that fresh numbers show now, if any."""
        if self.held.is_unknown or self.newest is None:
            return None
        for cause in self.newest.risk.causes:
            if cause.level is RiskLevel.CRITICAL and family_of(cause) is family:
                return cause
        return None

    def _note_peaks(self, sight: Sight) -> None:
        """Keep the highest values of open incidents, and the newest of families without one."""
        if sight.trust is Trust.UNKNOWN:
            return
        standing = {incident.family for incident in self.rules.standing}
        for family in IncidentFamily:
            if family not in standing:
                self.peaks[family] = Peaks()
            self.peaks[family].add(sight)

    def take_peaks(self, family: IncidentFamily) -> Peaks:
        """Return the highest values since the last call and begin anew."""
        taken, self.peaks[family] = self.peaks[family], Peaks()
        return taken


def _incident(row: Alert) -> OpenIncident:
    """Return a stored incident as the state machine knows it."""
    level = RiskLevel(row.level)
    return OpenIncident(
        IncidentFamily(row.family),
        level,
        RiskLevel(row.peak_level),
        Cause(row.cause, level, None, None, "", row.message),
    )


def _held(rows: Iterable[Alert]) -> HeldRisk:
    """Return the level a place had when the process ended, from its open incidents."""
    causes: list[Cause] = []
    for row in rows:
        if row.family == IncidentFamily.BLINDNESS.value:
            # its own level says nothing of the place; CAUTION is the least it was
            causes.append(Cause(row.cause, RiskLevel.CAUTION, None, None, "", row.message))
            continue
        for stored in (cause_from_row(entry) for entry in row.causes):
            causes.append(
                Cause(
                    stored.name,
                    RiskLevel[stored.level],
                    stored.value,
                    stored.limit,
                    stored.unit,
                    stored.text,
                )
            )
    level = max((cause.level for cause in causes), default=RiskLevel.SAFE)
    kept = sorted((c for c in causes if c.name != "blindness"), key=lambda c: -c.level)
    return HeldRisk(level, tuple(kept), True, "CrowdSafe has just been started.")

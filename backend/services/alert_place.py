"""What the AlertManager keeps of one place: its incidents, its held level, its last numbers."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.risk import Cause, RiskLevel
from backend.core.snapshot import Snapshot
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
from backend.services.metric_views import cause_from_row


class Peaks:
    """Highest values since they were last taken."""

    def __init__(self) -> None:
        self.count: float | None = None
        self.density_per_m2: float | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Take one more measurement."""
        metrics = snapshot.metrics
        self.count = max(metrics.count, self.count or 0.0)
        density = metrics.peak_density_per_m2 or metrics.density_per_m2
        if density is not None:
            self.density_per_m2 = max(density, self.density_per_m2 or 0.0)


class AlertPlace:
    """State of one camera's place; used under the manager's lock only.

    Args:
        camera_id: The camera.
        params: Live settings.
        standing: Incident rows that were open before a restart.
        is_simulated: Nobody stands at this place.
    """

    def __init__(
        self,
        camera_id: int,
        params: AlertParams,
        standing: Iterable[Alert] = (),
        *,
        is_simulated: bool = False,
    ) -> None:
        rows = list(standing)
        self.camera_id = camera_id
        self.is_simulated = is_simulated
        self.alert_ids = {IncidentFamily(row.family): row.id for row in rows}
        self.rules = AlertRules(params, [_incident(row) for row in rows])
        self.hold = BlindnessHold(_held(rows))
        self.newest: Snapshot | None = None
        self.peaks = {family: Peaks() for family in IncidentFamily}
        self.held: HeldRisk = NOTHING_KNOWN
        self._run_id: int | None = None
        self._params = params

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from now on."""
        self._params = params
        self.rules.set_params(params)

    def observe(
        self, snapshot: Snapshot, *, at_s: float, planned_interval_s: float | None
    ) -> tuple[IncidentChange, ...]:
        """Take one analysed frame."""
        if snapshot.is_recorded and snapshot.run_id != self._run_id:
            # stream time starts again, and so do the incidents of a recording
            self.rules = AlertRules(self._params)
            self.alert_ids.clear()
        self._run_id = snapshot.run_id
        self.newest = snapshot
        trust = snapshot.metrics.trust
        self._note_peaks(snapshot)
        self.hold.observe(
            snapshot.risk,
            trust=trust,
            mono_s=snapshot.published_mono_s,
            planned_interval_s=planned_interval_s,
        )
        return self.rules.observe(snapshot.risk, trust=trust, at_s=at_s)

    def tick(self, *, now_mono_s: float, lost_reason: str) -> tuple[IncidentChange, ...]:
        """Take the 1 Hz tick of a live camera."""
        if not lost_reason and self.newest is not None:
            metrics = self.newest.metrics
            lost_reason = metrics.trust_reason if metrics.trust is Trust.UNKNOWN else ""
        self.held = self.hold.tick(mono_s=now_mono_s, lost_reason=lost_reason)
        return self.rules.tick(self.held, at_s=now_mono_s)

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

    def _note_peaks(self, snapshot: Snapshot) -> None:
        """Keep the highest values of open incidents, and the newest of families without one."""
        if snapshot.metrics.trust is Trust.UNKNOWN:
            return
        standing = {incident.family for incident in self.rules.standing}
        for family in IncidentFamily:
            if family not in standing:
                self.peaks[family] = Peaks()
            self.peaks[family].add(snapshot)

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

"""A change of an incident with everything that is written about it: numbers, peaks, picture."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.core.clock import Clock
from backend.core.trust import Trust
from backend.db.alerts import AlertOrigin
from backend.risk.alert_rules import ChangeKind
from backend.services.alert_log import IncidentRecord
from backend.services.alert_sight import location_numbers, zone_numbers
from backend.services.camera_alerts import PlaceChange
from backend.services.evidence import EvidenceStore
from backend.services.live_state import CameraFacts, LiveState
from backend.services.location_alerts import LocationAlerts
from backend.services.metric_views import as_json, metric_from_snapshot


class IncidentRecords:
    """Makes records of changes; used under the manager's lock only.

    Args:
        live: Current numbers of cameras.
        evidence: Takes pictures.
        clock: For the time of a live change.
    """

    def __init__(self, *, live: LiveState, evidence: EvidenceStore, clock: Clock) -> None:
        self._live = live
        self._evidence = evidence
        self._clock = clock

    def describe(self, facts: CameraFacts, changed: PlaceChange) -> IncidentRecord:
        """Return the record of a change of a camera or one of its zones.

        Takes the place's peaks since the one before.
        """
        sight = changed.place.newest
        recorded = sight.recorded if sight is not None else None
        return self._record(
            changed,
            place_name=facts.name,
            origin=_origin_of(facts),
            at=recorded.captured_at if recorded is not None else self._clock.now(),
            numbers=self._numbers(facts, changed),
            seen_by=facts.camera_id,
        )

    def describe_location(self, location: LocationAlerts, changed: PlaceChange) -> IncidentRecord:
        """Return the record of a change of a location, with a picture of where most are."""
        return self._record(
            changed,
            place_name=location.name,
            origin=AlertOrigin.SIMULATED if location.is_simulated else AlertOrigin.LIVE,
            at=self._clock.now(),
            numbers=location_numbers(
                changed.place.newest,
                capacity=location.capacity,
                is_unseen=changed.is_unseen,
                reason=changed.place.held.reason,
            ),
            seen_by=location.busiest_camera,
        )

    def _record(
        self,
        changed: PlaceChange,
        *,
        place_name: str,
        origin: AlertOrigin,
        at: datetime,
        numbers: tuple[dict[str, Any], str],
        seen_by: int | None,
    ) -> IncidentRecord:
        place, change = changed.place, changed.change
        metrics, trust = numbers
        peaks = place.take_peaks(change.incident.family)
        is_worse = change.kind in {ChangeKind.OPEN, ChangeKind.ESCALATE}
        return IncidentRecord(
            camera_id=place.name.camera_id,
            zone_id=place.name.zone_id,
            zone_name=place.name.zone_name,
            location_id=place.name.location_id,
            place_name=place_name,
            origin=origin,
            change=change,
            at=at,
            metrics=metrics,
            trust=trust,
            score=place.newest.risk.score if place.newest else None,
            peak_count=peaks.count,
            peak_density_per_m2=peaks.density_per_m2,
            picture=self._evidence.keep(seen_by) if is_worse and seen_by is not None else None,
        )

    def _numbers(self, facts: CameraFacts, changed: PlaceChange) -> tuple[dict[str, Any], str]:
        """Return the numbers in force, JSON-ready, and their trust."""
        place, sight = changed.place, changed.place.newest
        if place.name.zone_id is not None:
            return zone_numbers(sight, is_unseen=changed.is_unseen, reason=place.held.reason)
        # without up to hundreds of zones, none of which this incident is about
        current = self._live.current(facts.camera_id, with_places=False)
        if sight is not None and sight.recorded is not None:
            # newer frames may have been analysed meanwhile: these are the numbers of the breach
            current = metric_from_snapshot(sight.recorded, age_s=0.0, with_places=False)
        if current is None:
            return {}, Trust.UNKNOWN.value
        return as_json(current), current.trust


def _origin_of(facts: CameraFacts) -> AlertOrigin:
    if facts.is_recorded:
        return AlertOrigin.RECORDED
    return AlertOrigin.SIMULATED if facts.is_simulated else AlertOrigin.LIVE

"""The AlertManager: the only way to alerts, on its own thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, Protocol

from backend.core.camera import CameraState
from backend.core.clock import Clock
from backend.core.errors import ConflictError
from backend.core.locations import Location
from backend.core.places import CameraPlaces
from backend.core.snapshot import CameraStatus, Snapshot
from backend.db.alerts import Alert, AlertOrigin
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import IncidentFamily
from backend.risk.blindness import NOTHING_KNOWN, HeldRisk
from backend.services.actor import Actor
from backend.services.alert_log import AlertLog
from backend.services.alert_place import AlertPlace
from backend.services.alert_queue import AlertQueue
from backend.services.alert_views import AlertView
from backend.services.alert_writer import AlertWriter
from backend.services.camera_alerts import CameraAlerts, ClosedPlace, PlaceChange
from backend.services.events import Events
from backend.services.evidence import EvidenceStore
from backend.services.incident_records import IncidentRecords
from backend.services.live_state import CameraFacts, LiveState
from backend.services.location_alerts import LocationNews
from backend.services.location_incidents import LocationIncidents

logger = logging.getLogger(__name__)

TICK_S: Final = 1.0
_LOST_STATES: Final = frozenset({CameraState.STOPPED, CameraState.FAILED})


class Statuses(Protocol):
    """The part of SnapshotBus that is read here."""

    def status(self, camera_id: int) -> CameraStatus | None:
        """Return the last published status of a camera."""


@dataclass(frozen=True, slots=True)
class AlertStats:
    """Health of the alerts.

    Attributes:
        evaluated: Snapshots and readings of locations taken.
        dropped: Those that fell out of the full queue before they were looked at.
        waiting: Those in the queue.
        unwritten: Changes of incidents that could not be committed yet.
        write_errors: Failed attempts to commit, and rounds that a bug ended.
        pictures_failed: Evidence pictures that could not be taken.
    """

    evaluated: int
    dropped: int
    waiting: int
    unwritten: int
    write_errors: int
    pictures_failed: int
    is_running: bool


class AlertManager:
    """Turns snapshots and readings of locations into incidents.

    The thread ``alerts`` takes them from a bounded queue and looks at every live place once a
    second. State machines are only touched with the lock held: by the thread, and for
    a moment by a person's decision, which must see and change what the thread sees.

    Args:
        log: Writes incidents.
        live: Cameras and their numbers; told what is held for each place.
        statuses: Why a camera delivers nothing.
        evidence: Takes pictures.
        events: Tells the browsers, after the commit.
        wake_outbox: Called after a commit that queued notifications.
        clock: Both clocks.
        params: Live settings to begin with.
        queue_size: Snapshots and readings kept; the oldest falls out, counted and logged.
    """

    def __init__(  # noqa: PLR0913 - one collaborator per concern
        self,
        *,
        log: AlertLog,
        live: LiveState,
        statuses: Statuses,
        evidence: EvidenceStore,
        events: Events,
        wake_outbox: Callable[[], None],
        clock: Clock,
        params: AlertParams,
        queue_size: int = 4000,
    ) -> None:
        self._log = log
        self._live = live
        self._statuses = statuses
        self._evidence = evidence
        self._clock = clock
        self._writer = AlertWriter(log=log, live=live, events=events, wake_outbox=wake_outbox)
        self._records = IncidentRecords(live=live, evidence=evidence, clock=clock)
        self._params = params
        self._queue = AlertQueue(queue_size)
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._cameras: dict[int, CameraAlerts] = {}
        self._locations = LocationIncidents(params, writer=self._writer, records=self._records)
        self._next_tick_s = 0.0
        self._failed_rounds = 0

    @property
    def held_locations(self) -> Mapping[int, HeldRisk]:
        """What stands for each location as of the last tick, by its id; for any thread."""
        return self._locations.held

    def take(self, snapshot: Snapshot) -> None:
        """Queue a snapshot; a sink of the bus, called on video threads."""
        self._queue.put(snapshot)

    def take_location(self, news: LocationNews) -> None:
        """Queue what is known of a location; called by its watch, after `set_locations`."""
        self._queue.put(news)

    def set_locations(self, locations: tuple[Location, ...]) -> None:
        """Go by these locations from the next round on: incidents of deleted ones end."""
        self._locations.set_locations(locations)

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from now on."""
        with self._lock:
            self._params = params
            for camera in self._cameras.values():
                camera.set_params(params)
            self._locations.set_params(params)

    def set_places(self, camera_id: int, places: CameraPlaces) -> None:
        """Take note of changed zones: incidents of deleted and redrawn ones end, with the reason.

        Args:
            camera_id: The camera.
            places: What is drawn on it now; committed before.
        """
        with self._lock:
            camera = self._cameras.get(camera_id)
            if camera is not None:
                self._writer.end(camera.set_places(places))

    def restore(self) -> None:
        """Go on with the incidents that were open when the process ended.

        Their zones are taken as they are stored now: one that is drawn anew before its camera
        delivers again ends its incidents like any other.
        """
        by_camera: dict[int, list[Alert]] = {}
        rows = self._log.standing()
        for row in rows:
            if row.camera_id is not None and row.origin != AlertOrigin.RECORDED.value:
                by_camera.setdefault(row.camera_id, []).append(row)
        with self._lock:
            self._locations.restore(rows)
            for camera_id, standing in by_camera.items():
                camera = self._cameras[camera_id] = CameraAlerts(
                    camera_id,
                    self._params,
                    standing,
                    is_simulated=standing[0].origin == AlertOrigin.SIMULATED.value,
                )
                self._writer.end(camera.set_places(self._log.places(camera_id)))

    def start(self) -> None:
        """Restore what stood and start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self.restore()
        self._queue.open()
        self._thread = threading.Thread(target=self.run, name="alerts")
        self._thread.start()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Look at what is queued, commit it and end; idempotent."""
        self._queue.close()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                logger.error("alerts.stop_timed_out")

    def run(self) -> None:
        """Evaluate until stopped; a bug costs one round, is logged and never ends the thread."""
        while True:
            is_last = self._queue.wait(TICK_S / 2)
            try:
                self.step()
            except Exception:
                self._failed_rounds += 1
                logger.exception("alerts.round_failed")
            if is_last:
                return

    def step(self) -> None:
        """Take everything queued; once a second also look at places that deliver nothing."""
        with self._lock:
            self._locations.apply_locations()
        while (news := self._queue.take()) is not None:
            with self._lock:
                if isinstance(news, LocationNews):
                    self._locations.observe(news)
                else:
                    self._observe(news)
        now_s = self._clock.monotonic()
        if now_s >= self._next_tick_s:
            self._next_tick_s = now_s + TICK_S
            with self._lock:
                self._tick(now_s)

    def forget(self, camera_id: int) -> None:
        """Drop a deleted camera; its incidents stay open until a person resolves them.

        Those of a simulated one are over: nobody ever stood there.
        """
        with self._lock:
            camera = self._cameras.get(camera_id)
            if camera is not None and camera.is_simulated:
                self._end_simulation(camera)
            self._cameras.pop(camera_id, None)
            self._writer.forget(camera_id)

    def acknowledge(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """Note that somebody has seen an incident; raises ConflictError, NotFoundError."""
        with self._lock:
            self._writer.flush()
            alert = self._log.acknowledge(actor, alert_id, note)
            self._writer.announce(alert)
        return alert

    def resolve(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """End an incident by a person's decision; it opens again if the breach outlasts the pause.

        Raises:
            ConflictError: It is over already, or a CRITICAL condition holds right now.
        """
        with self._lock:
            self._writer.flush()
            found = self._place_of(alert_id)
            if found is not None:
                place, family = found
                cause = place.critical_cause(family)
                if cause is not None:
                    raise ConflictError(
                        f"The place is CRITICAL right now: {cause.text} It can be resolved when "
                        "that is over."
                    )
            alert = self._log.resolve(actor, alert_id, note)
            if found is not None:
                place, family = found
                place.resolve(family, at_s=self._now_of(place))
                if family is IncidentFamily.BLINDNESS:
                    self._released(place)
            self._writer.announce(alert)
        return alert

    def stats(self) -> AlertStats:
        """Return counters for health."""
        return AlertStats(
            evaluated=self._queue.taken,
            dropped=self._queue.dropped,
            waiting=len(self._queue),
            unwritten=self._writer.waiting,
            write_errors=self._writer.errors + self._failed_rounds,
            pictures_failed=self._evidence.stats().errors,
            is_running=self._thread is not None and self._thread.is_alive(),
        )

    def _observe(self, snapshot: Snapshot) -> None:
        facts = self._live.facts(snapshot.camera_id)
        if facts is None:
            return  # deleted while its last frames were queued
        camera = self._camera(facts)
        self._writer.end(camera.set_places(snapshot.camera_places))
        at_s = snapshot.stream_time_s if snapshot.is_recorded else self._clock.monotonic()
        changes = camera.observe(
            snapshot, at_s=at_s, planned_interval_s=facts.planned_interval_s(snapshot)
        )
        self._record(facts, changes)

    def _tick(self, now_s: float) -> None:
        for facts in self._live.cameras():
            camera = self._cameras.get(facts.camera_id)
            if camera is None or facts.is_recorded:
                continue
            reason = self._lost_reason(facts.camera_id)
            if camera.is_simulated and reason:
                self._end_simulation(camera)
                continue
            changes = camera.tick(now_mono_s=now_s, lost_reason=reason)
            self._live.set_hold(facts.camera_id, camera.whole.held, camera.held_zones)
            self._record(facts, changes)
        self._locations.tick(
            now_mono_s=now_s,
            blind=frozenset(camera_id for camera_id, one in self._cameras.items() if one.is_blind),
            is_lost=lambda camera_id: bool(self._lost_reason(camera_id)),
        )
        self._writer.flush()

    def _end_simulation(self, camera: CameraAlerts) -> None:
        """Close what a simulation left open: a camera that shows nobody cannot lose anybody."""
        self._writer.end(
            ClosedPlace(place, "The simulation has ended.") for place in tuple(camera.places)
        )
        self._cameras.pop(camera.camera_id, None)
        self._live.set_hold(camera.camera_id, NOTHING_KNOWN)

    def _lost_reason(self, camera_id: int) -> str:
        """Return why a place cannot be seen where that is known at once."""
        status = self._statuses.status(camera_id)
        if status is None or status.state not in _LOST_STATES:
            return ""
        return status.message or "The camera has been stopped."

    def _record(self, facts: CameraFacts, changes: tuple[PlaceChange, ...]) -> None:
        self._writer.record(changes, lambda changed: self._records.describe(facts, changed))

    def _camera(self, facts: CameraFacts) -> CameraAlerts:
        camera = self._cameras.get(facts.camera_id)
        if camera is None:
            camera = CameraAlerts(facts.camera_id, self._params, is_simulated=facts.is_simulated)
            self._cameras[facts.camera_id] = camera
        return camera

    def _place_of(self, alert_id: int) -> tuple[AlertPlace, IncidentFamily] | None:
        """Return the place whose open incident this row is."""
        of_cameras = (place for camera in self._cameras.values() for place in camera.places)
        for place in chain(of_cameras, self._locations.places):
            for family, known_id in place.alert_ids.items():
                if known_id == alert_id:
                    return place, family
        return None

    def _released(self, place: AlertPlace) -> None:
        """Let go of what else is held for want of the place a person has let go of."""
        camera = self._cameras.get(place.name.camera_id or 0)
        if camera is not None:
            camera.released(place)
            self._locations.released(camera.camera_id)

    def _now_of(self, place: AlertPlace) -> float:
        """Return the time on the clock the place's machines are driven by."""
        recorded = place.newest.recorded if place.newest is not None else None
        return self._clock.monotonic() if recorded is None else recorded.stream_time_s

"""The AlertManager: the only way to alerts, on its own thread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from backend.core.camera import CameraState
from backend.core.clock import Clock
from backend.core.errors import ConflictError, NotFoundError
from backend.core.places import CameraPlaces
from backend.core.snapshot import CameraStatus, Snapshot
from backend.core.trust import Trust
from backend.db.alerts import Alert, AlertOrigin
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import ChangeKind, IncidentFamily
from backend.risk.blindness import NOTHING_KNOWN
from backend.services.actor import SYSTEM_ACTOR, Actor
from backend.services.alert_log import AlertLog, IncidentRecord
from backend.services.alert_place import AlertPlace
from backend.services.alert_sight import zone_numbers
from backend.services.alert_views import AlertView
from backend.services.camera_alerts import CameraAlerts, ClosedPlace, PlaceChange
from backend.services.events import AlertNotice, Events
from backend.services.evidence import EvidenceStore
from backend.services.live_state import CameraFacts, LiveState
from backend.services.metric_views import as_json, metric_from_snapshot

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
        evaluated: Snapshots taken.
        dropped: Snapshots that fell out of the full queue before they were looked at.
        waiting: Snapshots in the queue.
        unwritten: Changes of incidents that could not be committed yet.
        write_errors: Failed attempts to commit.
        pictures_failed: Evidence pictures that could not be taken.
    """

    evaluated: int
    dropped: int
    waiting: int
    unwritten: int
    write_errors: int
    pictures_failed: int
    is_running: bool


@dataclass(frozen=True, slots=True)
class _Write:
    """Something that is to be committed.

    Attributes:
        record: A change of an incident; None: the place is no more and its incidents end.
        reason: Why they end.
    """

    place: AlertPlace
    record: IncidentRecord | None
    reason: str = ""


class AlertManager:
    """Turns snapshots into incidents.

    The thread ``alerts`` takes snapshots from a bounded queue and looks at every live place
    once a second. State machines are only touched with the lock held: by the thread, and for
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
        queue_size: Snapshots kept; the oldest falls out, counted and logged.
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
        self._events = events
        self._wake_outbox = wake_outbox
        self._clock = clock
        self._params = params
        self._arrived = threading.Condition()
        self._queue: deque[Snapshot] = deque()
        self._queue_size = queue_size
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._cameras: dict[int, CameraAlerts] = {}
        self._unwritten: deque[_Write] = deque()
        self._next_tick_s = 0.0
        self._evaluated = self._dropped = self._write_errors = 0

    def take(self, snapshot: Snapshot) -> None:
        """Queue a snapshot; a sink of the bus, called on video threads."""
        with self._arrived:
            if len(self._queue) >= self._queue_size:
                self._queue.popleft()
                self._dropped += 1
                if self._dropped % 1000 == 1:
                    logger.error("alerts.queue_full dropped=%s", self._dropped)
            self._queue.append(snapshot)
            self._arrived.notify()

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from now on."""
        with self._lock:
            self._params = params
            for camera in self._cameras.values():
                camera.set_params(params)

    def set_places(self, camera_id: int, places: CameraPlaces) -> None:
        """Take note of changed zones: incidents of deleted and redrawn ones end, with the reason.

        Args:
            camera_id: The camera.
            places: What is drawn on it now; committed before.
        """
        with self._lock:
            camera = self._cameras.get(camera_id)
            if camera is not None:
                self._close(camera.set_places(places))

    def restore(self) -> None:
        """Go on with the incidents that were open when the process ended."""
        by_camera: dict[int, list[Alert]] = {}
        for row in self._log.standing():
            if row.camera_id is not None and row.origin != AlertOrigin.RECORDED.value:
                by_camera.setdefault(row.camera_id, []).append(row)
        with self._lock:
            for camera_id, standing in by_camera.items():
                self._cameras[camera_id] = CameraAlerts(
                    camera_id,
                    self._params,
                    standing,
                    is_simulated=standing[0].origin == AlertOrigin.SIMULATED.value,
                )

    def start(self) -> None:
        """Restore what stood and start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self.restore()
        self._stopping = False
        self._thread = threading.Thread(target=self.run, name="alerts")
        self._thread.start()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Look at what is queued, commit it and end; idempotent."""
        with self._arrived:
            self._stopping = True
            self._arrived.notify()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                logger.error("alerts.stop_timed_out")

    def run(self) -> None:
        """Evaluate until stopped; a bug costs one round, is logged and never ends the thread."""
        while True:
            with self._arrived:
                self._arrived.wait_for(lambda: self._queue or self._stopping, TICK_S / 2)
                is_last = self._stopping
            try:
                self.step()
            except Exception:
                with self._arrived:
                    self._write_errors += 1
                logger.exception("alerts.round_failed")
            if is_last:
                return

    def step(self) -> None:
        """Take everything queued; once a second also look at places that deliver nothing."""
        while (snapshot := self._next_snapshot()) is not None:
            with self._lock:
                self._observe(snapshot)
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
            self._unwritten = deque(
                write for write in self._unwritten if write.place.name.camera_id != camera_id
            )

    def acknowledge(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """Note that somebody has seen an incident; raises ConflictError, NotFoundError."""
        with self._lock:
            self._flush()
            alert = self._log.acknowledge(actor, alert_id, note)
            self._announce(alert)
        return alert

    def resolve(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """End an incident by a person's decision; it opens again if the breach outlasts the pause.

        Raises:
            ConflictError: It is over already, or a CRITICAL condition holds right now.
        """
        with self._lock:
            self._flush()
            found = self._place_of(alert_id)
            if found is not None:
                _camera, place, family = found
                cause = place.critical_cause(family)
                if cause is not None:
                    raise ConflictError(
                        f"The place is CRITICAL right now: {cause.text} It can be resolved when "
                        "that is over."
                    )
            alert = self._log.resolve(actor, alert_id, note)
            if found is not None:
                camera, place, family = found
                place.resolve(family, at_s=self._now_of(place))
                if family is IncidentFamily.BLINDNESS:
                    camera.released(place)
            self._announce(alert)
        return alert

    def stats(self) -> AlertStats:
        """Return counters for health."""
        with self._arrived:
            return AlertStats(
                evaluated=self._evaluated,
                dropped=self._dropped,
                waiting=len(self._queue),
                unwritten=len(self._unwritten),
                write_errors=self._write_errors,
                pictures_failed=self._evidence.stats().errors,
                is_running=self._thread is not None and self._thread.is_alive(),
            )

    def _next_snapshot(self) -> Snapshot | None:
        with self._arrived:
            if not self._queue:
                return None
            self._evaluated += 1
            return self._queue.popleft()

    def _observe(self, snapshot: Snapshot) -> None:
        facts = self._live.facts(snapshot.camera_id)
        if facts is None:
            return  # deleted while its last frames were queued
        camera = self._camera(facts)
        self._close(camera.set_places(snapshot.camera_places))
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
        self._flush()

    def _end_simulation(self, camera: CameraAlerts) -> None:
        """Close what a simulation left open: a camera that shows nobody cannot lose anybody."""
        self._close(
            ClosedPlace(place, "The simulation has ended.") for place in tuple(camera.places)
        )
        self._cameras.pop(camera.camera_id, None)
        self._live.set_hold(camera.camera_id, NOTHING_KNOWN)

    def _close(self, closed: Iterable[ClosedPlace]) -> None:
        """End the incidents of places that are no more; the database may take its time."""
        writes = [_Write(gone.place, None, gone.reason) for gone in closed]
        self._unwritten.extend(writes)
        if writes:
            self._flush()

    def _lost_reason(self, camera_id: int) -> str:
        """Return why a place cannot be seen where that is known at once."""
        status = self._statuses.status(camera_id)
        if status is None or status.state not in _LOST_STATES:
            return ""
        return status.message or "The camera has been stopped."

    def _record(self, facts: CameraFacts, changes: tuple[PlaceChange, ...]) -> None:
        """Write changes; what the database does not take now is tried again, in order."""
        for changed in changes:
            if changed.change.kind is ChangeKind.UPDATE and self._unwritten:
                continue  # numbers only; newer ones come once the database is back
            self._unwritten.append(_Write(changed.place, self._describe(facts, changed)))
        if changes:
            self._flush()

    def _describe(self, facts: CameraFacts, changed: PlaceChange) -> IncidentRecord:
        place, change = changed.place, changed.change
        sight = place.newest
        at = self._clock.now()
        if facts.is_recorded and sight is not None:
            at = sight.snapshot.captured_at
        metrics, trust = self._numbers(facts, changed)
        peaks = place.take_peaks(change.incident.family)
        is_worse = change.kind in {ChangeKind.OPEN, ChangeKind.ESCALATE}
        return IncidentRecord(
            camera_id=facts.camera_id,
            zone_id=place.name.zone_id,
            zone_name=place.name.zone_name,
            place_name=facts.name,
            origin=_origin_of(facts),
            change=change,
            at=at,
            metrics=metrics,
            trust=trust,
            score=sight.risk.score if sight else None,
            peak_count=peaks.count,
            peak_density_per_m2=peaks.density_per_m2,
            picture=self._evidence.keep(facts.camera_id) if is_worse else None,
        )

    def _numbers(self, facts: CameraFacts, changed: PlaceChange) -> tuple[dict[str, Any], str]:
        """Return the numbers in force, JSON-ready, and their trust."""
        place, sight = changed.place, changed.place.newest
        if place.name.zone_id is not None:
            return zone_numbers(sight, is_unseen=changed.is_unseen, reason=place.held.reason)
        current = self._live.current(facts.camera_id)
        if facts.is_recorded and sight is not None:
            # newer frames may have been analysed meanwhile: these are the numbers of the breach
            current = metric_from_snapshot(sight.snapshot, age_s=0.0)
        if current is None:
            return {}, Trust.UNKNOWN.value
        # up to hundreds of zones, none of which this incident is about
        return as_json(replace(current, places=None)), current.trust

    def _flush(self) -> None:
        """Commit what waits; nobody is told of anything that is not committed."""
        while self._unwritten:
            write = self._unwritten[0]
            try:
                self._commit(write)
            except SQLAlchemyError:
                with self._arrived:
                    self._write_errors += 1
                logger.exception("alerts.write_failed camera=%s", write.place.name.camera_id)
                return
            self._unwritten.popleft()

    def _commit(self, write: _Write) -> None:
        place, record = write.place, write.record
        if record is None:
            self._commit_end(place, write.reason)
            return
        family = record.change.incident.family
        alert = self._log.write(record, place.alert_ids.get(family))
        if alert is None:
            return
        if record.change.kind is ChangeKind.CLEAR:
            place.alert_ids.pop(family, None)
        else:
            place.alert_ids[family] = alert.id
        self._announce(alert)

    def _commit_end(self, place: AlertPlace, reason: str) -> None:
        for family, alert_id in tuple(place.alert_ids.items()):
            with suppress(ConflictError, NotFoundError):  # a person came first
                self._announce(self._log.resolve(SYSTEM_ACTOR, alert_id, reason))
            del place.alert_ids[family]

    def _announce(self, alert: AlertView) -> None:
        """Tell the browsers and wake the outbox; only after a commit."""
        facts = self._live.facts(alert.camera_id) if alert.camera_id is not None else None
        is_private = alert.origin == AlertOrigin.RECORDED.value
        self._events.alert(AlertNotice(alert, is_private, facts.owner_id if facts else None))
        self._wake_outbox()

    def _camera(self, facts: CameraFacts) -> CameraAlerts:
        camera = self._cameras.get(facts.camera_id)
        if camera is None:
            camera = CameraAlerts(facts.camera_id, self._params, is_simulated=facts.is_simulated)
            self._cameras[facts.camera_id] = camera
        return camera

    def _place_of(self, alert_id: int) -> tuple[CameraAlerts, AlertPlace, IncidentFamily] | None:
        """Return the place whose open incident this row is."""
        for camera in self._cameras.values():
            for place in camera.places:
                for family, known_id in place.alert_ids.items():
                    if known_id == alert_id:
                        return camera, place, family
        return None

    def _now_of(self, place: AlertPlace) -> float:
        """Return the time on the clock the place's machines are driven by."""
        newest = place.newest
        if newest is not None and newest.snapshot.is_recorded:
            return newest.snapshot.stream_time_s
        return self._clock.monotonic()


def _origin_of(facts: CameraFacts) -> AlertOrigin:
    if facts.is_recorded:
        return AlertOrigin.RECORDED
    return AlertOrigin.SIMULATED if facts.is_simulated else AlertOrigin.LIVE

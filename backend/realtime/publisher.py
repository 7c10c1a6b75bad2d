"""The one broadcaster: emits at a fixed rate from the mailboxes, never from a video thread."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from backend.core.clock import Clock
from backend.core.snapshot import Snapshot
from backend.realtime import rooms
from backend.realtime.connections import Connections
from backend.realtime.crowd_updates import CrowdUpdates, WatchedLocations
from backend.realtime.sessions import SocketSessions
from backend.services.actor import Identity
from backend.services.camera_rules import visible_to
from backend.services.camera_views import JobView
from backend.services.events import AlertNotice
from backend.services.live_state import CameraFacts, LiveState
from backend.services.metric_views import as_json

logger = logging.getLogger(__name__)


class Emitter(Protocol):
    """The part of Socket.IO that is used here; callable from any thread."""

    def emit(self, event: str, payload: Mapping[str, Any], *, to: str | list[str]) -> None:
        """Send an event to one room or the union of several."""

    def join(self, sid: str, room: str) -> None:
        """Put a socket into a room."""

    def disconnect(self, sid: str) -> None:
        """Close a socket."""


@dataclass(frozen=True, slots=True)
class PublisherParams:
    """Rhythm of the broadcaster, seconds.

    Attributes:
        interval_s: Time between two rounds: at most 5 ``metrics`` a second and camera.
        places_interval_s: Least time between two ``places`` of a camera; zones are measured at
            this pace, and hundreds of them are large.
        stale_interval_s: How often a camera that delivers nothing is shown ageing.
        system_interval_s: Between two ``system_status``.
        session_interval_s: How often every socket's log-in is looked at again.
        backlog: Alerts kept while a round is under way; more are counted and dropped, the
            pages fetch the list anyway.
    """

    interval_s: float = 0.2
    places_interval_s: float = 1.0
    stale_interval_s: float = 1.0
    system_interval_s: float = 5.0
    session_interval_s: float = 15.0
    backlog: int = 1000


@dataclass(frozen=True, slots=True)
class PublisherStats:
    """Health of the broadcaster."""

    connections: int
    emitted: int
    errors: int
    dropped: int
    is_running: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """Which frame's numbers were sent last (run, sequence), and when."""

    number: tuple[int, int]
    mono_s: float

    @classmethod
    def now(cls, snapshot: Snapshot, clock: Clock) -> _Shown:
        return cls((snapshot.run_id, snapshot.sequence), clock.monotonic())


class RealtimePublisher:
    """Thread ``realtime``.

    Args:
        live: Current numbers and states.
        locations: What is known of locations.
        connections: Open sockets.
        emitter: Socket.IO.
        identify: Proves a log-in session anew; raises AuthenticationError.
        system_status: Summary sent to everybody every few seconds.
        clock: Both clocks.
    """

    def __init__(
        self,
        *,
        live: LiveState,
        locations: WatchedLocations,
        connections: Connections,
        emitter: Emitter,
        identify: Callable[[Identity], Identity],
        system_status: Callable[[], Mapping[str, Any]],
        clock: Clock,
        params: PublisherParams | None = None,
    ) -> None:
        self._live = live
        self._connections = connections
        self._emitter = emitter
        self._system_status = system_status
        self._clock = clock
        self._params = params or PublisherParams()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._alerts: deque[AlertNotice] = deque()
        self._jobs: dict[int, JobView] = {}
        self._changed_jobs: set[int] = set()
        self._changed_statuses: set[int] = set()
        self._sequence = 0
        self._emitted = self._errors = self._dropped = 0
        # owned by the thread
        self._sessions = SocketSessions(connections, closer=emitter, identify=identify)
        self._crowds = CrowdUpdates(
            locations,
            connections=connections,
            send=self._emit,
            join=emitter.join,
            clock=clock,
            stale_interval_s=self._params.stale_interval_s,
        )
        self._shown: dict[int, _Shown] = {}
        self._shown_places: dict[int, _Shown] = {}
        self._known: set[int] = set()
        self._next_system_s = 0.0
        self._next_sessions_s = 0.0

    def tell_alert(self, notice: AlertNotice) -> None:
        """Queue an incident; for any thread."""
        with self._lock:
            if len(self._alerts) >= self._params.backlog:
                self._dropped += 1
                return
            self._alerts.append(notice)

    def tell_job(self, camera_id: int, job: JobView) -> None:
        """Note a job's newest progress; for any thread."""
        with self._lock:
            self._jobs[camera_id] = job
            self._changed_jobs.add(camera_id)

    def tell_status(self, camera_id: int) -> None:
        """Note that a camera's state changed; for any thread."""
        with self._lock:
            self._changed_statuses.add(camera_id)

    def start(self) -> None:
        """Start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="realtime")
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the thread; idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def run(self) -> None:
        """Broadcast until stopped; a failed round is counted and logged, the next one comes."""
        while not self._stop.wait(self._params.interval_s):
            try:
                self.step()
            except Exception:  # one bad round must not silence every page
                with self._lock:
                    self._errors += 1
                logger.exception("realtime.round_failed")

    def step(self) -> None:
        """Send everything that changed since the last round."""
        self._sessions.close_revoked()
        self._send_alerts()
        for facts in self._live.cameras():
            if facts.camera_id not in self._known:
                self._introduce(facts)
            self._send_metrics(facts)
            self._send_places(facts)
        self._forget_deleted()
        self._crowds.step()
        self._send_jobs()
        self._send_statuses()
        now_s = self._clock.monotonic()
        if now_s >= self._next_system_s:
            self._next_system_s = now_s + self._params.system_interval_s
            self._emit("system_status", self._system_status(), [rooms.OPERATORS, rooms.VIEWERS])
        if now_s >= self._next_sessions_s:
            self._next_sessions_s = now_s + self._params.session_interval_s
            self._sessions.check()

    def stats(self) -> PublisherStats:
        """Return counters for health."""
        with self._lock:
            return PublisherStats(
                connections=len(self._connections.all()),
                emitted=self._emitted,
                errors=self._errors,
                dropped=self._dropped,
                is_running=self._thread is not None and self._thread.is_alive(),
            )

    def _send_metrics(self, facts: CameraFacts) -> None:
        """Send the newest numbers once, and keep sending them while they age."""
        snapshot = self._live.latest(facts.camera_id)
        if snapshot is None or not self._connections.is_watched(facts.camera_id):
            return
        if not self._is_due(self._shown.get(facts.camera_id), snapshot, pause_s=0.0):
            return
        current = self._live.current(facts.camera_id, with_places=False)
        if current is None:
            return
        self._shown[facts.camera_id] = _Shown.now(snapshot, self._clock)
        metrics = {name: value for name, value in as_json(current).items() if name != "places"}
        self._emit_measured("metrics", metrics, snapshot, rooms.camera_room(facts.camera_id))

    def _send_places(self, facts: CameraFacts) -> None:
        """Send the numbers of zones and lines, more slowly, to those who look at this camera."""
        snapshot = self._live.latest(facts.camera_id)
        if snapshot is None or not self._connections.is_looked_at(facts.camera_id):
            return
        # half a round early rather than a whole one late
        pause_s = self._params.places_interval_s - self._params.interval_s / 2
        if not self._is_due(self._shown_places.get(facts.camera_id), snapshot, pause_s=pause_s):
            return
        current = self._live.places(facts.camera_id)
        if current is None:
            return
        self._shown_places[facts.camera_id] = _Shown.now(snapshot, self._clock)
        self._emit_measured(
            "places", as_json(current), snapshot, rooms.places_room(facts.camera_id)
        )

    def _is_due(self, shown: _Shown | None, snapshot: Snapshot, *, pause_s: float) -> bool:
        """Return whether a frame's numbers are to be sent: they are newer, or ageing."""
        if shown is None:
            return True
        passed_s = self._clock.monotonic() - shown.mono_s
        if (snapshot.run_id, snapshot.sequence) != shown.number:
            return passed_s >= pause_s
        is_due = passed_s >= self._params.stale_interval_s
        return is_due and not self._live.is_fresh(snapshot.camera_id)

    def _emit_measured(
        self, event: str, payload: Mapping[str, Any], snapshot: Snapshot, room: str
    ) -> None:
        """Send what was measured, numbered as its frame is."""
        with self._lock:
            self._emitted += 1
        self._emitter.emit(event, {**payload, "seq": snapshot.sequence}, to=room)

    def _send_alerts(self) -> None:
        while True:
            with self._lock:
                if not self._alerts:
                    return
                notice = self._alerts.popleft()
            self._emit(
                "alert",
                {"alert": as_json(notice.alert)},
                rooms.audience(is_private=notice.is_private, owner_id=notice.owner_id),
            )

    def _send_jobs(self) -> None:
        with self._lock:
            changed, self._changed_jobs = sorted(self._changed_jobs), set()
        for camera_id in changed:
            payload = {"camera_id": camera_id, "job": as_json(self._jobs.get(camera_id))}
            self._emit("job_progress", payload, rooms.camera_room(camera_id))

    def _send_statuses(self) -> None:
        with self._lock:
            changed, self._changed_statuses = sorted(self._changed_statuses), set()
        for camera_id in changed:
            if not self._connections.is_watched(camera_id):
                continue
            payload = {
                "camera_id": camera_id,
                "status": as_json(self._live.status(camera_id)),
                "job": as_json(self._jobs.get(camera_id)),
            }
            self._emit("camera_status", payload, rooms.camera_room(camera_id))

    def _introduce(self, facts: CameraFacts) -> None:
        """Put sockets that want every camera into a new camera's room."""
        self._known.add(facts.camera_id)
        for connection in self._connections.all():
            may_see = visible_to(
                connection.identity.actor, source_type=facts.source_type, owner_id=facts.owner_id
            )
            if connection.wants_all and may_see and facts.camera_id not in connection.camera_ids:
                self._emitter.join(connection.sid, rooms.camera_room(facts.camera_id))
                self._connections.watch(
                    connection.sid, connection.camera_ids | {facts.camera_id}, wants_all=True
                )

    def _forget_deleted(self) -> None:
        """Drop what is kept of deleted cameras."""
        gone = self._known - {facts.camera_id for facts in self._live.cameras()}
        self._known -= gone
        for camera_id in gone:
            self._shown.pop(camera_id, None)
            self._shown_places.pop(camera_id, None)
            with self._lock:
                self._jobs.pop(camera_id, None)

    def _emit(self, event: str, payload: Mapping[str, Any], to: str | list[str]) -> None:
        """Send an event with the next sequence number and the time."""
        with self._lock:
            self._sequence += 1
            self._emitted += 1
            sequence = self._sequence
        stamp = {"seq": sequence, "time": self._clock.now().isoformat()}
        self._emitter.emit(event, {**payload, **stamp}, to=to)

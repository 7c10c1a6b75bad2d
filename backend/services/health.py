"""Health with reasons: each part says how it is, in a sentence a person understands."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from backend.core.camera import CameraState
from backend.core.clock import Clock
from backend.notify.dispatcher import DispatchStats
from backend.pipeline.camera_manager import ManagerStats
from backend.pipeline.listeners import ListenerStats
from backend.pipeline.metrics_writer import WriterStats
from backend.pipeline.recording.segments import RecorderStatus
from backend.services.alerts import AlertStats
from backend.services.density import DensityStatus
from backend.services.jobs import JobKeeperStats
from backend.services.live_state import LiveState
from backend.vision.model_store import ModelStatus

logger = logging.getLogger(__name__)

OLD_DELIVERY_S = 300.0
ENOUGH_HZ = 5.0
"""Analysed frames a second that following people and measuring their speed need."""
SLOW_SHARE = 0.8
"""A camera is slow below this share of what it needs."""


class HealthState(StrEnum):
    """How a part is, best first."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One part.

    Attributes:
        name: Stable key.
        reason: Why it is not well, and what to do; for a part that is well, what it does.
    """

    name: str
    status: HealthState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """All parts; ``status`` is the worst of them."""

    status: HealthState
    checks: tuple[HealthCheck, ...]


Check: TypeAlias = Callable[[], Iterable[HealthCheck]]


def examine(checks: Sequence[Check]) -> Health:
    """Ask every part; one that cannot even be asked has failed."""
    found: list[HealthCheck] = []
    for check in checks:
        try:
            found.extend(check())
        except Exception as error:
            name = getattr(check, "__name__", "check").removeprefix("check_")
            logger.exception("health_check_failed check=%s", name)
            reason = f"It cannot be examined ({type(error).__name__})."
            found.append(HealthCheck(name, HealthState.FAILED, reason))
    order = list(HealthState)
    worst = max((item.status for item in found), key=order.index, default=HealthState.OK)
    return Health(worst, tuple(found))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Checks on what the process stands on.

    Attributes:
        home: Folder whose disk is measured.
        min_free_bytes: Below this much free disk recording stops.
        setting_problems: Stored settings that could not be used.
    """

    engine: Engine
    home: Path
    min_free_bytes: int
    setting_problems: Callable[[], tuple[str, ...]]

    def check_database(self) -> Iterator[HealthCheck]:
        """Ask the database something."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            reason = "The database does not answer. Check that its server runs."
            yield HealthCheck("database", HealthState.FAILED, reason)
            return
        yield HealthCheck("database", HealthState.OK, self.engine.dialect.name)

    def check_disk(self) -> Iterator[HealthCheck]:
        """Measure the free disk below the home folder."""
        free = shutil.disk_usage(self.home).free
        if free < self.min_free_bytes:
            least = self.min_free_bytes // 2**20
            reason = (
                f"Only {free // 2**20} MB of disk are free; below {least} MB nothing is "
                "recorded. Delete recordings or uploads, or add disk."
            )
            yield HealthCheck("disk", HealthState.DEGRADED, reason)
            return
        yield HealthCheck("disk", HealthState.OK, f"{free / 2**30:.1f} GB free")

    def check_settings(self) -> Iterator[HealthCheck]:
        """Report stored settings that are not in force."""
        problems = self.setting_problems()
        status = HealthState.DEGRADED if problems else HealthState.OK
        yield HealthCheck("settings", status, " ".join(problems))


@dataclass(frozen=True, slots=True)
class Machinery:
    """Checks on what runs inside the process.

    Attributes:
        model, density, manager, writer, sinks, jobs, alerts, outbox, recorder: Ask the parts.
    """

    clock: Clock
    live: LiveState
    model: Callable[[], ModelStatus]
    density: Callable[[], DensityStatus]
    manager: Callable[[], ManagerStats]
    writer: Callable[[], WriterStats]
    sinks: Callable[[], Sequence[ListenerStats]]
    jobs: Callable[[], JobKeeperStats]
    alerts: Callable[[], AlertStats]
    outbox: Callable[[], DispatchStats]
    recorder: Callable[[], RecorderStatus]
    is_running: Callable[[], bool] = field(default=lambda: True)

    def check_model(self) -> Iterator[HealthCheck]:
        """Say what detects people, and which weights were refused."""
        state = self.model()
        refused = " ".join(f"{item.source}: {item.reason}." for item in state.refused)
        if state.info is None:
            status = HealthState.FAILED if state.error else HealthState.OK
            yield HealthCheck("model", status, state.error or "It is loaded with the first camera.")
        elif state.info.reduced_accuracy:
            reason = f"Reduced accuracy. {state.info.remedy} {refused}".strip()
            yield HealthCheck("model", HealthState.DEGRADED, reason)
        elif refused:
            reason = f"{state.info.name} is in use, but not {refused}"
            yield HealthCheck("model", HealthState.DEGRADED, reason)
        else:
            reason = f"{state.info.name}, {state.info.runtime} {state.info.precision}"
            yield HealthCheck("model", HealthState.OK, reason)

    def check_density(self) -> Iterator[HealthCheck]:
        """Say what counts where people can no longer be told apart, and why nothing does.

        A network that was loaded may still fail at each picture: its cameras know.
        """
        counter = self.density()
        faults = self.manager().density_faults if counter.is_on else ()
        status, reason = HealthState.OK, "It is loaded with the first camera."
        if not counter.is_on:
            reason = "Off (DENSITY_MODEL=off): dense crowds are counted by boxes alone."
        elif counter.fault:
            status = HealthState.DEGRADED
            reason = f"Dense crowds are counted by boxes alone: {counter.fault}"
        elif faults:
            status = HealthState.DEGRADED
            of = "1 camera" if len(faults) == 1 else f"{len(faults)} cameras"
            reason = f"Boxes alone count dense crowds of {of}: {faults[0]}"
        elif counter.info is not None:
            runtime = f"{counter.info.runtime} {counter.info.precision}"
            reason = f"{counter.info.name}, {runtime}. {counter.remark}".strip(". ")
        yield HealthCheck("density_counter", status, reason)

    def check_cameras(self) -> Iterator[HealthCheck]:
        """Name cameras that should deliver and do not.

        Every viewer reads this. Uploads are not among them: they are their owner's, and a job
        that failed is no ill of the system. Nor is a simulation, behind which nobody stands.
        """
        ill: list[str] = []
        failed = running = simulated = 0
        for facts in self.live.cameras():
            status = self.live.status(facts.camera_id)
            is_running = status.state == CameraState.RUNNING.value
            simulated += is_running and facts.is_simulated
            running += is_running and not facts.is_simulated
            if facts.is_recorded or facts.is_simulated:
                continue
            if status.state in {CameraState.FAILED.value, CameraState.RECONNECTING.value}:
                ill.append(f"{facts.name}: {status.message or status.status}")
                failed += status.state == CameraState.FAILED.value
            elif status.state == CameraState.RUNNING.value and status.message:
                ill.append(f"{facts.name}: {status.message}")  # black, frozen, moved
        stats = self.manager()
        if stats.abandoned_threads:
            ill.append(f"{stats.abandoned_threads} stuck camera threads were given up.")
        state = HealthState.FAILED if failed else HealthState.DEGRADED if ill else HealthState.OK
        yield HealthCheck("cameras", state, " ".join(ill) or _live_words(running, simulated))

    def check_load(self) -> Iterator[HealthCheck]:
        """Say whether every live camera is analysed as often as it must be.

        A camera without a target rate that is analysed `ENOUGH_HZ` times a second loses frames
        nobody misses: that is shown with the camera, and is no ill of the system.
        """
        slow: list[str] = []
        live = 0
        for facts in self.live.cameras():
            load = self.live.status(facts.camera_id).analysis_load
            if load is None or facts.is_recorded or facts.is_simulated:
                continue
            live += 1
            needed_hz = min(facts.target_fps or ENOUGH_HZ, load.wanted_hz or ENOUGH_HZ)
            if load.is_short and (load.analysed_hz or 0.0) < SLOW_SHARE * needed_hz:
                slow.append(f"{facts.name} ({load.analysed_hz or 0.0:.1f})")
        if not slow:
            yield HealthCheck("load", HealthState.OK, f"{live} live cameras keep up")
            return
        reason = (
            f"The analysis cannot keep up: {len(slow)} of {live} cameras get fewer pictures a "
            f"second than their target or {ENOUGH_HZ:g}: {', '.join(slow)}. Lower the target rate "
            "of quiet cameras, choose a smaller or INT8 model, or use a faster machine."
        )
        yield HealthCheck("load", HealthState.DEGRADED, reason)

    def check_pipeline(self) -> Iterator[HealthCheck]:
        """Say whether all who are told of measurements can take them."""
        faulty = [
            f"{stats.name} failed {stats.errors} times ({stats.last_error})."
            for stats in self.sinks()
            if stats.errors
        ]
        state = HealthState.DEGRADED if faulty else HealthState.OK
        yield HealthCheck("pipeline", state, " ".join(faulty))

    def check_metrics(self) -> Iterator[HealthCheck]:
        """Say whether measurements and progress are stored."""
        stats = self.writer()
        if stats.consecutive_failures:
            reason = f"Measurements cannot be stored; {stats.waiting} seconds wait."
            yield HealthCheck("metrics", HealthState.FAILED, reason)
        elif stats.lost or stats.refused:
            reason = f"{stats.lost + stats.refused} seconds were lost since the start."
            yield HealthCheck("metrics", HealthState.DEGRADED, reason)
        else:
            yield HealthCheck("metrics", HealthState.OK, f"{stats.written} seconds stored")
        jobs = self.jobs()
        if self.is_running() and not jobs.is_running:
            reason = "Progress of uploads is not stored: restart CrowdSafe."
            yield HealthCheck("jobs", HealthState.FAILED, reason)

    def check_alerts(self) -> Iterator[HealthCheck]:
        """Say whether incidents are evaluated and committed."""
        stats = self.alerts()
        if self.is_running() and not stats.is_running:
            reason = "Alerts are not evaluated: restart CrowdSafe."
            yield HealthCheck("alerts", HealthState.FAILED, reason)
        elif stats.unwritten:
            reason = f"{stats.unwritten} changes of incidents wait for the database."
            yield HealthCheck("alerts", HealthState.FAILED, reason)
        elif stats.dropped:
            reason = f"{stats.dropped} measurements were not looked at: the machine is overloaded."
            yield HealthCheck("alerts", HealthState.DEGRADED, reason)
        else:
            yield HealthCheck("alerts", HealthState.OK)

    def check_notifications(self) -> Iterator[HealthCheck]:
        """Say whether messages reach people."""
        stats = self.outbox()
        if self.is_running() and not stats.is_running:
            reason = "Notifications are not sent: restart CrowdSafe."
            yield HealthCheck("notifications", HealthState.FAILED, reason)
        elif stats.failing_since is not None:
            since = f"since {stats.failing_since:%Y-%m-%d %H:%M} UTC"
            reason = f"Nobody is reached {since}: {stats.last_error}"
            yield HealthCheck("notifications", HealthState.FAILED, reason)
        elif self._is_old(stats.oldest_pending_at):
            reason = f"{stats.pending} notifications wait longer than they should."
            yield HealthCheck("notifications", HealthState.DEGRADED, reason)
        else:
            yield HealthCheck("notifications", HealthState.OK, f"{stats.sent} sent")

    def check_recorder(self) -> Iterator[HealthCheck]:
        """Say whether video is recorded."""
        status = self.recorder()
        messages = [status.message, *(camera.message for camera in status.cameras)]
        reason = " ".join(message for message in messages if message)
        state = HealthState.DEGRADED if reason else HealthState.OK
        if status.dropped_frames:
            reason = f"{reason} {status.dropped_frames} frames are missing in the videos.".strip()
        yield HealthCheck("recordings", state, reason)

    def _is_old(self, at: datetime | None) -> bool:
        return at is not None and (self.clock.now() - at).total_seconds() > OLD_DELIVERY_S


def _live_words(running: int, simulated: int) -> str:
    return f"{running} live, {simulated} simulated" if simulated else f"{running} live"

"""Rounds of detection over the configured cameras, without tracking: counts, every few seconds."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from backend.core.camera import CameraConfig, CameraState
from backend.core.clock import Clock
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.metrics_writer import MetricsWriter, WriteRows, WriterStats
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.services.detection.every_detection import EveryDetection

_LOOK_S = 0.2
_STOP_S = 20.0


@dataclass(frozen=True, slots=True)
class PlannedCamera:
    """A camera to look at and the number of this run of it."""

    config: CameraConfig
    run_id: int


@dataclass(frozen=True, slots=True)
class RoundsOutcome:
    """What came of it.

    Attributes:
        rounds: Pictures counted, by camera id.
        missing: Camera id -> why it delivered fewer than were asked for.
        writer: Rows stored and lost.
    """

    rounds: Counter[int]
    missing: dict[int, str]
    writer: WriterStats


class DetectionRounds:
    """Looks at every camera once per interval and stores a row each time.

    Each camera keeps its connection between rounds and reconnects by itself, as in the
    server; one that is away misses rounds and holds up nobody.

    Args:
        cameras: What to look at.
        interval_s: Time between two pictures of a camera.
        parts: Factories of the stages; their tracker is not used.
        params: Measurement and risk.
        write_rows: Stores metrics.
        clock: Both clocks.
        limits: Time limits of the cameras.
    """

    def __init__(
        self,
        cameras: Iterable[PlannedCamera],
        *,
        interval_s: float,
        parts: PipelineParts,
        params: PipelineParams,
        write_rows: WriteRows,
        clock: Clock,
        limits: ProcessorLimits | None = None,
    ) -> None:
        self._cameras = {
            planned.config.camera_id: replace(
                planned, config=replace(planned.config, target_fps=1.0 / interval_s, record=False)
            )
            for planned in cameras
        }
        self._interval_s = interval_s
        self._clock = clock
        self._limits = limits or ProcessorLimits()
        self._bus = SnapshotBus()
        self._found: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
        self._writer = MetricsWriter(write_rows, clock)
        self._bus.subscribe(self._writer.sink, name="metrics")
        self._bus.subscribe(self._found.put, name="rounds")
        self._manager = CameraManager(
            SharedParts(
                parts=replace(parts, make_tracker=lambda _config, _rate: EveryDetection()),
                outlet=self._bus,
                clock=clock,
                limits=self._limits,
            ),
            bus=self._bus,
            params=params,
        )

    def run(
        self,
        rounds: int | None,
        *,
        stop: threading.Event,
        tell: Callable[[Snapshot], None],
        warn: Callable[[CameraStatus], None],
    ) -> RoundsOutcome:
        """Look until every camera has delivered ``rounds`` pictures (None: until ``stop``).

        Args:
            rounds: Pictures of each camera.
            stop: Ends it early.
            tell: Called with each picture's snapshot.
            warn: Called when a camera's trouble begins or changes.
        """
        done: Counter[int] = Counter()
        troubles: dict[int, str] = {}
        self._writer.start()
        try:
            for planned in self._cameras.values():
                self._manager.start(planned.config, run_id=planned.run_id)
            given_up_s = self._clock.monotonic() + self._patience_s(rounds)
            while not stop.is_set() and (self._awaited(done, rounds) or not self._found.empty()):
                self._take(done, rounds, tell)
                self._look_for_trouble(troubles, warn)
                if rounds is not None and self._clock.monotonic() > given_up_s:
                    break
            missing = {
                camera_id: self._reason(camera_id)
                for camera_id in self._cameras
                if rounds is not None and done[camera_id] < rounds
            }
        finally:
            self._manager.stop_all(_STOP_S)
            self._writer.stop()
        return RoundsOutcome(done, missing, self._writer.stats())

    def _take(
        self, done: Counter[int], rounds: int | None, tell: Callable[[Snapshot], None]
    ) -> None:
        try:
            snapshot = self._found.get(timeout=_LOOK_S)
        except queue.Empty:
            return
        camera_id = snapshot.camera_id
        if rounds is not None and done[camera_id] >= rounds:
            return
        done[camera_id] += 1
        tell(snapshot)
        if done[camera_id] == rounds:
            self._manager.stop(camera_id)

    def _awaited(self, done: Counter[int], rounds: int | None) -> list[int]:
        """Return the cameras that are still to deliver."""
        over = {CameraState.STOPPED}
        if rounds is not None:
            over.add(CameraState.FAILED)  # without an end in sight it is tried again
        return [
            camera_id
            for camera_id in self._cameras
            if (rounds is None or done[camera_id] < rounds) and self._state(camera_id) not in over
        ]

    def _state(self, camera_id: int) -> CameraState:
        status = self._manager.status(camera_id)
        return CameraState.NEW if status is None else status.state

    def _look_for_trouble(
        self, troubles: dict[int, str], warn: Callable[[CameraStatus], None]
    ) -> None:
        for camera_id in self._cameras:
            status = self._manager.status(camera_id)
            if status is None or status.state not in {
                CameraState.RECONNECTING,
                CameraState.FAILED,
            }:
                troubles.pop(camera_id, None)
                continue
            text = status.message.partition(" Trying again")[0]
            if troubles.get(camera_id) != text:
                troubles[camera_id] = text
                warn(status)

    def _patience_s(self, rounds: int | None) -> float:
        """How long ``rounds`` may take: their time and two openings."""
        limits = self._limits
        return (rounds or 0) * self._interval_s + 2 * (
            limits.open_timeout_s + limits.read_timeout_s + limits.live.detect_timeout_s
        )

    def _reason(self, camera_id: int) -> str:
        status = self._manager.status(camera_id)
        return (status.message if status else "") or "It delivered no picture in time."

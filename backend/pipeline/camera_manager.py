"""The one owner of camera threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from backend.core.backoff import Backoff, BackoffParams
from backend.core.camera import CameraConfig
from backend.core.clock import Clock
from backend.core.errors import IllegalCommandError, UnavailableError
from backend.core.places import CameraPlaces
from backend.core.snapshot import CameraStatus
from backend.crowd.params import AnalysisParams
from backend.pipeline.camera_run import CameraRun, RunRequest
from backend.pipeline.camera_states import (
    CameraCommand,
    JobEvent,
    check_job_command,
    check_live_command,
)
from backend.pipeline.listeners import GuardedListener, ListenerStats
from backend.pipeline.ports import JobListener, PipelineParams
from backend.pipeline.shared_parts import SharedParts
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.pipeline.watchdog import Watchdog
from backend.risk.params import RiskParams

logger = logging.getLogger(__name__)

_RECOVERY = BackoffParams(first_s=10.0, cap_s=300.0, healthy_s=300.0)
"""Waits before a crashed camera is started again."""
_STUCK = "The camera's thread gave no sign of life."


@dataclass(frozen=True, slots=True)
class ManagerStats:
    """Health of the manager.

    Attributes:
        running: Cameras and jobs whose thread runs.
        restarts: Restarts by the watchdog since the process began.
        abandoned_threads: Stuck threads given up that still exist.
        watchdog, progress: How the tick and the listener to job progress fare.
        density_faults: Why dense crowds are not counted, for each running camera or job where
            that is so.
    """

    running: tuple[int, ...]
    restarts: int
    abandoned_threads: int
    watchdog: ListenerStats
    progress: ListenerStats
    density_faults: tuple[str, ...] = ()


class _Camera:
    """What the manager keeps of one camera.

    ``lock`` serialises commands to it and may be held as long as a stop takes. ``run_lock`` is
    held for moments only: while the run and the places it measures change. Taken in this order.
    """

    def __init__(self, clock: Clock) -> None:
        self.lock = threading.Lock()
        self.run_lock = threading.Lock()
        self.run: CameraRun | None = None
        self.restarts = 0
        self.last_run_id = 0
        self.recovery = Backoff(clock, _RECOVERY)
        self.retry_mono_s: float | None = None
        self.places = CameraPlaces()


class CameraManager:
    """Starts, commands, watches and stops the threads of all cameras.

    Constructing it starts nothing; the first `start` starts the thread ``camera-watchdog``,
    `stop_all` ends everything.

    Args:
        shared: What all cameras share.
        bus: Statuses are published here on every change and once a second.
        params: Measurement and risk parameters of newly started cameras.
        on_job: Called with the progress of recordings (at most twice a second and at each
            change of state) on the thread it happens on; must only enqueue.
        stop_timeout_s: Deadline of one camera's stop.
    """

    def __init__(
        self,
        shared: SharedParts,
        *,
        bus: SnapshotBus,
        params: PipelineParams,
        on_job: JobListener = lambda _camera_id, _progress: None,
        stop_timeout_s: float = 15.0,
    ) -> None:
        self._shared = shared
        self._clock: Clock = shared.clock
        self._bus = bus
        self._params = params
        self._on_job = GuardedListener("job-progress", on_job)
        self._stop_timeout_s = stop_timeout_s
        self._lock = threading.Lock()
        self._cameras: dict[int, _Camera] = {}
        self._abandoned: list[CameraRun] = []
        self._closed = False
        self._restarts = 0
        self._attend = GuardedListener("camera-watchdog", self._attend_camera)
        self._watchdog = Watchdog(self.tick)

    # ── commands ─────────────────────────────────────────────────────────────────────────

    def start(
        self, config: CameraConfig, *, run_id: int, recorded_at: datetime | None = None
    ) -> None:
        """Start a camera or queue the analysis of an upload.

        Args:
            config: The camera.
            run_id: Persisted number of this run; raised if the watchdog has used it up.
            recorded_at: Start of the recording (uploads).

        Raises:
            IllegalCommandError: It runs already.
            UnavailableError: The process is shutting down.
        """
        camera = self._camera(config.camera_id)
        with camera.lock:
            run = camera.run
            if run is not None and run.is_alive and not run.is_over:
                self._check(run, CameraCommand.START)
            if run is not None and not run.join(self._stop_timeout_s):
                self._abandon(run, "The previous run did not end.", failed=False)
            self._launch(camera, RunRequest(config, recorded_at), run_id)

    def stop(self, camera_id: int) -> None:
        """Stop a camera and wait for its thread; no effect while it has none.

        The analysis of a recording is cancelled; a failed camera is not tried again.
        """
        camera = self._camera(camera_id)
        with camera.lock:
            if camera.run is not None:
                if camera.run.processor.job is not None:
                    camera.run.processor.job.advance(JobEvent.CANCEL)
                self._end(camera.run)

    def pause(self, camera_id: int) -> None:
        """Pause the analysis of a recording; raises IllegalCommandError."""
        with self._commanded(camera_id, CameraCommand.PAUSE) as run:
            assert run.processor.job is not None
            run.processor.job.pause()

    def resume(self, camera_id: int) -> None:
        """Go on with a paused analysis; raises IllegalCommandError."""
        with self._commanded(camera_id, CameraCommand.RESUME) as run:
            assert run.processor.job is not None
            run.processor.job.resume()

    def cancel(self, camera_id: int) -> None:
        """Give the analysis of a recording up; raises IllegalCommandError."""
        with self._commanded(camera_id, CameraCommand.CANCEL) as run:
            assert run.processor.job is not None
            run.processor.job.cancel()
            self._end(run)

    def forget(self, camera_id: int) -> None:
        """Stop a camera that is being deleted, whatever its state, and drop its traces."""
        camera = self._camera(camera_id)
        with camera.lock:
            if camera.run is not None:
                self._end(camera.run)
            camera.run = None
        with self._lock:
            self._cameras.pop(camera_id, None)
        self._bus.forget(camera_id)

    def apply_params(self, analysis: AnalysisParams, risk: RiskParams) -> None:
        """Change measurement and risk of all running and all later cameras."""
        self._params = PipelineParams(analysis, risk)
        for run in self._runs():
            run.processor.set_params(self._params)

    def set_places(self, camera_id: int, places: CameraPlaces) -> None:
        """Measure these zones and lines from the camera's next frame on, and in later runs.

        Places older than those in force are left out: of two changes made at once the later
        one stands, whichever comes here first. Waits for no command: a stop under way may take
        seconds.
        """
        camera = self._camera(camera_id)
        with camera.run_lock:
            if places.version < camera.places.version:
                return
            camera.places = places
            if camera.run is not None:
                camera.run.processor.set_places(places)

    # ── looking ──────────────────────────────────────────────────────────────────────────

    def status(self, camera_id: int) -> CameraStatus | None:
        """Return the status as it is now, None if the camera never ran in this process."""
        run = self._run_of(camera_id)
        return self._bus.status(camera_id) if run is None else run.processor.status()

    def is_running(self, camera_id: int) -> bool:
        """Return whether the camera's run is under way (a waiting or paused job is)."""
        run = self._run_of(camera_id)
        return run is not None and run.is_alive and not run.is_over

    def stats(self) -> ManagerStats:
        """Return what health shows."""
        with self._lock:
            self._abandoned = [run for run in self._abandoned if run.is_alive]
            abandoned = len(self._abandoned)
        running = [run for run in self._runs() if run.is_alive]
        return ManagerStats(
            running=tuple(run.camera_id for run in running),
            restarts=self._restarts,
            abandoned_threads=abandoned,
            watchdog=self._attend.stats(),
            progress=self._on_job.stats(),
            density_faults=tuple(filter(None, (run.processor.density_fault for run in running))),
        )

    # ── looking after ────────────────────────────────────────────────────────────────────

    def tick(self) -> None:
        """Publish every running camera's status and revive what is stuck or crashed.

        Called once a second by the watchdog's thread.
        """
        with self._lock:
            cameras = tuple(self._cameras.values())
        for camera in cameras:
            self._attend(camera)

    def stop_all(self, timeout_s: float = 20.0) -> bool:
        """End every camera, then the helper threads; return whether all ended in time.

        Interrupted recordings are reported as queued: they run again after the next start.
        """
        with self._lock:
            self._closed = True
        self._watchdog.stop()
        runs = self._runs()
        for run in runs:
            run.signal_stop()
        deadline_s = self._clock.monotonic() + timeout_s
        late = [run for run in runs if not run.join(deadline_s - self._clock.monotonic())]
        for run in late:
            self._abandon(run, "It did not stop in time.", failed=False)
        return not late

    def _attend_camera(self, camera: _Camera) -> None:
        if not camera.lock.acquire(blocking=False):
            return  # a person's command is being carried out
        try:
            run = camera.run
            if run is None:
                return
            if run.is_alive and not run.is_over:
                if run.processor.heartbeat.overdue_s > 0:
                    self._revive_stuck(camera, run)
                else:
                    self._note_health(camera, run)
                    run.publish()
            elif run.processor.may_recover and run.processor.job is None:
                self._retry_crashed(camera, run)
        finally:
            camera.lock.release()

    def _note_health(self, camera: _Camera, run: CameraRun) -> None:
        camera.retry_mono_s = None
        if run.processor.status().last_frame_age_s is not None:
            camera.recovery.succeeded()

    def _revive_stuck(self, camera: _Camera, run: CameraRun) -> None:
        self._abandon(run, _STUCK, failed=True)
        if run.processor.job is None:
            self._relaunch(camera, run)

    def _retry_crashed(self, camera: _Camera, run: CameraRun) -> None:
        now_s = self._clock.monotonic()
        if camera.retry_mono_s is None:
            camera.retry_mono_s = now_s + camera.recovery.failed()
        elif now_s >= camera.retry_mono_s:
            camera.retry_mono_s = None
            self._relaunch(camera, run)

    def _relaunch(self, camera: _Camera, run: CameraRun) -> None:
        camera.restarts += 1
        self._restarts += 1
        logger.warning("camera_restarted camera=%s restarts=%s", run.camera_id, camera.restarts)
        self._launch(camera, run.request, run.run_id + 1)

    # ── inside ───────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _commanded(self, camera_id: int, command: CameraCommand) -> Iterator[CameraRun]:
        """Hold the camera's lock around a command that is legal now."""
        camera = self._camera(camera_id)
        with camera.lock:
            if camera.run is None:
                raise IllegalCommandError(f"The camera is not running; it cannot {command}.")
            self._check(camera.run, command)
            yield camera.run

    def _check(self, run: CameraRun, command: CameraCommand) -> None:
        job = run.processor.job
        if job is not None:
            check_job_command(command, job.state)
        else:
            check_live_command(command, run.processor.state)

    def _launch(self, camera: _Camera, request: RunRequest, run_id: int) -> None:
        with self._lock:
            if self._closed:
                raise UnavailableError("CrowdSafe is shutting down.")
        camera.last_run_id = max(camera.last_run_id + 1, run_id)
        config = request.config
        with camera.run_lock:  # places that come meanwhile reach the new run
            camera.places = max(config.places, camera.places, key=lambda places: places.version)
            run = CameraRun(
                replace(request, config=replace(config, places=camera.places)),
                run_id=camera.last_run_id,
                restarts=camera.restarts,
                shared=self._shared,
                params=self._params,
                announce=self._announce,
            )
            camera.run = run
        camera.retry_mono_s = None
        self._watchdog.start()
        try:
            run.start()
        except RuntimeError as error:  # the system gives out no more threads
            run.processor.retire("Its thread could not be started.", failed=True)
            raise UnavailableError("No thread could be started for the camera.") from error

    def _end(self, run: CameraRun) -> None:
        """Stop one run and wait for it; a failed one that waits for a retry is just over."""
        run.signal_stop()
        if not run.join(self._stop_timeout_s):
            self._abandon(run, "It did not stop in time.", failed=False)
        run.processor.settle()

    def _abandon(self, run: CameraRun, reason: str, *, failed: bool) -> None:
        run.abandon(reason, failed=failed)
        with self._lock:
            self._abandoned.append(run)

    def _announce(self, status: CameraStatus) -> None:
        self._bus.publish_status(status)
        if status.job is not None:
            self._on_job(status.camera_id, status.job)

    def _camera(self, camera_id: int) -> _Camera:
        with self._lock:
            return self._cameras.setdefault(camera_id, _Camera(self._clock))

    def _run_of(self, camera_id: int) -> CameraRun | None:
        with self._lock:
            camera = self._cameras.get(camera_id)
            return None if camera is None else camera.run

    def _runs(self) -> list[CameraRun]:
        with self._lock:
            return [camera.run for camera in self._cameras.values() if camera.run is not None]

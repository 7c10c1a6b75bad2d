"""Starting and stopping the thread behind a camera row, one command at a time per camera."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from backend.core.camera import CameraConfig, JobState, SourceSpec, SourceType
from backend.core.clock import Clock
from backend.core.errors import ConflictError, CrowdSafeError, IllegalCommandError
from backend.core.places import CameraPlaces
from backend.core.snapshot import JobProgress
from backend.db import camera_store, metric_store
from backend.db.base import SessionFactory
from backend.db.cameras import AnalysisJob, Camera
from backend.services.calibration.stored import LoadedCalibration, load_calibration
from backend.services.camera.detection import choice_of
from backend.services.camera_rules import is_simulated, require_found, stored_exits
from backend.services.engine import CameraEngine
from backend.services.jobs import JobKeeper
from backend.services.live_state import CameraFacts, LiveState
from backend.services.places.stored import load_places
from backend.services.secret_box import SecretBox
from backend.services.simulation.known import known_ground
from backend.services.upload_files import UploadFiles

logger = logging.getLogger(__name__)


def camera_facts(camera: Camera) -> CameraFacts:
    """Return what the running parts must know of a camera."""
    return CameraFacts(
        camera_id=camera.id,
        name=camera.name,
        source_type=SourceType(camera.source_type),
        owner_id=camera.owner_id,
        target_fps=camera.target_fps,
    )


class CameraLauncher:
    """Turns rows into running cameras; the only caller of `CameraEngine.start` and `stop`.

    Args:
        session_factory, clock: As everywhere.
        engine: The running parts.
        live: Told of every camera, so that it needs no database.
        secret_box: Decrypts the source.
        files: Where uploaded videos lie.
        jobs: Persists progress.
        want_recording: Told before each run whether the camera is recorded.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        engine: CameraEngine,
        live: LiveState,
        secret_box: SecretBox,
        files: UploadFiles,
        jobs: JobKeeper,
        want_recording: Callable[[int, bool], None],
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._engine = engine
        self._live = live
        self._secret_box = secret_box
        self._files = files
        self._jobs = jobs
        self._want_recording = want_recording
        self._locks_lock = threading.Lock()
        self._locks: dict[int, threading.RLock] = {}
        self._drawing_locks: dict[int, threading.RLock] = {}

    @contextmanager
    def command(self, camera_id: int) -> Iterator[None]:
        """Hold the camera against other commands; the same thread may enter twice."""
        with self._locks_lock:
            lock = self._locks.setdefault(camera_id, threading.RLock())
        with lock:
            yield

    @contextmanager
    def drawing(self, camera_id: int) -> Iterator[None]:
        """Hold the camera's places against other changes, and the camera against its deletion.

        Waits for no start or stop, which may take seconds: a run goes by the newest places
        whichever comes first. Who needs `command` too takes that before.
        """
        with self._locks_lock:
            lock = self._drawing_locks.setdefault(camera_id, threading.RLock())
        with lock:
            yield

    def is_running(self, camera_id: int) -> bool:
        """Return whether the camera has a thread."""
        return self._engine.is_running(camera_id)

    def launch(self, camera_id: int) -> None:
        """Start a new run of a camera that has no thread.

        Raises:
            IllegalCommandError: It has one.
            ConflictError: An upload without a video.
            UnavailableError: The stored source cannot be decrypted.
        """
        with self.command(camera_id):
            if self.is_running(camera_id):
                raise IllegalCommandError("It is already running.")
            self._jobs.discard(camera_id)
            with self._open() as session, session.begin():
                camera = require_found(camera_store.find_camera(session, camera_id))
                config, recorded_at, loaded = self._prepare_run(session, camera)
                run_id = camera.run_count
                facts = camera_facts(camera)
            self._live.remember(facts)
            self._live.set_calibration(camera_id, loaded.facts)
            self._want_recording(camera_id, config.record)
            self._engine.start(config, run_id=run_id, recorded_at=recorded_at)
            logger.info("camera.started camera=%s run=%s", camera_id, run_id)

    def plan_run(self, camera_id: int) -> tuple[CameraConfig, int]:
        """Count a run of a live camera that somebody else carries out (the command line).

        Returns:
            What to run, and the run's number.

        Raises:
            NotFoundError: No such camera.
            UnavailableError: The stored source cannot be decrypted.
        """
        with self.command(camera_id), self._open() as session, session.begin():
            camera = require_found(camera_store.find_camera(session, camera_id))
            config, *_ = self._prepare_run(session, camera)
            return config, camera.run_count

    def describe(self, camera_id: int) -> CameraConfig:
        """Return what a run of the camera would open and measure, without counting one.

        Raises:
            NotFoundError: No such camera.
            ConflictError: An upload without a video.
            UnavailableError: The stored source cannot be decrypted.
        """
        with self._open() as session:
            camera = require_found(camera_store.find_camera(session, camera_id))
            spec = self.source_spec(camera, camera_store.find_job(session, camera_id))
            loaded = _load_ground(session, camera, spec)
            return _config(camera, spec, loaded, load_places(session, camera_id))

    def set_places(self, camera_id: int, places: CameraPlaces) -> None:
        """Tell a running camera its zones and lines; one that rests is started with them."""
        with self.drawing(camera_id):
            self._engine.set_places(camera_id, places)

    def halt(self, camera_id: int) -> None:
        """Stop the camera's thread and wait for it; no effect while it has none."""
        with self.command(camera_id):
            self._engine.stop(camera_id)

    def retire(self, camera_id: int) -> None:
        """Stop a camera that is being deleted, whatever its state."""
        with self.command(camera_id):
            self._engine.forget(camera_id)

    def pause(self, camera_id: int) -> None:
        """Pause a recorded job; raises IllegalCommandError."""
        with self.command(camera_id):
            self._engine.pause(camera_id)

    def resume(self, camera_id: int) -> None:
        """Go on with a paused job; one paused before a restart begins anew."""
        with self.command(camera_id):
            if self.is_running(camera_id):
                self._engine.resume(camera_id)
                return
            with self._open() as session:
                job = camera_store.find_job(session, camera_id)
            if job is None or job.state != JobState.PAUSED.value:
                raise IllegalCommandError("Only a paused analysis can go on.")
            self.launch(camera_id)

    def cancel(self, camera_id: int) -> None:
        """Give a recorded job up for good; raises IllegalCommandError when it has ended."""
        with self.command(camera_id):
            if self.is_running(camera_id):
                self._engine.cancel(camera_id)
                return
            with self._open() as session:
                job = camera_store.find_job(session, camera_id)
            unfinished = {state.value for state in camera_store.UNFINISHED_JOBS}
            if job is None or job.state not in unfinished:
                raise IllegalCommandError("There is no analysis to cancel.")
            self._jobs.report(
                camera_id,
                JobProgress(
                    JobState.CANCELLED, frames_done=job.frames_done, frames_total=job.frames_total
                ),
            )
            self._jobs.flush()

    def resume_wishes(self) -> None:
        """After a restart: start what ran, queue unfinished jobs again.

        A camera that cannot be started is logged and shown as offline; it never keeps the
        others from starting. The pages answer meanwhile, so a person may have started or
        stopped a camera since the list was made: each is looked at again.
        """
        with self._open() as session:
            cameras = camera_store.list_cameras(session)
            wanted = [camera.id for camera in camera_store.cameras_to_start(session)]
            jobs = [
                job.camera_id
                for job in camera_store.unfinished_jobs(session)
                if job.state != JobState.PAUSED.value
            ]
        for camera in cameras:
            self._live.remember(camera_facts(camera))
        for camera_id in (*wanted, *jobs):
            try:
                self._relaunch_wanted(camera_id)
            except CrowdSafeError as error:
                logger.error("camera.restart_failed camera=%s error=%s", camera_id, error)

    def _relaunch_wanted(self, camera_id: int) -> None:
        """Start a camera that is still wanted and does not run yet."""
        with self.command(camera_id):
            if self.is_running(camera_id):
                return
            with self._open() as session:
                camera = camera_store.find_camera(session, camera_id)
                job = camera_store.find_job(session, camera_id)
            unfinished = {state.value for state in camera_store.UNFINISHED_JOBS}
            is_queued = (
                job is not None and job.state in unfinished and job.state != JobState.PAUSED.value
            )
            if camera is not None and (camera.should_run or is_queued):
                self.launch(camera_id)

    def source_spec(self, camera: Camera, job: AnalysisJob | None) -> SourceSpec:
        """Return what to open, credentials included; raises ConflictError without a video."""
        source_type = SourceType(camera.source_type)
        if source_type is SourceType.UPLOAD:
            if job is None or not job.stored_name:
                raise ConflictError("No video has been uploaded yet. Upload one first.")
            source = str(self._files.path(job.stored_name))
        else:
            source = self._secret_box.decrypt(camera.source_encrypted)
        return SourceSpec(source_type, source, true_fps=camera.true_fps, loop=camera.loop)

    def _prepare_run(
        self, session: Session, camera: Camera
    ) -> tuple[CameraConfig, datetime | None, LoadedCalibration]:
        """Count the run, reset the job row, return what to start."""
        job = camera_store.find_job(session, camera.id)
        spec = self.source_spec(camera, job)
        # the watchdog's restarts count runs too, without the database
        used = max(camera.run_count, metric_store.last_run_id(session, camera.id))
        camera.run_count = used + 1
        if job is not None:
            # a re-run stores the same times again: what the earlier run stored goes
            metric_store.delete_runs_before(session, camera.id, camera.run_count)
            _requeue(job, self._clock.now())
        loaded = _load_ground(session, camera, spec)
        config = _config(camera, spec, loaded, load_places(session, camera.id))
        return config, job.recorded_at if job else None, loaded


def _load_ground(session: Session, camera: Camera, spec: SourceSpec) -> LoadedCalibration:
    if is_simulated(camera):
        return known_ground(spec.source)
    return load_calibration(session, camera.id)


def _config(
    camera: Camera, spec: SourceSpec, loaded: LoadedCalibration, places: CameraPlaces
) -> CameraConfig:
    return CameraConfig(
        camera_id=camera.id,
        name=camera.name,
        spec=spec,
        area_m2=camera.area_m2,
        people_limit=camera.people_limit,
        target_fps=camera.target_fps,
        record=camera.record,
        calibration=loaded.calibration,
        exits=stored_exits(camera),
        detection=choice_of(camera),
        places=places,
    )


def _requeue(job: AnalysisJob, now: datetime) -> None:
    """Set a job row back to its beginning."""
    if job.state not in {state.value for state in camera_store.UNFINISHED_JOBS}:
        job.queued_at = now
    job.state = JobState.QUEUED.value
    job.frames_done = 0
    job.stream_time_s = 0.0
    job.error = ""
    job.started_at = job.finished_at = None

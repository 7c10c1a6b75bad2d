"""What the world may know of one camera run: written by its thread, read by anyone."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from backend.core.camera import CameraState, ModelInfo, SourceInfo
from backend.core.snapshot import CameraLoad, CameraStatus, JobProgress
from backend.pipeline.camera_states import CameraEvent, next_camera_state
from backend.pipeline.job_control import JobControl


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Facts of a run at one instant; replaced as a whole."""

    state: CameraState = CameraState.NEW
    message: str = ""
    source: SourceInfo | None = None
    model: ModelInfo | None = None
    last_frame_mono_s: float | None = None
    reconnects: int = 0
    dropped_frames: int = 0
    fps: float | None = None
    frames_done: int = 0
    stream_time_s: float = 0.0
    calibration_fault: str = ""
    places_fault: str = ""
    load: CameraLoad | None = None


class RunBoard:
    """Holds `RunFacts` and turns them into the status people see.

    Args:
        camera_id: The camera.
        restarts: Times the watchdog restarted this camera before this run.
        job: The recorded job, None for live cameras.
    """

    def __init__(self, camera_id: int, *, restarts: int, job: JobControl | None) -> None:
        self._camera_id = camera_id
        self._restarts = restarts
        self._job = job
        self._lock = threading.Lock()
        self._facts = RunFacts()

    @property
    def facts(self) -> RunFacts:
        """The facts as they are now."""
        return self._facts

    def note(self, **changes: object) -> None:
        """Replace some facts."""
        with self._lock:
            self._facts = replace(self._facts, **changes)  # type: ignore[arg-type]

    def move(self, event: CameraEvent, message: str = "") -> CameraState:
        """Take one step of the state machine; raises IllegalCommandError."""
        with self._lock:
            state = next_camera_state(self._facts.state, event)
            self._facts = replace(self._facts, state=state, message=message)
            if state is not CameraState.RUNNING:  # rates of before are none of now
                self._facts = replace(self._facts, fps=None, load=None)
            return state

    def status(self, now_mono_s: float) -> CameraStatus:
        """Return the status at this instant."""
        facts = self._facts
        age_s = (
            None
            if facts.last_frame_mono_s is None
            else max(now_mono_s - facts.last_frame_mono_s, 0.0)
        )
        return CameraStatus(
            camera_id=self._camera_id,
            state=facts.state,
            message=facts.message,
            source=facts.source,
            last_frame_age_s=age_s,
            reconnects=facts.reconnects,
            dropped_frames=facts.dropped_frames,
            restarts=self._restarts,
            fps=facts.fps,
            job=self.progress(),
            model=facts.model,
            calibration_fault=facts.calibration_fault,
            places_fault=facts.places_fault,
            load=facts.load,
        )

    def progress(self) -> JobProgress | None:
        """Return how far the recorded job has come, None for live cameras."""
        if self._job is None:
            return None
        facts = self._facts
        source = facts.source
        return JobProgress(
            state=self._job.state,
            frames_done=facts.frames_done,
            frames_total=None if source is None else source.frames_total,
            stream_time_s=facts.stream_time_s,
            duration_s=None if source is None else source.duration_s,
            fps=facts.fps,
            error=self._job.error,
        )

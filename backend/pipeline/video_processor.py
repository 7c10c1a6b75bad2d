"""One camera's thread: opens, reads, analyses, publishes, reconnects, obeys."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from datetime import datetime

from backend.core.backoff import Backoff
from backend.core.camera import CameraConfig, CameraState, SourceType
from backend.core.errors import (
    CrowdSafeError,
    ModelError,
    SourceEnded,
    SourceError,
    SourceLostError,
    SourceRefusedError,
    UnavailableError,
)
from backend.core.frame import Frame
from backend.core.places import CameraPlaces
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.camera_states import CameraEvent
from backend.pipeline.frame_fetch import Fetched, FrameFetcher
from backend.pipeline.frame_pipeline import FramePipeline
from backend.pipeline.heartbeat import Heartbeat
from backend.pipeline.job_control import JobControl
from backend.pipeline.job_run import JobRun
from backend.pipeline.ports import PipelineParams, SnapshotOutlet
from backend.pipeline.run_board import RunBoard
from backend.pipeline.shared_parts import SharedParts
from backend.vision.sources.base import FrameSource, SourceStart

logger = logging.getLogger(__name__)

_FIRST_FRAME_S = 60.0
"""Longer than any other frame the first may take: seconds, or many on a busy machine."""

_OVER = frozenset({CameraState.STOPPED, CameraState.FAILED})


class VideoProcessor:
    """Runs one camera from its start to its end; a new start is a new processor.

    `run` loops on the camera's own thread (the caller's, in tests); everything else that is
    public may be called from any thread.

    Args:
        config: The camera.
        run_id: Number of this run, greater than that of every earlier run.
        shared: What all cameras share.
        params: Measurement and risk parameters to begin with.
        recorded_at: Start of the recording (uploads).
        restarts: Times the watchdog restarted this camera before.
        on_change: Called on each change of state and progress; must only enqueue.
    """

    def __init__(
        self,
        config: CameraConfig,
        *,
        run_id: int,
        shared: SharedParts,
        params: PipelineParams,
        recorded_at: datetime | None = None,
        restarts: int = 0,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.config = config
        self.run_id = run_id
        self.heartbeat = Heartbeat(shared.limits.heartbeat_s, shared.clock)
        self.job = None if config.spec.source_type.is_live else JobControl(on_change)
        self._shared = shared
        self._clock = shared.clock
        self._limits = shared.limits
        self._recorded_at = recorded_at
        self._on_change = on_change
        self._board = RunBoard(config.camera_id, restarts=restarts, job=self.job)
        self._commands: queue.SimpleQueue[PipelineParams | CameraPlaces] = queue.SimpleQueue()
        self._retired = threading.Event()
        self._source: FrameSource | None = None
        self._params = params
        self._pipeline: FramePipeline | None = None
        self._job_run = None if self.job is None else JobRun(self.job, self._board, shared)
        self._fetcher: FrameFetcher | None = None
        self._backoff = Backoff(shared.clock, shared.limits.reconnect)
        self._next = SourceStart(recorded_at=recorded_at)
        self._dropped_before = 0
        self._crashed = False

    # ── from any thread ──────────────────────────────────────────────────────────────────

    @property
    def state(self) -> CameraState:
        """Present state."""
        return self._board.facts.state

    @property
    def may_recover(self) -> bool:
        """Whether the run failed in a way that another try may cure (not: refused)."""
        return self._crashed

    @property
    def density_fault(self) -> str:
        """Why dense crowds are not counted, a sentence; empty while they are."""
        pipeline = self._pipeline
        return "" if pipeline is None else pipeline.density_fault

    def status(self) -> CameraStatus:
        """Return the status as it is now."""
        return self._board.status(self._clock.monotonic())

    def set_params(self, params: PipelineParams) -> None:
        """Change the parameters from the next frame on."""
        self._commands.put(params)

    def set_places(self, places: CameraPlaces) -> None:
        """Measure these zones and lines from the next frame on."""
        self._commands.put(places)

    def retire(self, reason: str, *, failed: bool) -> None:
        """Cut off a thread that is stuck: it says nothing more and its source is closed."""
        if self._job_run is not None:
            if failed:
                self._job_run.failed(reason)
            self._job_run.leave()
        if not self._retired.is_set() and self.state not in _OVER:
            if failed:
                self._move(CameraEvent.FAIL, reason)
            else:
                self._move(CameraEvent.STOP, reason)
                self._move(CameraEvent.ENDED, reason)
        self._retired.set()
        pipeline = self._pipeline
        if pipeline is not None:
            pipeline.abandon()
        source = self._source
        if source is not None:
            source.close()

    def settle(self) -> None:
        """After the thread has ended: a failed run that a person stopped is stopped."""
        self._crashed = False
        if self.job is None and self.state is CameraState.FAILED:
            self._board.move(CameraEvent.STOP)
            self._on_change()

    # ── on the camera's thread ───────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Leave NEW, before the thread is started: from now on the camera counts as running."""
        if self.state is CameraState.NEW:
            self._move(CameraEvent.CONNECT)

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``, the end of a recording or a failure; never raises."""
        try:
            self.begin()
            if self._job_run is None or self._job_run.take_place(stop, self.heartbeat):
                self._load()
                self._follow(stop)
        except (ModelError, UnavailableError) as error:
            self._fail(str(error), crashed=True)
        except CrowdSafeError as error:
            self._fail(str(error), crashed=False)
        except Exception as error:
            logger.exception("camera_crashed camera=%s", self.config.camera_id)
            self._fail(f"Internal error ({type(error).__name__}); see the log.", crashed=True)
        finally:
            self._release(stop)

    def step(self, fetched: Fetched | None) -> Snapshot | None:
        """Take one frame (None: none has come); return the snapshot that was finished, if any.

        Waits for nothing but the network.
        """
        pipeline = self._pipeline
        assert pipeline is not None, "run() loads the pipeline first"
        if fetched is None:
            snapshot = None if pipeline.is_idle else pipeline.step(None)
        else:
            decode_ms = self._source.decode_ms if self._source is not None else 0.0
            snapshot = pipeline.step(fetched.frame, turn=fetched.turn, decode_ms=decode_ms)
        if snapshot is not None:
            self._note_finished(snapshot)
        return snapshot

    def _load(self) -> None:
        self._board.note(message="Loading the model.")
        self._on_change()
        self.heartbeat.rest()  # a loading model is not a stuck camera
        self._pipeline = FramePipeline(
            self.config,
            run_id=self.run_id,
            parts=self._shared.parts,
            params=self._params,
            outlet=_UnlessRetired(self._shared.outlet, self._retired),
            clock=self._clock,
            limits=self._limits.live if self.job is None else self._limits.recorded,
            on_wait=lambda allow_s: self.heartbeat.beat(allow_s=allow_s),
        )
        self._pipeline.load(self._shared.scheduler)
        self._fetcher = FrameFetcher(
            self.config, self._pipeline, clock=self._clock, beat=self.heartbeat.beat
        )
        self._board.note(model=self._pipeline.model, message="")
        self.heartbeat.beat()

    def _follow(self, stop: threading.Event) -> None:
        """Play the source, and again after each loss, until it ends or nobody wants it."""
        while not stop.is_set():
            try:
                self._play(stop)
                return
            except SourceEnded as error:
                if self.config.spec.source_type in {SourceType.FILE, SourceType.UPLOAD}:
                    self._ended()
                    return
                lost: SourceError = SourceLostError(str(error) or "The stream ended.")
            except SourceRefusedError as error:
                if self._next.first_index == 0:  # never delivered a frame: it never will
                    raise
                lost = error
            except SourceLostError as error:
                if self.job is not None:
                    raise
                lost = error
            self._wait_to_reconnect(lost, stop)

    def _play(self, stop: threading.Event) -> None:
        """Open the source once and read it until it stops delivering or ``stop``."""
        assert self._pipeline is not None
        self.heartbeat.beat(allow_s=2 * self._limits.open_timeout_s)
        source = self._shared.parts.make_source(self.config.spec, self._next)
        self._source = source
        try:
            source.open()
            self._board.note(source=source.info)
            self._pipeline.connected(source.info)
            assert self._fetcher is not None
            self._fetcher.connected()
            self._read_frames(source, stop)
        except (SourceEnded, SourceError):
            self._drain()
            raise
        finally:
            self._dropped_before += source.dropped_frames
            # a reader that hangs in a dead disk is waited for
            self.heartbeat.beat(allow_s=self._limits.open_timeout_s + self._limits.silence_s)
            source.close()

    def _read_frames(self, source: FrameSource, stop: threading.Event) -> None:
        assert self._fetcher is not None
        while not stop.is_set() and not self._retired.is_set():
            self.heartbeat.beat()
            self._apply_commands()
            if self._job_run is not None:
                if self._job_run.is_paused:
                    self._drain()
                if not self._job_run.may_go_on(stop, self.heartbeat):
                    continue
            self._tell_wanted_rate(source)
            fetched = self._fetcher.fetch(source, stop)
            if fetched is not None:
                self._note_taken(fetched.frame, source)
            elif self.job is None and self._fetcher.silent_s > self._limits.silence_s:
                raise SourceLostError(f"No picture for {self._fetcher.silent_s:.0f} s.")
            if self._board.facts.frames_done == 0:  # the first one loads libraries
                self.heartbeat.beat(allow_s=_FIRST_FRAME_S)
            self.step(fetched)

    def _tell_wanted_rate(self, source: FrameSource) -> None:
        """Let the source decode no more than is going to be looked at."""
        assert self._pipeline is not None
        load = self._pipeline.load_watch
        if load.hint_is_due(self._clock.monotonic()):
            source.set_wanted_rate(load.hint_hz)

    def _note_taken(self, frame: Frame, source: FrameSource) -> None:
        self._next = SourceStart(
            first_index=frame.index + 1,
            segment=frame.segment + 1,
            recorded_at=self._recorded_at,
        )
        self._board.note(dropped_frames=self._dropped_before + source.dropped_frames)
        self._backoff.succeeded()
        if self.state is not CameraState.RUNNING:
            self._move(CameraEvent.CONNECTED)

    def _note_finished(self, snapshot: Snapshot) -> None:
        assert self._pipeline is not None
        facts = self._board.facts
        self._board.note(
            # a recording's frames wait decoded for their turn: their age is that of the result
            last_frame_mono_s=(
                snapshot.captured_mono_s if self.job is None else snapshot.published_mono_s
            ),
            fps=snapshot.fps,
            model=snapshot.model,
            message=self._pipeline.picture_fault,
            calibration_fault=self._pipeline.calibration_fault,
            places_fault=self._pipeline.places_fault,
            frames_done=facts.frames_done + 1,
            stream_time_s=snapshot.stream_time_s,
            load=self._pipeline.load_now(snapshot),
        )
        told = (facts.message, facts.places_fault)
        is_news = told != (self._pipeline.picture_fault, self._pipeline.places_fault)
        if is_news or (self._job_run is not None and self._job_run.report_is_due()):
            self._on_change()

    def _wait_to_reconnect(self, error: SourceError, stop: threading.Event) -> None:
        delay_s = self._backoff.failed()
        self._board.note(reconnects=self._board.facts.reconnects + 1, fps=None, load=None)
        message = f"{error} Trying again in {delay_s:.0f} s."
        self._move(CameraEvent.LOST, message)
        logger.warning("camera_lost camera=%s %s", self.config.camera_id, message)
        self.heartbeat.beat(allow_s=delay_s)
        stop.wait(delay_s)

    def _apply_commands(self) -> None:
        assert self._pipeline is not None
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            if isinstance(command, CameraPlaces):
                self._pipeline.set_places(command)
            else:
                self._pipeline.set_params(command)

    def _drain(self) -> None:
        """Finish the frames under way."""
        assert self._pipeline is not None
        while not self._pipeline.is_idle:
            self.step(None)

    def _ended(self) -> None:
        lack = self._lack
        if self._job_run is not None:
            self._job_run.finished(lack)
        self._move(CameraEvent.ENDED, f"The recording was played to its end. {lack}".strip())

    @property
    def _lack(self) -> str:
        """What the results of a recording are without, a sentence; empty while nothing."""
        return "" if self.job is None else self.density_fault

    def _fail(self, message: str, *, crashed: bool) -> None:
        if self._retired.is_set():
            return
        self._crashed = crashed
        if self._job_run is not None:
            self._job_run.failed(message)
        logger.warning("camera_failed camera=%s %s", self.config.camera_id, message)
        self._move(CameraEvent.FAIL, message)

    def _release(self, stop: threading.Event) -> None:
        """Let go of everything; a run that was told to stop ends as STOPPED."""
        try:
            if self._pipeline is not None:
                self._pipeline.close()
        except Exception:  # whatever a runtime does when it closes, the job's place is given back
            logger.exception("camera_close_failed camera=%s", self.config.camera_id)
        if self._job_run is not None:
            self._job_run.leave()
        if self.state not in _OVER:
            self._move(CameraEvent.STOP)
            self._move(CameraEvent.ENDED, self._lack)

    def _move(self, event: CameraEvent, message: str = "") -> None:
        if self._retired.is_set():
            return
        self._board.move(event, message)
        self._on_change()


class _UnlessRetired:
    """Keeps a thread that was given up from publishing when it wakes."""

    def __init__(self, outlet: SnapshotOutlet, retired: threading.Event) -> None:
        self._outlet = outlet
        self._retired = retired

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        if not self._retired.is_set():
            self._outlet.publish(snapshot, frame)

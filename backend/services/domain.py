"""Cameras, pictures, metrics, alerts and recordings of one process, wired once.

Nothing is started here: `steps` lists what runs, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.core.camera import DEFAULT_OVERLAYS
from backend.core.clock import Clock
from backend.core.settings import Settings
from backend.crowd.params import AnalysisParams
from backend.db.base import SessionFactory
from backend.notify.dispatcher import OutboxDispatcher
from backend.notify.telegram import TelegramAccount, TelegramChannel
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.frame_hub import FrameHub, FrameHubParams
from backend.pipeline.metrics_writer import MetricsWriter
from backend.pipeline.picture_encoder import StreamVariant
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.recorder import Recorder
from backend.pipeline.recording.camera_recording import RecorderParams
from backend.pipeline.recording.retention import RetentionParams
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.alert_params import AlertParams
from backend.risk.params import RiskParams
from backend.services.alert_log import AlertLog
from backend.services.alert_service import AlertService
from backend.services.alerts import AlertManager
from backend.services.audit import AuditLog
from backend.services.calibration.height_samples import HeightSamples
from backend.services.calibration.scenery import SceneryKeeper
from backend.services.calibration.service import CalibrationService
from backend.services.camera_test import CameraTestService
from backend.services.cameras import CameraService
from backend.services.engine import SourceTools
from backend.services.events import Events
from backend.services.evidence import EvidenceStore
from backend.services.jobs import JobKeeper
from backend.services.launcher import CameraLauncher
from backend.services.lifecycle import Step
from backend.services.live_settings import LiveSettings
from backend.services.live_state import LiveState
from backend.services.metrics import MetricService
from backend.services.outbox import SqlOutbox
from backend.services.recording_rows import RecordingRows
from backend.services.recordings import RecordingService
from backend.services.secret_box import SecretBox
from backend.services.settings_service import SettingsService
from backend.services.upload_files import UploadFiles
from backend.services.uploads import UploadService
from backend.vision.overlay import OverlayParams, OverlayRenderer

EVIDENCE_WIDTH = 1280
UPLOAD_RESERVE_BYTES = 256 * 2**20
CAMERAS_STOP_S = 6.0
"""Of the ten seconds between SIGTERM and the end; the rest is for the writers."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything rests on."""

    settings: Settings
    clock: Clock
    session_factory: SessionFactory
    audit: AuditLog
    secret_box: SecretBox
    live_settings: SettingsService


@dataclass(frozen=True, slots=True)
class Domain:
    """The parts by the name the API, the sockets and health use."""

    bus: SnapshotBus
    manager: CameraManager
    frames: FrameHub
    metrics_writer: MetricsWriter
    recorder: Recorder
    live: LiveState
    events: Events
    jobs: JobKeeper
    launcher: CameraLauncher
    cameras: CameraService
    calibrations: CalibrationService
    uploads: UploadService
    camera_tests: CameraTestService
    metrics: MetricService
    recordings: RecordingService
    alert_manager: AlertManager
    alerts: AlertService
    telegram: TelegramChannel
    outbox: OutboxDispatcher
    steps: tuple[Step, ...]


class _Outlets:
    """What runs: the bus and those who listen to it."""

    def __init__(self, base: Foundation, parts: PipelineParts) -> None:
        settings, clock = base.settings, base.clock
        self.bus = SnapshotBus()
        self.live = LiveState(mailboxes=self.bus, clock=clock)
        self.events = Events()
        renderer = OverlayRenderer(
            OverlayParams(heat_sigma_px=settings.heatmap_sigma_px, zone=settings.timezone)
        )
        self.frames = FrameHub(
            renderer,
            clock=clock,
            params=FrameHubParams(stream_max_fps=settings.stream_max_fps),
        )
        self.metrics = MetricService(session_factory=base.session_factory, live=self.live)
        self.metrics_writer = MetricsWriter(self.metrics.write_rows, clock)
        folder = settings.home / "recordings"
        self.recording_rows = RecordingRows(
            session_factory=base.session_factory, clock=clock, folder=folder
        )
        self.recorder = Recorder(
            folder,
            rows=self.recording_rows,
            list_closed=self.recording_rows.closed_segments,
            renderer=renderer,
            clock=clock,
            params=RecorderParams(
                segment_s=settings.recording_segment_s, height=settings.recording_height
            ),
            retention=RetentionParams(
                keep_days=settings.recording_days,
                min_free_bytes=settings.recording_min_free_mb * 2**20,
            ),
        )
        self.people = HeightSamples()
        scenery = SceneryKeeper(
            session_factory=base.session_factory,
            clock=clock,
            live=self.live,
            newest=self.frames.newest,
        )
        self.jobs = JobKeeper(
            session_factory=base.session_factory,
            clock=clock,
            on_change=self.events.job,
            chores=(scenery.step,),
        )
        self.files = UploadFiles(
            settings.home / "uploads",
            max_bytes=settings.max_upload_mb * 2**20,
            reserve_bytes=UPLOAD_RESERVE_BYTES,
        )
        self.manager = CameraManager(
            SharedParts(
                parts=parts,
                outlet=self.bus,
                clock=clock,
                wait_for_room=self._wait_for_room,
                limits=ProcessorLimits(
                    open_timeout_s=settings.source_open_timeout_s,
                    read_timeout_s=settings.source_read_timeout_s,
                ),
            ),
            bus=self.bus,
            params=PipelineParams(AnalysisParams(), RiskParams()),
            on_job=self.jobs.report,
        )
        self.launcher = CameraLauncher(
            session_factory=base.session_factory,
            clock=clock,
            engine=self.manager,
            live=self.live,
            secret_box=base.secret_box,
            files=self.files,
            jobs=self.jobs,
            want_recording=self.recorder.set_wanted,
        )

    def _wait_for_room(self, timeout_s: float) -> bool:
        """Let a recording's analysis wait for the slower of its two writers."""
        return self.metrics_writer.wait_for_room(timeout_s) and self.recorder.wait_for_room(
            timeout_s
        )


class _Alarms:
    """Incidents and the ways they reach people."""

    def __init__(self, base: Foundation, outlets: _Outlets) -> None:
        settings, clock = base.settings, base.clock
        self.telegram = TelegramChannel(
            base_url=settings.telegram_base_url,
            account=lambda: telegram_account(base.live_settings.current()),
            clock=clock,
        )
        self.evidence = EvidenceStore(
            settings.home / "instance" / "evidence", take_picture=_picture_taker(outlets.frames)
        )
        self.outbox = OutboxDispatcher(
            store=SqlOutbox(base.session_factory),
            channels={self.telegram.name: self.telegram},
            evidence_folder=self.evidence.folder,
            clock=clock,
        )
        self.manager = AlertManager(
            log=AlertLog(
                session_factory=base.session_factory,
                clock=clock,
                channels=lambda: [self.telegram.name] if self.telegram.is_configured else [],
                zone=settings.timezone,
            ),
            live=outlets.live,
            statuses=outlets.bus,
            evidence=self.evidence,
            events=outlets.events,
            wake_outbox=self.outbox.wake,
            clock=clock,
            params=AlertParams(),
        )
        self.service = AlertService(
            session_factory=base.session_factory,
            audit=base.audit,
            manager=self.manager,
            evidence=self.evidence,
        )


def build_domain(base: Foundation, *, parts: PipelineParts, sources: SourceTools) -> Domain:
    """Wire everything; opens no connection and starts no thread.

    Args:
        base: Settings, clock, database, secrets.
        parts: Factories of what one camera needs.
        sources: Validation and probing of sources.
    """
    outlets = _Outlets(base, parts)
    alarms = _Alarms(base, outlets)
    bus, frames = outlets.bus, outlets.frames
    bus.subscribe(outlets.metrics_writer.sink, name="metrics")
    bus.subscribe(alarms.manager.take, name="alerts")
    bus.subscribe(outlets.people.take, name="heights")
    bus.subscribe_frames(frames.offer, name="frames")
    bus.subscribe_frames(outlets.recorder.offer, name="recorder")
    bus.subscribe_status(outlets.recorder.camera_status, name="recorder")
    bus.subscribe_status(outlets.people.camera_status, name="heights")
    recordings = RecordingService(
        session_factory=base.session_factory,
        audit=base.audit,
        folder=base.settings.home / "recordings",
    )

    def forget(camera_id: int) -> None:
        # a database may give a deleted camera's number to the next one
        outlets.manager.forget(camera_id)
        frames.forget(camera_id)
        outlets.people.forget(camera_id)
        alarms.manager.forget(camera_id)

    def apply(live: LiveSettings) -> None:
        outlets.manager.apply_params(live.analysis, live.risk)
        alarms.manager.set_params(live.alerts)

    base.live_settings.on_change(apply)
    uploads = UploadService(
        session_factory=base.session_factory,
        clock=base.clock,
        audit=base.audit,
        files=outlets.files,
        sources=sources,
        launcher=outlets.launcher,
    )
    return Domain(
        bus=bus,
        manager=outlets.manager,
        frames=frames,
        metrics_writer=outlets.metrics_writer,
        recorder=outlets.recorder,
        live=outlets.live,
        events=outlets.events,
        jobs=outlets.jobs,
        launcher=outlets.launcher,
        cameras=CameraService(
            session_factory=base.session_factory,
            clock=base.clock,
            audit=base.audit,
            secret_box=base.secret_box,
            sources=sources,
            launcher=outlets.launcher,
            live=outlets.live,
            jobs=outlets.jobs,
            files=outlets.files,
            recordings=recordings,
            on_deleted=forget,
            on_source_changed=outlets.people.forget,
        ),
        calibrations=CalibrationService(
            session_factory=base.session_factory,
            clock=base.clock,
            audit=base.audit,
            launcher=outlets.launcher,
            live=outlets.live,
            people=outlets.people,
            newest=frames.newest,
        ),
        uploads=uploads,
        camera_tests=CameraTestService(
            session_factory=base.session_factory, sources=sources, launcher=outlets.launcher
        ),
        metrics=outlets.metrics,
        recordings=recordings,
        alert_manager=alarms.manager,
        alerts=alarms.service,
        telegram=alarms.telegram,
        outbox=alarms.outbox,
        steps=_steps(base, outlets, alarms, uploads, apply),
    )


def telegram_account(live: LiveSettings) -> TelegramAccount | None:
    """Return the account set now, None unless token and chat are both there."""
    if not live.telegram_bot_token or not live.telegram_chat_id:
        return None
    return TelegramAccount(live.telegram_bot_token, live.telegram_chat_id)


def _picture_taker(frames: FrameHub) -> Callable[[int], bytes | None]:
    variant = StreamVariant(DEFAULT_OVERLAYS, EVIDENCE_WIDTH)

    def take(camera_id: int) -> bytes | None:
        encoded = frames.snapshot_jpeg(camera_id, variant)
        return None if encoded is None else encoded.jpeg

    return take


def _steps(
    base: Foundation,
    outlets: _Outlets,
    alarms: _Alarms,
    uploads: UploadService,
    apply: Callable[[LiveSettings], None],
) -> tuple[Step, ...]:
    """Return what runs; it stops in the opposite order: streams, cameras, then the writers."""
    began_at = base.clock.now()

    def nothing() -> None:
        return None

    def record() -> None:
        outlets.recorder.start(outlets.recording_rows.open_segments())
        outlets.recording_rows.prune(older_than=began_at)

    return (
        Step("settings", lambda: apply(base.live_settings.current()), nothing),
        Step("metrics-writer", outlets.metrics_writer.start, outlets.metrics_writer.stop),
        Step("recorder", record, outlets.recorder.stop),
        Step("jobs", outlets.jobs.start, outlets.jobs.stop),
        Step("outbox", alarms.outbox.start, alarms.outbox.stop),
        Step("alerts", alarms.manager.start, alarms.manager.stop),
        Step("uploads", lambda: uploads.prune(older_than=began_at), nothing),
        Step(
            "cameras",
            outlets.launcher.resume_wishes,
            lambda: outlets.manager.stop_all(CAMERAS_STOP_S),
        ),
        # Last to start, first to stop: an open stream keeps the web server from ending.
        Step("streams", nothing, outlets.frames.stop, stops_always=True),
    )

"""What runs in one process: cameras, and everything that listens to their pictures and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.clock import Clock
from backend.core.settings import Settings
from backend.crowd.params import AnalysisParams
from backend.db.base import SessionFactory
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.frame_hub import FrameHub, FrameHubParams
from backend.pipeline.metrics_writer import MetricsWriter
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.recorder import Recorder
from backend.pipeline.recording.camera_recording import RecorderParams
from backend.pipeline.recording.retention import RetentionParams
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.params import RiskParams
from backend.services.audit import AuditLog
from backend.services.calibration.height_samples import HeightSamples
from backend.services.calibration.scenery import SceneryKeeper
from backend.services.events import Events
from backend.services.jobs import JobKeeper
from backend.services.launcher import CameraLauncher
from backend.services.live_state import LiveState
from backend.services.metrics import MetricService
from backend.services.recording_rows import RecordingRows
from backend.services.secret_box import SecretBox
from backend.services.settings_service import SettingsService
from backend.services.upload_files import UploadFiles
from backend.vision.overlay import OverlayParams, OverlayRenderer

UPLOAD_RESERVE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Foundation:
    """What everything rests on."""

    settings: Settings
    clock: Clock
    session_factory: SessionFactory
    audit: AuditLog
    secret_box: SecretBox
    live_settings: SettingsService


class Outlets:
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
        shared = SharedParts(
            parts=parts,
            outlet=self.bus,
            clock=clock,
            wait_for_room=self._wait_for_room,
            limits=ProcessorLimits(
                open_timeout_s=settings.source_open_timeout_s,
                read_timeout_s=settings.source_read_timeout_s,
            ),
        )
        self.scheduler = shared.scheduler
        self.manager = CameraManager(
            shared,
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

"""Everything around CameraService: real database and files, an engine that only remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select
from sqlalchemy.orm import undefer

from backend.core.camera import CameraConfig, SourceInfo, SourceSpec
from backend.core.errors import (
    IllegalCommandError,
    InvalidInputError,
    SourceLostError,
    SourceRefusedError,
)
from backend.core.measurements import CrowdPicture
from backend.core.places import CameraPlaces
from backend.db.accounts import AuditEntry, Role, User
from backend.db.base import make_session_factory
from backend.db.calibrations import CalibrationVersion
from backend.db.cameras import AnalysisJob, Camera, Recording
from backend.pipeline.camera_feed import AnalysedFrame
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.calibration.height_samples import HeightSamples
from backend.services.calibration.scenery import SceneryKeeper
from backend.services.calibration.service import CalibrationService
from backend.services.camera_test import CameraTestService
from backend.services.camera_views import CameraView, JobView
from backend.services.cameras import CameraService
from backend.services.engine import SourceTools
from backend.services.jobs import JobKeeper
from backend.services.launcher import CameraLauncher
from backend.services.live_state import LiveState
from backend.services.places.service import PlaceService
from backend.services.recordings import RecordingService
from backend.services.secret_box import SecretBox
from backend.services.upload_files import UploadFiles
from backend.services.uploads import UploadForm, UploadService
from backend.vision.sources.base import ProbeResult
from backend.vision.sources.redact import redact_source
from tests import builders
from tests.builders import EPOCH, ManualClock

ADMIN = Actor(1, "ada", Role.ADMIN)
OPERATOR = Actor(2, "olga", Role.OPERATOR)
OTHER_OPERATOR = Actor(3, "otto", Role.OPERATOR)
VIEWER = Actor(4, "vera", Role.VIEWER)
PEOPLE = (ADMIN, OPERATOR, OTHER_OPERATOR, VIEWER)

SECRET_SOURCE = "rtsp://admin:hunter2@10.0.0.7/live"
MODELS = ("people-int8", "people-f32.onnx")
INFO = SourceInfo(640, 360, 25.0, 12.0, 300, "h264", "mov")


@dataclass
class FakeEngine:
    """Remembers what it was told to run."""

    running: dict[int, CameraConfig] = field(default_factory=dict)
    started: list[tuple[int, int, datetime | None]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    places: dict[int, CameraPlaces] = field(default_factory=dict)

    def start(
        self, config: CameraConfig, *, run_id: int, recorded_at: datetime | None = None
    ) -> None:
        if config.camera_id in self.running:
            raise IllegalCommandError("It is already running.")
        self.running[config.camera_id] = config
        self.started.append((config.camera_id, run_id, recorded_at))
        self.log.append(f"start {config.camera_id}")

    def stop(self, camera_id: int) -> None:
        if self.running.pop(camera_id, None) is not None:
            self.log.append(f"stop {camera_id}")

    def pause(self, camera_id: int) -> None:
        self.log.append(f"pause {camera_id}")

    def resume(self, camera_id: int) -> None:
        self.log.append(f"resume {camera_id}")

    def cancel(self, camera_id: int) -> None:
        self.stop(camera_id)
        self.log.append(f"cancel {camera_id}")

    def forget(self, camera_id: int) -> None:
        self.stop(camera_id)
        self.log.append(f"forget {camera_id}")

    def set_places(self, camera_id: int, places: CameraPlaces) -> None:
        self.places[camera_id] = places
        self.log.append(f"places {camera_id} {places.version}")

    def is_running(self, camera_id: int) -> bool:
        return camera_id in self.running


class CameraWorld:
    """One process; `restart` gives the next one on the same rows and files."""

    def __init__(self, clock: ManualClock, home: Path, engine: Engine, *, key: str = "") -> None:
        self.clock, self.home, self.sql = clock, home, engine
        self.key = key or Fernet.generate_key().decode()
        self.database = make_session_factory(engine)
        self.bus = SnapshotBus()
        self.engine = FakeEngine()
        self.live = LiveState(mailboxes=self.bus, clock=clock)
        self.told: list[tuple[int, JobView]] = []
        self.deleted: list[int] = []
        self.wanted: dict[int, bool] = {}
        self.stated_time: datetime | None = None
        self.probe_error: Exception | None = None
        audit = AuditLog(clock=clock)
        self.files = UploadFiles(home / "uploads", max_bytes=1000, reserve_bytes=0)
        self.jobs = JobKeeper(
            session_factory=self.database,
            clock=clock,
            on_change=lambda camera_id, job: self.told.append((camera_id, job)),
        )
        sources = SourceTools(
            validate=_validate,
            redact=redact_source,
            probe=self._probe,
            probe_upload=self._probe_upload,
            creation_time=lambda _path: self.stated_time,
        )
        box = SecretBox(self.key)
        self.launcher = CameraLauncher(
            session_factory=self.database,
            clock=clock,
            engine=self.engine,
            live=self.live,
            secret_box=box,
            files=self.files,
            jobs=self.jobs,
            want_recording=self.wanted.__setitem__,
        )
        self.people = HeightSamples()
        self.frames: dict[int, AnalysedFrame] = {}
        self.calibrations = CalibrationService(
            session_factory=self.database,
            clock=clock,
            audit=audit,
            launcher=self.launcher,
            live=self.live,
            people=self.people,
            newest=self.frames.get,
        )
        self.scenery = SceneryKeeper(
            session_factory=self.database, clock=clock, live=self.live, newest=self.frames.get
        )
        self.drawn: list[tuple[int, CameraPlaces]] = []
        self.places = PlaceService(
            session_factory=self.database,
            clock=clock,
            audit=audit,
            launcher=self.launcher,
            live=self.live,
            newest=self.frames.get,
            on_changed=lambda camera_id, places: self.drawn.append((camera_id, places)),
        )
        self.recordings = RecordingService(
            session_factory=self.database, audit=audit, folder=home / "recordings"
        )
        self.cameras = CameraService(
            session_factory=self.database,
            clock=clock,
            audit=audit,
            secret_box=box,
            sources=sources,
            launcher=self.launcher,
            live=self.live,
            jobs=self.jobs,
            files=self.files,
            recordings=self.recordings,
            on_deleted=self.deleted.append,
            check_model=_check_model,
            on_source_changed=self.people.forget,
        )
        self.uploads = UploadService(
            session_factory=self.database,
            clock=clock,
            audit=audit,
            files=self.files,
            sources=sources,
            launcher=self.launcher,
        )
        self.tests = CameraTestService(
            session_factory=self.database, sources=sources, launcher=self.launcher
        )

    def restart(self) -> CameraWorld:
        """Return the next process after its start."""
        after = CameraWorld(self.clock, self.home, self.sql, key=self.key)
        after.launcher.resume_wishes()
        return after

    def add_people(self) -> None:
        """Create the accounts behind the actors."""
        with self.database() as session, session.begin():
            for actor in PEOPLE:
                session.add(
                    User(
                        id=actor.user_id,
                        username=actor.username,
                        password_hash="x",
                        role=actor.role.value,
                        created_at=EPOCH,
                    )
                )

    def send(
        self,
        camera: CameraView,
        content: bytes,
        *,
        actor: Actor = OPERATOR,
        filename: str = "clip.mp4",
        recorded_at: datetime | None = None,
    ) -> CameraView:
        """Upload a video."""

        def read_form(stream: BinaryIO) -> UploadForm:
            stream.write(content)
            return UploadForm(filename, recorded_at)

        self.uploads.receive(actor, camera.id, read_form, expected_bytes=len(content))
        return self.cameras.get(actor, camera.id)

    def stored_files(self) -> list[bytes]:
        """Return the contents of all uploaded videos."""
        folder = self.home / "uploads"
        return [p.read_bytes() for p in sorted(folder.iterdir())] if folder.is_dir() else []

    def camera_row(self, camera_id: int) -> Camera:
        with self.database() as session:
            return session.scalars(select(Camera).where(Camera.id == camera_id)).one()

    def calibration_rows(self, camera_id: int) -> list[CalibrationVersion]:
        """Return every stored version with its landmarks, the oldest first."""
        with self.database() as session:
            query = select(CalibrationVersion).where(CalibrationVersion.camera_id == camera_id)
            query = query.options(undefer(CalibrationVersion.background))
            return list(session.scalars(query.order_by(CalibrationVersion.version)))

    def show(
        self, camera_id: int, *boxes: tuple[float, float, float, float], run_id: int | None = None
    ) -> None:
        """Publish a frame full of landmarks, with people in it; of the newest run as a rule."""
        snapshot = builders.snapshot(
            camera_id=camera_id,
            run_id=self.camera_row(camera_id).run_count if run_id is None else run_id,
            picture=CrowdPicture(builders.track_views(*boxes)),
            picture_wh=(640, 360),
            published_mono_s=self.clock.monotonic(),
        )
        frame = builders.frame(picture=builders.scenery(640, 360))
        self.frames[camera_id] = AnalysedFrame(snapshot, frame)
        self.bus.publish(snapshot, frame)

    def job_row(self, camera_id: int) -> AnalysisJob:
        with self.database() as session:
            query = select(AnalysisJob).where(AnalysisJob.camera_id == camera_id)
            return session.scalars(query).one()

    def audit_entries(self) -> list[AuditEntry]:
        with self.database() as session:
            return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))

    def audit_actions(self) -> list[str]:
        return [entry.action for entry in self.audit_entries()]

    def add_recording(self, camera_id: int, path: str, *, is_open: bool = False) -> int:
        """Add a segment with its file."""
        file = self.home / "recordings" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"video")
        with self.database() as session, session.begin():
            row = Recording(
                camera_id=camera_id,
                run_id=1,
                path=path,
                started_at=EPOCH,
                ended_at=None if is_open else EPOCH,
                width=640,
                height=360,
                is_open=is_open,
            )
            session.add(row)
            session.flush()
            return row.id

    def _probe(self, _spec: SourceSpec) -> ProbeResult:
        if self.probe_error is not None:
            raise self.probe_error
        return ProbeResult(INFO, np.zeros((720, 1280, 3), np.uint8), 24.9)

    def _probe_upload(self, path: Path) -> SourceInfo:
        if b"video" not in path.read_bytes():
            raise SourceRefusedError(f"The uploaded video {path.name!r} is not a video.")
        return INFO


def _check_model(name: str) -> None:
    if name not in MODELS:
        raise InvalidInputError(
            f"There is no model {name}; there are {', '.join(MODELS)}.", field="detection_model"
        )


def _validate(spec: SourceSpec) -> None:
    if "forbidden" in spec.source:
        raise InvalidInputError("This address may not be opened.", field="source")


LOST = SourceLostError("No answer from rtsp://admin:hunter2@10.0.0.7/live within 10 s.")
LONG_AGO = datetime(2024, 5, 1, 10, 0, tzinfo=UTC)

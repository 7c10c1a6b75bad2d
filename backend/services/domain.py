"""Cameras, pictures, metrics, alerts and recordings of one process, wired once.

Nothing is started here: `steps` lists what runs, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend.core.places import CameraPlaces
from backend.notify.dispatcher import OutboxDispatcher
from backend.notify.telegram import TelegramChannel
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.frame_hub import FrameHub
from backend.pipeline.metrics_writer import MetricsWriter
from backend.pipeline.ports import PipelineParts
from backend.pipeline.recorder import Recorder
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.params import RiskParams
from backend.services.alarms import Alarms
from backend.services.alert_service import AlertService
from backend.services.alerts import AlertManager
from backend.services.calibration.service import CalibrationService
from backend.services.camera.detection import CheckModel
from backend.services.camera_test import CameraTestService
from backend.services.cameras import CameraService
from backend.services.engine import SourceTools
from backend.services.events import Events
from backend.services.jobs import JobKeeper
from backend.services.launcher import CameraLauncher
from backend.services.lifecycle import Step
from backend.services.live_settings import LiveSettings
from backend.services.live_state import LiveState
from backend.services.locations.watch import LocationWatch
from backend.services.metrics import MetricService
from backend.services.outlets import Foundation, Outlets
from backend.services.place_graph.forecasts import PlaceForecasts
from backend.services.place_graph.service import PlaceGraphService
from backend.services.places.service import PlaceService
from backend.services.recordings import RecordingService
from backend.services.spot_counts.service import SpotCountService
from backend.services.uploads import UploadService
from backend.vision.inference.scheduler import InferenceScheduler

CAMERAS_STOP_S = 6.0
"""Of the ten seconds between SIGTERM and the end; the rest is for the writers."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The parts by the name the API, the sockets and health use."""

    bus: SnapshotBus
    manager: CameraManager
    scheduler: InferenceScheduler
    frames: FrameHub
    metrics_writer: MetricsWriter
    recorder: Recorder
    live: LiveState
    events: Events
    jobs: JobKeeper
    launcher: CameraLauncher
    cameras: CameraService
    calibrations: CalibrationService
    places: PlaceService
    uploads: UploadService
    camera_tests: CameraTestService
    metrics: MetricService
    recordings: RecordingService
    spot_counts: SpotCountService
    alert_manager: AlertManager
    alerts: AlertService
    telegram: TelegramChannel
    outbox: OutboxDispatcher
    location_watch: LocationWatch
    place_graph: PlaceGraphService
    steps: tuple[Step, ...]


def build_domain(
    base: Foundation, *, parts: PipelineParts, sources: SourceTools, check_model: CheckModel
) -> Domain:
    """Wire everything; opens no connection and starts no thread.

    Args:
        base: Settings, clock, database, secrets.
        parts: Factories of what one camera needs.
        sources: Validation and probing of sources.
        check_model: Refuses a model that a camera cannot be given.
    """
    outlets = Outlets(base, parts)
    alarms = Alarms(base, outlets)
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

    spot_counts = SpotCountService(
        session_factory=base.session_factory,
        clock=base.clock,
        audit=base.audit,
        live=outlets.live,
        newest=frames.newest,
    )

    def forecast(at: datetime, mono_s: float) -> None:
        forecasts.step(at, mono_s)

    watch = LocationWatch(
        session_factory=base.session_factory,
        clock=base.clock,
        live=outlets.live,
        alerts=alarms.manager,
        params=RiskParams(),
        chores=(forecast,),
    )
    forecasts = PlaceForecasts(
        session_factory=base.session_factory, live=outlets.live, locations=watch
    )
    place_graph = PlaceGraphService(
        session_factory=base.session_factory,
        clock=base.clock,
        audit=base.audit,
        live=outlets.live,
        locations=watch,
        forecasts=forecasts,
    )

    def tell_places(camera_id: int, places: CameraPlaces) -> None:
        alarms.manager.set_places(camera_id, places)
        watch.reload()  # what is deleted is no part of a location any more

    def forget(camera_id: int) -> None:
        # a database may give a deleted camera's number to the next one
        outlets.manager.forget(camera_id)
        frames.forget(camera_id)
        outlets.people.forget(camera_id)
        alarms.manager.forget(camera_id)
        watch.reload()
        spot_counts.forget(camera_id)

    def apply(live: LiveSettings) -> None:
        outlets.manager.apply_params(live.analysis, live.risk)
        alarms.manager.set_params(live.alerts)
        watch.set_params(live.risk)

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
        scheduler=outlets.scheduler,
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
            check_model=check_model,
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
        places=PlaceService(
            session_factory=base.session_factory,
            clock=base.clock,
            audit=base.audit,
            launcher=outlets.launcher,
            live=outlets.live,
            newest=frames.newest,
            on_changed=tell_places,
        ),
        uploads=uploads,
        camera_tests=CameraTestService(
            session_factory=base.session_factory, sources=sources, launcher=outlets.launcher
        ),
        metrics=outlets.metrics,
        recordings=recordings,
        spot_counts=spot_counts,
        alert_manager=alarms.manager,
        alerts=AlertService(
            session_factory=base.session_factory,
            audit=base.audit,
            manager=alarms.manager,
            evidence=alarms.evidence,
            forecast_of=place_graph.forecast,
        ),
        telegram=alarms.telegram,
        outbox=alarms.outbox,
        location_watch=watch,
        place_graph=place_graph,
        steps=_steps(base, outlets, alarms, uploads, watch, apply),
    )


def _steps(
    base: Foundation,
    outlets: Outlets,
    alarms: Alarms,
    uploads: UploadService,
    watch: LocationWatch,
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
        Step("locations", watch.start, watch.stop),
        # Last to start, first to stop: an open stream keeps the web server from ending.
        Step("streams", nothing, outlets.frames.stop, stops_always=True),
    )

"""All services of one process, wired once and handed to whoever serves requests.

The factory puts a `Services` at ``app.extensions["crowdsafe"]``; nothing is started here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from backend.core.clock import Clock
from backend.core.settings import Settings
from backend.db.base import SessionFactory, make_session_factory
from backend.notify.dispatcher import OutboxDispatcher
from backend.notify.telegram import TelegramChannel
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.frame_hub import FrameHub
from backend.pipeline.metrics_writer import MetricsWriter
from backend.pipeline.ports import PipelineParts
from backend.pipeline.recorder import Recorder
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.services.accounts import AccountService
from backend.services.alert_service import AlertService
from backend.services.alerts import AlertManager
from backend.services.audit import AuditLog
from backend.services.calibration.service import CalibrationService
from backend.services.camera_test import CameraTestService
from backend.services.cameras import CameraService
from backend.services.channel_test import ChannelTestService
from backend.services.density import build_density_store, counters_of, density_status
from backend.services.detection.build import Detection, build_detection
from backend.services.domain import Domain, build_domain
from backend.services.events import Events
from backend.services.floor_plans.files import PlanFiles
from backend.services.floor_plans.service import FloorPlanService
from backend.services.health import Check, Machinery, Surroundings
from backend.services.jobs import JobKeeper
from backend.services.launcher import CameraLauncher
from backend.services.lifecycle import Lifecycle, Step
from backend.services.live_state import LiveState
from backend.services.locations.health import LocationHealth
from backend.services.locations.service import LocationService
from backend.services.locations.watch import LocationWatch
from backend.services.metrics import MetricService
from backend.services.model_setup import ModelWarmup
from backend.services.outlets import Foundation
from backend.services.parts import build_model_store, build_pipeline_parts, build_source_tools
from backend.services.passwords import PasswordHasher
from backend.services.place_graph.service import PlaceGraphService
from backend.services.places.service import PlaceService
from backend.services.recordings import RecordingService
from backend.services.secret_box import SecretBox
from backend.services.settings_service import SettingsService
from backend.services.spot_counts.service import SpotCountService
from backend.services.system import SystemService
from backend.services.uploads import UploadService
from backend.services.users import UserService
from backend.vision.density.store import DensityStore
from backend.vision.model_store import ModelStore


@dataclass(frozen=True, slots=True)
class Services:
    """Every service, by the name the API uses."""

    settings: Settings
    clock: Clock
    engine: Engine
    session_factory: SessionFactory
    secret_box: SecretBox
    audit: AuditLog
    accounts: AccountService
    users: UserService
    live_settings: SettingsService
    system: SystemService
    models: ModelStore
    density: DensityStore
    bus: SnapshotBus
    manager: CameraManager
    frames: FrameHub
    recorder: Recorder
    metrics_writer: MetricsWriter
    live: LiveState
    events: Events
    jobs: JobKeeper
    launcher: CameraLauncher
    cameras: CameraService
    calibrations: CalibrationService
    places: PlaceService
    uploads: UploadService
    floor_plans: FloorPlanService
    camera_tests: CameraTestService
    detection: Detection
    metrics: MetricService
    recordings: RecordingService
    spot_counts: SpotCountService
    alert_manager: AlertManager
    alerts: AlertService
    telegram: TelegramChannel
    telegram_test: ChannelTestService
    outbox: OutboxDispatcher
    locations: LocationService
    location_watch: LocationWatch
    place_graph: PlaceGraphService
    lifecycle: Lifecycle


def build_services(
    settings: Settings,
    *,
    engine: Engine,
    clock: Clock,
    hasher: PasswordHasher,
    parts: PipelineParts | None = None,
) -> Services:
    """Wire all services on ``engine``; opens no connection and starts no thread.

    Args:
        settings: Start-up settings.
        engine: The database.
        clock: Both clocks.
        hasher: Password hashing.
        parts: What cameras are made of; the real sources and networks unless given.
    """
    session_factory = make_session_factory(engine)
    audit = AuditLog(clock=clock)
    secret_box = SecretBox(settings.encryption_key)
    accounts = AccountService(
        session_factory=session_factory,
        clock=clock,
        hasher=hasher,
        audit=audit,
        refresh_lifetime=timedelta(days=settings.refresh_token_days),
    )
    users = UserService(
        session_factory=session_factory,
        clock=clock,
        hasher=hasher,
        audit=audit,
        accounts=accounts,
        registration_open=settings.registration_open,
    )
    live_settings = SettingsService(
        session_factory=session_factory,
        clock=clock,
        audit=audit,
        secret_box=secret_box,
        environment=settings.live_defaults,
    )
    models = build_model_store(settings, clock)
    density = build_density_store(settings)
    foundation = Foundation(settings, clock, session_factory, audit, secret_box, live_settings)
    sources = build_source_tools(settings, clock)
    parts = parts or build_pipeline_parts(
        settings,
        clock=clock,
        open_detector=lambda config: models.open_detector(config.detection),
        open_counter=counters_of(density),
    )
    domain = build_domain(foundation, parts=parts, sources=sources, check_model=models.check_choice)
    warmup = ModelWarmup(models, density)
    floor_plans = FloorPlanService(
        session_factory=session_factory,
        clock=clock,
        audit=audit,
        files=PlanFiles(settings.home / "uploads" / "floor_plans"),
    )
    began_at = clock.now()
    lifecycle = Lifecycle(
        (
            Step("model", warmup.start, warmup.stop),
            Step("floor-plans", lambda: floor_plans.prune(older_than=began_at), lambda: None),
            *domain.steps,
        )
    )
    system = SystemService(
        clock=clock,
        checks=_health_checks(
            settings,
            engine=engine,
            clock=clock,
            live_settings=live_settings,
            domain=domain,
            models=models,
            density=density,
            lifecycle=lifecycle,
        ),
        live=domain.live,
        streams=domain.frames.counters,
        writer=domain.metrics_writer.stats,
    )
    locations = LocationService(
        session_factory=session_factory,
        clock=clock,
        audit=audit,
        watch=domain.location_watch,
        zone=settings.timezone,
    )
    detection = build_detection(
        foundation,
        parts=parts,
        domain=domain,
        sources=sources,
        models=models,
        entries=locations.entries,
        stop=lifecycle.stop_wanted,
    )
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        session_factory=session_factory,
        secret_box=secret_box,
        audit=audit,
        accounts=accounts,
        users=users,
        live_settings=live_settings,
        system=system,
        models=models,
        density=density,
        bus=domain.bus,
        manager=domain.manager,
        frames=domain.frames,
        recorder=domain.recorder,
        metrics_writer=domain.metrics_writer,
        live=domain.live,
        events=domain.events,
        jobs=domain.jobs,
        launcher=domain.launcher,
        cameras=domain.cameras,
        calibrations=domain.calibrations,
        places=domain.places,
        uploads=domain.uploads,
        floor_plans=floor_plans,
        camera_tests=domain.camera_tests,
        detection=detection,
        metrics=domain.metrics,
        recordings=domain.recordings,
        spot_counts=domain.spot_counts,
        alert_manager=domain.alert_manager,
        alerts=domain.alerts,
        telegram=domain.telegram,
        telegram_test=ChannelTestService(
            session_factory=session_factory, clock=clock, audit=audit, channel=domain.telegram
        ),
        outbox=domain.outbox,
        locations=locations,
        location_watch=domain.location_watch,
        place_graph=domain.place_graph,
        lifecycle=lifecycle,
    )


def _health_checks(
    settings: Settings,
    *,
    engine: Engine,
    clock: Clock,
    live_settings: SettingsService,
    domain: Domain,
    models: ModelStore,
    density: DensityStore,
    lifecycle: Lifecycle,
) -> tuple[Check, ...]:
    surroundings = Surroundings(
        engine=engine,
        home=settings.home,
        min_free_bytes=settings.recording_min_free_mb * 2**20,
        setting_problems=lambda: live_settings.problems,
    )
    machinery = Machinery(
        clock=clock,
        live=domain.live,
        model=models.status,
        density=lambda: density_status(density),
        manager=domain.manager.stats,
        writer=domain.metrics_writer.stats,
        sinks=domain.bus.stats,
        jobs=domain.jobs.stats,
        alerts=domain.alert_manager.stats,
        outbox=domain.outbox.stats,
        recorder=domain.recorder.status,
        is_running=lambda: lifecycle.is_running,
    )
    locations = LocationHealth(
        stats=domain.location_watch.stats, is_running=lambda: lifecycle.is_running
    )
    return (
        surroundings.check_database,
        surroundings.check_disk,
        surroundings.check_settings,
        machinery.check_model,
        machinery.check_density,
        machinery.check_cameras,
        machinery.check_load,
        machinery.check_pipeline,
        machinery.check_metrics,
        machinery.check_alerts,
        machinery.check_notifications,
        machinery.check_recorder,
        locations.check_locations,
    )

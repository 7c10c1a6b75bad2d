"""What cameras are made of: the factories of `vision`, `crowd` and `risk`, bound to settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend.core.calibration import BackgroundFeatures
from backend.core.camera import SIMULATION_MODEL, CameraConfig, ModelInfo
from backend.core.clock import Clock
from backend.core.settings import Settings
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import Analyzer, FlowMeter, PipelineParts, SaturationExaminer, ViewCheck
from backend.risk.params import RiskParams
from backend.services.engine import SourceTools
from backend.vision.appearance_model import AppearanceStore
from backend.vision.density.counter import DensityCounter
from backend.vision.detector import Detector
from backend.vision.heads import ClassMap
from backend.vision.model_store import ModelStore
from backend.vision.model_store.programs import Programs
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.creation_time import read_creation_time
from backend.vision.sources.factory import make_source
from backend.vision.sources.probe import probe_source, probe_upload
from backend.vision.sources.redact import redact_source
from backend.vision.sources.validate import validate_source

if TYPE_CHECKING:
    from backend.risk.calculator import RiskCalculator
    from backend.risk.zone_risks import ZoneRisks
    from backend.vision.tracker import Embedder, Tracker


def source_limits(settings: Settings) -> SourceLimits:
    """Return what sources of this installation may open."""
    return SourceLimits(
        file_folders=settings.file_source_folders,
        upload_folder=settings.home / "uploads",
        allow_private=settings.allow_private_sources,
        open_timeout_s=settings.source_open_timeout_s,
        read_timeout_s=settings.source_read_timeout_s,
        max_minutes=settings.max_video_minutes,
        max_megapixels=settings.max_video_megapixels,
        max_file_bytes=settings.max_upload_mb * 2**20,
        decoding=settings.video_decoding,
    )


def build_source_tools(settings: Settings, clock: Clock) -> SourceTools:
    """Return validation and probing of sources, with this installation's limits."""
    limits = source_limits(settings)
    return SourceTools(
        validate=lambda spec: validate_source(spec, limits),
        redact=redact_source,
        probe=lambda spec: probe_source(spec, limits=limits, clock=clock),
        probe_upload=lambda path: probe_upload(path, limits=limits),
        creation_time=lambda path: read_creation_time(path, limits=limits),
    )


def build_model_store(
    settings: Settings, clock: Clock, *, fallback_only: bool = False
) -> ModelStore:
    """Return the store of the configured detector, or of the fallback; nothing is loaded yet."""
    return ModelStore(
        home=settings.home,
        yolo_model=settings.yolo_model,
        imgsz=settings.yolo_imgsz,
        confidence=settings.yolo_confidence,
        iou=settings.yolo_iou,
        precision=settings.inference_precision,
        offline=settings.offline,
        clock=clock,
        fallback_only=fallback_only,
        classes=ClassMap.of_names(settings.yolo_classes),
        runtime=settings.inference_runtime,
        device=settings.inference_device,
    )


def no_counter() -> None:
    """Count nothing by a density network."""


def build_pipeline_parts(
    settings: Settings,
    *,
    clock: Clock,
    open_detector: Callable[[CameraConfig], Detector],
    open_counter: Callable[[], DensityCounter | None] = no_counter,
) -> PipelineParts:
    """Return the factories of everything one camera needs.

    Args:
        settings: Start-up settings.
        clock: Both clocks.
        open_detector: Handle on the network a camera is to use; may load it.
        open_counter: Handle on the density network, None where there is to be none; may load it.
    """
    limits = source_limits(settings)
    appearances = AppearanceStore(
        settings.home / "models",
        Programs(settings.home / "instance" / "ultralytics", threading.Event()),
        precision=settings.inference_precision,
    )
    return PipelineParts(
        make_source=lambda spec, start: make_source(spec, limits=limits, clock=clock, start=start),
        open_detector=open_detector,
        make_tracker=lambda config, rate_hz: _make_tracker(
            settings, config, rate_hz, appearances.open_embedder
        ),
        make_analyzer=_make_analyzer,
        make_risk=_make_risk,
        make_zone_risks=_make_zone_risks,
        make_saturation=_make_saturation,
        make_view_check=_make_view_check,
        make_flow=_make_flow,
        make_counter=lambda _config: open_counter(),
        density_interval_s=settings.density_interval_s,
    )


# The rooms below bring scikit-learn, SciPy and torch: seconds that a camera's own thread pays,
# not the start of the web server.


def _make_tracker(
    settings: Settings, config: CameraConfig, rate_hz: float, open_embedder: Callable[[], Embedder]
) -> Tracker:
    from backend.vision.adapters.trackers import make_tracker  # noqa: PLC0415
    from backend.vision.tracker import TrackerParams  # noqa: PLC0415

    confidence = settings.yolo_confidence
    params = TrackerParams(
        high_confidence=confidence,
        low_confidence=min(TrackerParams().low_confidence, confidence),
        new_track_confidence=confidence,
    )
    return make_tracker(config.detection, rate_hz, params, open_embedder=open_embedder)


def _make_analyzer(config: CameraConfig, params: AnalysisParams, model: ModelInfo) -> Analyzer:
    from backend.crowd.analyzer import CrowdAnalyzer  # noqa: PLC0415
    from backend.crowd.counting import PERFECT_RECALL  # noqa: PLC0415

    return CrowdAnalyzer(
        params,
        area_m2=config.area_m2,
        people_limit=config.people_limit,
        model=model,
        calibration=config.calibration,
        exits=config.exits,
        recall=PERFECT_RECALL if model is SIMULATION_MODEL else None,
    )


def _make_risk(config: CameraConfig, params: RiskParams) -> RiskCalculator:
    from backend.risk.calculator import RiskCalculator  # noqa: PLC0415

    return RiskCalculator(params, people_limit=config.people_limit)


def _make_zone_risks(params: RiskParams) -> ZoneRisks:
    from backend.risk.zone_risks import ZoneRisks  # noqa: PLC0415

    return ZoneRisks(params)


def _make_saturation(detector: Detector) -> SaturationExaminer:
    from backend.vision.saturation import SaturationProbe  # noqa: PLC0415

    return SaturationProbe(detector)


def _make_view_check(reference: BackgroundFeatures | None) -> ViewCheck:
    from backend.vision.camera_moved import CameraMovedCheck  # noqa: PLC0415

    return CameraMovedCheck(reference)


def _make_flow() -> FlowMeter:
    from backend.vision.optical_flow import DenseFlow  # noqa: PLC0415

    return DenseFlow()

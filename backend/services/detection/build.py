"""Detection on demand, wired."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from backend.pipeline.picture_encoder import PictureEncoder
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.services.detection.camera_detection import CameraDetection
from backend.services.detection.desk import DetectionDesk
from backend.services.detection.frame_meter import MeterParts
from backend.services.detection.location_counts import LocationCounts
from backend.services.detection.picture_detection import PictureDetection
from backend.services.detection.source_looks import SourceDoor, SourceLooks
from backend.services.domain import Domain
from backend.services.engine import SourceTools
from backend.services.locations.entries import LocationEntries
from backend.services.outlets import Foundation
from backend.vision.model_store import ModelStore
from backend.vision.overlay import OverlayParams, OverlayRenderer
from backend.vision.still_image import StillLimits


@dataclass(frozen=True, slots=True)
class Detection:
    """Both ways to ask."""

    pictures: PictureDetection
    cameras: CameraDetection


def build_detection(
    base: Foundation,
    *,
    parts: PipelineParts,
    domain: Domain,
    sources: SourceTools,
    models: ModelStore,
    entries: LocationEntries,
    stop: threading.Event,
) -> Detection:
    """Wire detection on demand; opens nothing and starts nothing.

    Args:
        base: Settings, clock, database.
        parts: What cameras are made of.
        domain: What runs.
        sources: Takes credentials out of messages.
        models: Which models there are.
        entries: Takes counts of locations.
        stop: Set when the server ends.
    """
    settings = base.settings

    def params() -> PipelineParams:
        live = base.live_settings.current()
        return PipelineParams(live.analysis, live.risk)

    desk = DetectionDesk(
        MeterParts(parts, params, base.clock, domain.scheduler),
        PictureEncoder(
            OverlayRenderer(
                OverlayParams(heat_sigma_px=settings.heatmap_sigma_px, zone=settings.timezone)
            )
        ),
        confidence=settings.yolo_confidence,
    )
    return Detection(
        PictureDetection(
            desk,
            check_model=models.check_choice,
            limits=StillLimits(max_pixels=int(settings.max_video_megapixels * 1_000_000)),
        ),
        CameraDetection(
            session_factory=base.session_factory,
            launcher=domain.launcher,
            live=domain.live,
            newest=domain.frames.newest,
            looks=SourceLooks(
                SourceDoor(
                    make_source=parts.make_source,
                    redact=sources.redact,
                    first_picture_s=settings.source_read_timeout_s,
                    wait=stop.wait,
                ),
                desk,
            ),
            desk=desk,
            wait=stop.wait,
            note_count=LocationCounts(base.session_factory, domain.live, entries).note,
        ),
    )

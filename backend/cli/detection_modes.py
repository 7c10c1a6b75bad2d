"""The detectors a person can choose from on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from typing import TypeAlias

from backend.core.camera import CameraConfig
from backend.core.clock import Clock
from backend.core.settings import Settings
from backend.services.parts import build_model_store
from backend.vision.detector import Detector, DetectorParams

OpenDetector: TypeAlias = Callable[[CameraConfig], Detector]
Tell: TypeAlias = Callable[[str], None]


class DetectorMode(StrEnum):
    """What finds the people."""

    YOLO = "yolo"
    """The configured detector, of each camera its own where it has one; else the fallback."""
    FALLBACK = "fallback"
    """The reduced-accuracy network."""
    HOG = "hog"
    """The classic detector without a network, an optional extra of OpenCV."""


@contextmanager
def detectors_of(
    mode: DetectorMode, settings: Settings, *, clock: Clock, tell: Tell
) -> Iterator[OpenDetector]:
    """Load the mode's detector and hand out one handle for each camera; let go of it at the end.

    Args:
        mode: Which.
        settings: Start-up settings.
        clock: Both clocks.
        tell: Told what happens, a sentence at a time.

    Raises:
        ModelError: It is not to be had; says what to do.
    """
    if mode is DetectorMode.HOG:
        with _hog(settings, tell) as open_hog:
            yield open_hog
        return
    models = build_model_store(settings, clock, fallback_only=mode is DetectorMode.FALLBACK)
    try:
        models.prepare(tell)
        if mode is DetectorMode.FALLBACK:  # also of cameras that have a model of their own
            yield lambda config: models.open_detector(replace(config.detection, model=None))
        else:
            yield lambda config: models.open_detector(config.detection)
    finally:
        models.close()


@contextmanager
def _hog(settings: Settings, tell: Tell) -> Iterator[OpenDetector]:
    """Share one classifier among all cameras, each with the tiles it was given."""
    # An optional extra that few installations have.
    from backend.vision.adapters.hog import REMEDY, open_hog_network  # noqa: PLC0415
    from backend.vision.network_detector import DetectorPlan, NetworkDetector  # noqa: PLC0415
    from backend.vision.tiling import TilingParams  # noqa: PLC0415

    network, head = open_hog_network()
    tell("Detector: hog (opencv)")
    tell(f"REDUCED ACCURACY: {REMEDY}")
    params = DetectorParams(
        confidence=settings.yolo_confidence,
        weak_confidence=min(DetectorParams().weak_confidence, settings.yolo_confidence),
        iou=settings.yolo_iou,
    )

    def open_detector(config: CameraConfig) -> Detector:
        tiles = config.detection.tiles
        return NetworkDetector(
            network,
            head,
            DetectorPlan(
                params,
                size=settings.yolo_imgsz,
                tiling=None if tiles is None else TilingParams.of_grid(*tiles),
                reduced_accuracy=True,
                remedy=REMEDY,
            ),
        )

    try:
        yield open_detector
    finally:
        network.close()

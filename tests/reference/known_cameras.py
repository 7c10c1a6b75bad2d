"""Two cameras with people on ground that is known: PETS 2009 S2.L1 and Town Centre.

Homographies were fitted from the published camera calibrations, without lens distortion. Against
those their largest error is 0.14 m on PETS and their median error 0.04 m on Town Centre.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.calibration import (
    AutomaticCalibration,
    GroundPlane,
    MonitoredGround,
    estimate_from_heights,
)
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector

PETS_WH, TOWN_WH = (768, 576), (1920, 1080)
PETS_FPS = 7.0
"""By protocol; the file's header says 10."""
PETS_VIEW_DEG = 35.9
"""From the published focal length and pixel pitch: 384 px / 1185 px."""
TOWN_VIEW_DEG = 39.2
"""960 px / 2696 px."""


@dataclass(frozen=True)
class Errors:
    """An estimated plane against the true one, over the ground that is to be monitored."""

    length: float
    area: float


def _plane(file: Path) -> GroundPlane:
    return GroundPlane.from_matrix(json.loads(file.read_text())["homography_image_px_to_ground_m"])


def pets(assets: Path) -> tuple[GroundPlane, FloatArray]:
    """Ground plane of PETS 2009 S2.L1, and the rows of its ground truth."""
    folder = assets / "data" / "mot" / "PETS09-S2L1"
    truth = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    return _plane(folder / "calibration" / "view001_homography.json"), truth


def town_plane(assets: Path) -> GroundPlane:
    """Ground plane of Town Centre."""
    return _plane(assets / "data" / "mot" / "TownCentre" / "towncentre_homography.json")


def boxes_of(truth: FloatArray) -> FloatArray:
    """(N, 4) corners of the boxes of a MOT ground truth."""
    return np.column_stack([truth[:, 2:4], truth[:, 2:4] + truth[:, 4:6]])


def estimate(
    boxes: FloatArray, picture_wh: tuple[int, int], view_deg: float | None
) -> AutomaticCalibration:
    """Automatic calibration from boxes."""
    foot = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
    return estimate_from_heights(
        foot, boxes[:, 3] - boxes[:, 1], picture_wh=picture_wh, field_of_view_deg=view_deg
    )


def compare(found: GroundPlane, true: GroundPlane, picture_wh: tuple[int, int]) -> Errors:
    """Median relative error of metre-long steps on the true ground, and error of its area."""
    ground = MonitoredGround.build(true, picture_wh=picture_wh)
    west, south, east, north = ground.measurement_area.bounds
    x, y = np.meshgrid(np.linspace(west, east, 40), np.linspace(south, north, 40))
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    places = places[ground.contains(places)]
    steps = [
        np.linalg.norm(
            found.to_world(true.to_image(places + step)) - found.to_world(true.to_image(places)),
            axis=1,
        )
        for step in np.eye(2)
    ]
    return Errors(
        length=float(np.nanmedian(np.concatenate(steps))) - 1,
        area=found.area_m2(ground.measurement_px) / ground.area_m2 - 1,
    )


def is_covered(found: AutomaticCalibration, errors: Errors) -> bool:
    """Whether the true area lies within the published 90 % interval."""
    return abs(1 / (1 + errors.area) - 1) <= found.area_spread


def detect_town(assets: Path, *, every: int) -> FloatArray:
    """(N, 4) people the real detector finds in every so-manieth frame of Town Centre."""
    return _detect(assets, assets / "videos" / "town-centre.mp4", every)


def detect_pets(assets: Path, *, every: int) -> FloatArray:
    """(N, 4) people the real detector finds in every so-manieth frame of PETS 2009 S2.L1."""
    return _detect(assets, assets / "data" / "mot" / "PETS09-S2L1" / "PETS09-S2L1.avi", every)


def _detect(assets: Path, video: Path, every: int) -> FloatArray:
    network, head = open_yolo(assets / "models" / "yolo11n_int8_openvino_model", precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams(confidence=0.4)))
    found = []
    try:
        with av.open(str(video)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number % every == 0:
                    found.append(detector.detect(frame.to_ndarray(format="bgr24")).boxes_xyxy)
    finally:
        detector.close()
        network.close()
    return np.concatenate(found).astype(np.float64)

"""The classic detector: its boxes and confidences, and what is said where OpenCV lacks it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.hog import open_hog, open_hog_network
from backend.vision.detector import DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams
from tests.builders import image

HERE = hasattr(cv2, "HOGDescriptor")


class FakeDescriptor:
    """Finds one window of 64 × 128 in the middle of every picture, and a doubtful one."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def detectMultiScale(self, picture: npt.NDArray[np.uint8], **_: Any) -> tuple[Any, Any]:
        height, width = picture.shape[:2]
        self.sizes.append((width, height))
        left, top = width // 2 - 32, height // 2 - 64
        return np.array([[left, top, 64, 128], [0, 0, 64, 128]]), np.array([[2.0], [-3.0]])


def test_boxes_lose_the_margin_of_their_windows() -> None:
    network, head = open_hog_network(FakeDescriptor())
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams(), size=320))
    found = detector.detect(image(width=320, height=320))
    assert found.boxes_xyxy[0] == pytest.approx([140.8, 112, 179.2, 208], abs=0.1)
    assert found.confidence == pytest.approx([0.88], abs=0.01)
    assert detector.info.runtime == "opencv"
    detector.close()
    network.close()


def test_tiles_and_pictures_without_anybody() -> None:
    class Blind(FakeDescriptor):
        def detectMultiScale(self, picture: npt.NDArray[np.uint8], **_: Any) -> tuple[Any, Any]:
            super().detectMultiScale(picture)
            return (), ()

    descriptor = Blind()
    network, head = open_hog_network(descriptor)
    plan = DetectorPlan(DetectorParams(), size=320, tiling=TilingParams.of_grid(2, 1))
    detector = NetworkDetector(network, head, plan)
    assert len(detector.detect(image(width=640, height=320))) == 0
    assert len(descriptor.sizes) == 2
    detector.close()
    network.close()


def test_opencv_with_or_without_it() -> None:
    """With the contrib modules it finds nobody on a grey wall; without, the remedy is named."""
    if not HERE:
        with pytest.raises(ModelError, match=r"pip install -r requirements-hog\.txt"):
            open_hog(DetectorParams())
        return
    detector = open_hog(DetectorParams(), size=320)
    assert len(detector.detect(image(width=320, height=320, value=90))) == 0
    assert detector.info.reduced_accuracy and "YOLO_MODEL" in detector.info.remedy
    detector.close()

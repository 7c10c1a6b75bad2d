"""YOLO_MODEL=hog: the classic detector through the model store, where OpenCV carries it."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from backend.core.clock import SystemClock
from backend.core.errors import ModelError
from backend.vision.model_store import ModelStore
from tests.builders import image


def test_hog_is_a_model_that_needs_no_file(tmp_path: Path) -> None:
    store = ModelStore(
        home=tmp_path,
        yolo_model="hog",
        imgsz=320,
        confidence=0.25,
        iou=0.5,
        precision="auto",
        offline=True,
        clock=SystemClock(),
    )
    entry = store.available()[0]
    assert (entry.name, entry.runtime, entry.is_default) == ("hog", "opencv", True)
    if not hasattr(cv2, "HOGDescriptor"):
        with pytest.raises(ModelError, match=r"pip install -r requirements-hog\.txt"):
            store.open_detector()
        assert "requirements-hog.txt" in store.available()[0].problem
    else:
        detector = store.open_detector()
        assert len(detector.detect(image(width=320, height=320, value=90))) == 0
        assert detector.info.reduced_accuracy and "YOLO_MODEL" in detector.info.remedy
        detector.close()
    store.close()

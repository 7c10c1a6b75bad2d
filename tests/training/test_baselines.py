"""Marks and detectors to compare with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.core.errors import ModelError
from tests.conftest import ASSETS, unavailable
from tests.training.dataset_files import save_picture
from training.baselines import PUBLISHED, open_detectors
from training.datasets.base import LabelledPicture
from training.datasets.registry import DATASET_NAMES


def test_published_marks_are_of_known_datasets() -> None:
    assert set(PUBLISHED) <= set(DATASET_NAMES)
    marks = {each.network: (each.mae, each.rmse) for each in PUBLISHED["shanghaitech-a"]}
    assert marks == {"MCNN": (110.2, 173.2), "CSRNet": (68.2, 115.0), "SANet": (67.0, 104.5)}


def test_a_detector_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ModelError, match=r"nothing\.onnx"),
        open_detectors(tmp_path / "nothing.onnx"),
    ):
        pass


@pytest.mark.assets
def test_tiles_find_more_people_than_the_whole_picture(tmp_path: Path) -> None:
    if ASSETS is None:
        unavailable("CROWDSAFE_TEST_ASSETS is not set")
    assets = Path(str(ASSETS))
    picture = assets / "data/counting/ShanghaiTech/part_B/train_data/images/IMG_2.jpg"
    crowd = LabelledPicture("crowd", picture, np.zeros((0, 2), np.float32))
    nobody = LabelledPicture(
        "nobody", save_picture(tmp_path / "grey.jpg", wh=(320, 240)), crowd.heads_px
    )
    with open_detectors(assets / "models/yolo11n_int8_openvino_model") as counters:
        assert [each.name for each in counters] == [
            "yolo11n, whole picture, confidence 0.25",
            "yolo11n, whole picture, confidence 0.1",
            "yolo11n, 4 × 3 tiles, confidence 0.1",
        ]
        usual, faint, tiled = (each.count(crowd, "mall").counted for each in counters)
        assert usual < faint < tiled
        assert counters[0].count(nobody, "mall").counted == 0

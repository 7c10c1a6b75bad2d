"""From one labelled picture to what every table is computed from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from backend.core.camera import ModelInfo
from backend.core.errors import ModelError
from backend.core.frame import Detections, Image
from backend.vision.detector import DetectionTicket, DetectorParams, Region
from tests.builders import boxes
from tests.training.dataset_files import save_picture
from training.counters import BoxCounter, TorchCounter, count_dataset, count_map, cut_blocks
from training.datasets.base import Dataset, LabelledPicture
from training.evaluation import count_picture


class Constant(nn.Module):
    """One person in every cell of 8 x 8 pixels."""

    stride = 8

    def forward(self, picture: Tensor) -> Tensor:
        return torch.ones(1, 1, picture.shape[2] // 8, picture.shape[3] // 8)


class FixedDetector:
    """Finds the same boxes in every picture."""

    params = DetectorParams()

    def __init__(self, found: npt.NDArray[np.float32]) -> None:
        self._found = found
        self.is_closed = False

    @property
    def info(self) -> ModelInfo:
        raise NotImplementedError

    def submit(self, image: Image) -> DetectionTicket:
        raise NotImplementedError

    def detect(self, image: Image) -> Detections:
        return Detections(self._found, np.ones(len(self._found), np.float32))

    def survey(self, image: Image, regions: Sequence[Region], *, confidence: float) -> Detections:
        raise NotImplementedError

    def close(self) -> None:
        self.is_closed = True


def labelled(
    folder: Path,
    *heads: tuple[float, float],
    wh: tuple[int, int] = (520, 512),
    region: object = None,
) -> LabelledPicture:
    path = save_picture(folder / "IMG_1.jpg", wh=wh)
    outline = None if region is None else np.array(region, np.float32)
    return LabelledPicture("IMG_1", path, np.array(heads, np.float32).reshape(-1, 2), outline)


def test_the_count_is_the_sum_of_the_whole_map_as_in_training(tmp_path: Path) -> None:
    # 520 x 512 pixels are padded to 528 x 512: 66 x 64 cells
    picture = labelled(tmp_path, (3, 3), (519, 511), (600, 700))
    counter = TorchCounter(Constant(), name="constant")
    found = counter.count(picture, "mall")
    assert found.counted == 66 * 64 == count_picture(Constant(), picture)
    assert found.true == 3  # one of them beyond the border
    assert found.regions_counted.sum() == pytest.approx(found.counted)
    assert found.regions_true[0, 0] == 1 and found.regions_true[7, 7] == 2
    assert (found.dataset, found.name) == ("mall", "IMG_1")


def test_heads_of_an_enlarged_picture_lie_where_they_lay(tmp_path: Path) -> None:
    picture = labelled(tmp_path, (10, 40), wh=(64, 64))
    found = TorchCounter(Constant(), name="constant").count(picture, "mall")
    assert found.counted == 64 * 64  # enlarged to 512 x 512
    assert found.regions_true[5, 1] == 1


def test_where_a_region_is_given_only_it_is_counted(tmp_path: Path) -> None:
    left_half = [(0, 0), (255, 0), (255, 511), (0, 511)]
    picture = labelled(tmp_path, (10, 10), wh=(512, 512), region=left_half)
    found = TorchCounter(Constant(), name="constant").count(picture, "mall")
    assert found.counted == pytest.approx(32 * 64)


def test_counting_as_the_server_does_leaves_the_padding_out(tmp_path: Path) -> None:
    picture = labelled(tmp_path, (519, 511), (3, 3))
    # 520 x 512 scaled to 260 x 256, on an input of 272 x 256: 33 x 32 cells show some of it
    found = TorchCounter(Constant(), name="constant", long_px=260).count(picture, "mall")
    assert found.counted == 33 * 32
    assert found.regions_true[7, 7] == found.regions_true[0, 0] == 1


def test_a_map_that_is_no_number_is_refused(tmp_path: Path) -> None:
    picture = labelled(tmp_path)
    with pytest.raises(ModelError, match="IMG_1: the map is not finite"):
        count_map(
            picture,
            "mall",
            predict=lambda image: np.full((64, 65), np.nan, np.float32),
            stride=8,
        )


def test_occupied_blocks_of_four_by_four_cells() -> None:
    people = np.zeros((9, 8), np.float32)
    people[0:4, 0:4] = 0.5
    heads = np.array([[60, 40]] * 16, np.float32)  # in the block at the lower right
    found = cut_blocks(people, heads, stride=8)
    assert found.tolist() == [[0.5, 0], [0, 1]]


def test_a_detector_counts_its_boxes_where_the_heads_are(tmp_path: Path) -> None:
    picture = labelled(tmp_path, (10, 10), wh=(80, 80))
    detector = FixedDetector(boxes((0, 18, 10, 58), (70, 70, 80, 80)))
    counter = BoxCounter(detector, name="fixed")
    found = counter.count(picture, "mall")
    assert (found.counted, found.true) == (2, 1)
    assert found.regions_counted[2, 0] == 1  # head at (5, 22)
    assert found.regions_counted[7, 7] == 1
    assert len(found.blocks) == 0
    counter.close()
    assert detector.is_closed


def test_a_dataset_is_counted_in_its_order(tmp_path: Path) -> None:
    names = ("b", "a", "c")
    pictures = tuple(
        LabelledPicture(name, save_picture(tmp_path / f"{name}.jpg"), np.zeros((0, 2), np.float32))
        for name in names
    )
    counter = TorchCounter(Constant(), name="constant")
    found = list(count_dataset(counter, Dataset("mall", pictures)))
    assert [each.name for each in found] == list(names)
    assert all(len(each.blocks) for each in found)

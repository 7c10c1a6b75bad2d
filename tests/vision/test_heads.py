"""Which networks are person detectors, and where their persons are."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.errors import ModelError
from backend.vision.heads import ClassMap, EndToEndHead, SsdHead, YoloHead, choose_yolo_head
from backend.vision.network import NetworkInfo

COCO_START = {0: "person", 1: "bicycle"}


def _info(labels: dict[int, str], *, task: str = "detect") -> NetworkInfo:
    return NetworkInfo("tiny", "openvino", "f32", (64, 64), ("output0",), "tiny.onnx", labels, task)


def test_yolo_boxes_and_scores() -> None:
    output = np.zeros((1, 6, 10), np.float32)
    output[0, :, 3] = (20, 30, 10, 20, 0.1, 0.8)
    output[0, :, 4] = (20, 30, 10, 20, 0.9, 0.2)
    found = YoloHead((1,)).decode((output,), threshold=0.25, canvas_hw=(64, 64))
    assert found.boxes_xyxy.tolist() == [[15, 20, 25, 40]]
    assert found.scores == pytest.approx([0.8])


def test_of_several_classes_the_highest_score_counts() -> None:
    output = np.zeros((1, 7, 10), np.float32)
    output[0, :, 3] = (20, 30, 10, 20, 0.1, 0.8, 0.9)
    output[0, :, 4] = (20, 30, 10, 20, 0.7, 0.2, 0.9)
    output[0, :, 5] = (20, 30, 10, 20, 0.1, 0.2, 0.9)
    found = YoloHead((0, 1)).decode((output,), threshold=0.25, canvas_hw=(64, 64))
    assert found.scores == pytest.approx([0.8, 0.7])


def test_end_to_end_boxes_of_other_classes_are_left_out() -> None:
    output = np.array([[[1, 2, 3, 4, 0.9, 0], [5, 6, 7, 8, 0.8, 2], [1, 1, 2, 2, 0.1, 0]]])
    found = EndToEndHead((0,)).decode(
        (output.astype(np.float32),), threshold=0.25, canvas_hw=(9, 9)
    )
    assert found.boxes_xyxy.tolist() == [[1, 2, 3, 4]]


def test_ssd_boxes_are_scaled_from_shares() -> None:
    outputs = (
        np.array([[[0.1, 0.2, 0.5, 0.4], [0, 0, 1, 1]]], np.float32),
        np.array([[0.7, 0.01]], np.float32),
    )
    found = SsdHead(0, 1).decode(outputs, threshold=0.25, canvas_hw=(100, 200))
    assert found.boxes_xyxy[0] == pytest.approx([40, 10, 80, 50])


@pytest.mark.parametrize(
    ("labels", "shape", "expected"),
    [
        (COCO_START, (1, 6, 8400), YoloHead((0,))),
        ({0: "car", 1: "Pedestrian"}, (1, 6, 8400), YoloHead((1,))),
        ({0: "head"}, (1, 5, 8400), YoloHead((0,))),
        ({}, (1, 84, 8400), YoloHead((0,))),
        ({0: "0", 1: "1"} | {n: str(n) for n in range(80)}, (1, 84, None), YoloHead((0,))),
        (COCO_START, (1, None, None), YoloHead((0,))),
        (COCO_START, (1, 300, 6), EndToEndHead((0,))),
    ],
)
def test_person_class_by_name(
    labels: dict[int, str], shape: tuple[int | None, ...], expected: object
) -> None:
    assert choose_yolo_head(_info(labels), shape) == expected


@pytest.mark.parametrize(
    ("labels", "shape", "reason"),
    [
        ({}, (1, 1000), "not a YOLO detector"),
        ({}, (1, 10, 8400), "which of its classes"),
        ({0: "car", 1: "dog"}, (1, 6, 8400), "detects no persons"),
        (COCO_START, (1, 9, 8400), "names 2 classes"),
        (COCO_START, (1, 6, 3), "not a YOLO detector"),
    ],
)
def test_other_networks_are_refused_by_name(
    labels: dict[int, str], shape: tuple[int, ...], reason: str
) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx") as refused:
        choose_yolo_head(_info(labels), shape)
    assert reason in str(refused.value)


VISDRONE_LIKE = {0: "pedestrian", 1: "people", 2: "car", 3: "Rider"}


@pytest.mark.parametrize(
    ("labels", "wanted", "expected"),
    [
        (VISDRONE_LIKE, [], (0, 1)),
        (VISDRONE_LIKE, ["rider", "pedestrian"], (0, 3)),
        (VISDRONE_LIKE, [" RIDER ", ""], (3,)),
        ({}, ["2"], (2,)),
        ({0: "head", 1: "helmet"}, ["head", "1"], (0, 1)),
        (VISDRONE_LIKE, ["rider", "of some other model"], (3,)),
    ],
)
def test_classes_that_count_as_people_can_be_named(
    labels: dict[int, str], wanted: list[str], expected: tuple[int, ...]
) -> None:
    assert ClassMap.of_names(wanted).choose(_info(labels), 4) == expected


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [(VISDRONE_LIKE, ["dog"]), ({0: "head"}, ["person"]), ({}, ["person"]), ({}, ["9"])],
)
def test_when_no_class_counts_the_setting_is_named(
    labels: dict[int, str], wanted: list[str]
) -> None:
    with pytest.raises(ModelError, match="YOLO_CLASSES"):
        ClassMap.of_names(wanted).choose(_info(labels), 4)


def test_a_pose_model_is_refused() -> None:
    with pytest.raises(ModelError, match="pose"):
        choose_yolo_head(_info(COCO_START, task="pose"), (1, 56, 8400))

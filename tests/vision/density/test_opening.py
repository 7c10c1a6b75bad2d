"""Which runtime computes a density network, and what is refused as none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import ModelError
from backend.vision.density.card import load_card
from backend.vision.density.opening import OpenedNetwork, RuntimeChoice, open_density_network
from tests.vision.density.tiny_density import save_card, save_network
from tests.vision.tiny_networks import save_classifier, save_detector, spread_boxes


def opened(path: Path, **choice: str) -> OpenedNetwork:
    return open_density_network(path, load_card(path), RuntimeChoice(**choice))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = save_network(tmp_path / "tiny.onnx")
    save_card(path)
    return path


@pytest.mark.parametrize(
    ("runtime", "computed_by", "told"),
    [
        ("auto", "openvino", ""),
        ("openvino", "openvino", ""),
        ("onnxruntime", "onnxruntime", ""),
        ("torch", "openvino", "INFERENCE_RUNTIME=torch is for detectors"),
    ],
)
def test_the_runtime_asked_for_computes(
    weights: Path, runtime: str, computed_by: str, told: str
) -> None:
    found = opened(weights, runtime=runtime)
    try:
        assert found.network.info.runtime == computed_by
        assert found.remark.startswith(told)
        assert bool(found.remark) == bool(told)
    finally:
        found.network.close()


def test_automatic_precision_is_single(weights: Path) -> None:
    found = opened(weights)
    try:
        request = found.network.open_request((64, 64))
        request.close()
        assert found.network.info.precision == "f32"
    finally:
        found.network.close()


@pytest.mark.parametrize("runtime", ["auto", "torch"])
def test_without_the_gpu_asked_for_the_processor_counts_and_it_is_said(
    weights: Path, runtime: str
) -> None:
    found = opened(weights, runtime=runtime, device="cuda:7")
    try:
        if found.network.info.device == "cpu":
            assert "OpenVINO on the processor" in found.remark
    finally:
        found.network.close()


def test_a_device_that_is_not_there_is_named(weights: Path) -> None:
    with pytest.raises(ModelError, match="INFERENCE_DEVICE=cuda is not for OpenVINO"):
        opened(weights, runtime="openvino", device="cuda")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"output": "output0"}, "one output 'density' was expected, it has output0"),
        ({"side": 64}, "takes pictures of 64 × 64 pixels only; export it with free"),
        ({"stride": 4}, "a stride of 8 gives 1×1×8×12, the network gives 1×1×16×24"),
        ({"per_cell": float("nan")}, "answers no numbers"),
    ],
)
@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_other_graphs_are_refused(
    tmp_path: Path, runtime: str, changes: dict[str, Any], told: str
) -> None:
    path = save_network(tmp_path / "other.onnx", **changes)
    save_card(path)

    with pytest.raises(ModelError) as caught:
        opened(path, runtime=runtime)

    assert str(caught.value).startswith("other.onnx")
    assert told in str(caught.value)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_a_graph_that_takes_no_colour_picture_is_refused(tmp_path: Path, runtime: str) -> None:
    path = save_network(tmp_path / "grey.onnx", channels=1)
    save_card(path)

    with pytest.raises(ModelError, match=r"grey\.onnx"):
        opened(path, runtime=runtime)


def test_detectors_and_classifiers_are_refused(tmp_path: Path) -> None:
    detector = save_detector(tmp_path / "yolo.onnx", boxes_cxcywh=spread_boxes(), side=None)
    classifier = save_classifier(tmp_path / "classes.onnx")
    for path in (detector, classifier):
        save_card(path)
        with pytest.raises(ModelError, match=path.name):
            opened(path)


@pytest.mark.parametrize("runtime", ["auto", "openvino", "onnxruntime"])
def test_a_file_that_is_no_graph_is_refused(tmp_path: Path, runtime: str) -> None:
    path = tmp_path / "noise.onnx"
    path.write_bytes(bytes(range(256)) * 8)
    save_card(path)

    with pytest.raises(ModelError, match=r"noise\.onnx cannot be used"):
        opened(path, runtime=runtime)

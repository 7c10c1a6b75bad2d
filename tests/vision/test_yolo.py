"""Which runtime opens which file, and what is said where settings and file do not agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.onnx_network import choose_providers, scale_picture
from backend.vision.adapters.torch_cuda import choose_torch_device
from backend.vision.adapters.yolo import choose_export_format, open_yolo
from backend.vision.heads import ClassMap, YoloHead
from backend.vision.network import Network, Output
from tests.vision.tiny_networks import save_detector, spread_boxes


@pytest.fixture
def onnx_file(tmp_path: Path) -> Path:
    return save_detector(tmp_path / "tiny.onnx", boxes_cxcywh=spread_boxes())


def _answer(network: Network) -> Output:
    picture = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    request = network.open_request((64, 64))
    request.canvas[...] = picture
    request.start()
    assert request.wait(10)
    answer = request.outputs()[0].copy()
    request.close()
    return answer


def test_both_runtimes_answer_the_same(onnx_file: Path) -> None:
    ours, _ = open_yolo(onnx_file, precision="f32", runtime="openvino", device="cpu")
    theirs, _ = open_yolo(onnx_file, precision="f32", runtime="onnxruntime", device="cpu")
    assert (ours.info.runtime, theirs.info.runtime) == ("openvino", "onnxruntime")
    assert (theirs.info.precision, theirs.info.device) == ("f32", "cpu")
    assert _answer(ours) == pytest.approx(_answer(theirs), abs=1e-5)
    ours.close()
    theirs.close()


def test_classes_that_count_reach_the_head(onnx_file: Path) -> None:
    classes = ClassMap.of_names(["bicycle", "person"])
    network, head = open_yolo(onnx_file, precision="auto", classes=classes)
    assert head == YoloHead((0, 1))
    network.close()


@pytest.mark.parametrize("runtime", ["torch", "onnxruntime", "openvino"])
def test_a_file_the_runtime_does_not_read_names_the_setting(tmp_path: Path, runtime: str) -> None:
    path = tmp_path / ("yolo.torchscript" if runtime == "openvino" else "yolo_openvino_model")
    path.mkdir()
    with pytest.raises(ModelError, match=f"INFERENCE_RUNTIME={runtime} cannot use yolo"):
        open_yolo(path, precision="auto", runtime=runtime)


@pytest.mark.parametrize("runtime", ["auto", "openvino", "onnxruntime"])
def test_a_missing_gpu_names_the_setting(onnx_file: Path, runtime: str) -> None:
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE=cuda:77|cannot be used"):
        open_yolo(onnx_file, precision="auto", runtime=runtime, device="cuda:77")


def test_providers_of_onnx_runtime() -> None:
    cuda, cpu = "CUDAExecutionProvider", "CPUExecutionProvider"
    assert choose_providers("auto", [cpu]) == ("cpu", [cpu])
    assert choose_providers("cpu", [cuda, cpu]) == ("cpu", [cpu])
    assert choose_providers("auto", [cuda, cpu])[0] == "cuda:0"
    assert choose_providers("cuda:1", [cuda, cpu]) == ("cuda:1", [(cuda, {"device_id": 1}), cpu])
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE=cuda: .*onnxruntime-gpu"):
        choose_providers("cuda", [cpu])
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE=gpu .*INFERENCE_RUNTIME=openvino"):
        choose_providers("gpu", [cuda, cpu])


def test_pictures_become_planes_of_red_green_and_blue() -> None:
    picture = np.zeros((2, 3, 3), np.uint8)
    picture[..., 0], picture[..., 2] = 255, 51
    planes = scale_picture(picture)
    assert planes.shape == (1, 3, 2, 3) and planes.dtype == np.float32
    assert planes[0, :, 0, 0] == pytest.approx([0.2, 0.0, 1.0])


def test_weights_are_exported_to_what_the_machine_runs_best() -> None:
    here = "openvino" if choose_torch_device("auto") == "cpu" else "torchscript"
    assert choose_export_format("auto", "auto") == here
    assert choose_export_format("auto", "cpu") == "openvino"
    assert choose_export_format("auto", "gpu") == "openvino"
    assert choose_export_format("onnxruntime", "auto") == "onnx"
    assert choose_export_format("torch", "cpu") == "torchscript"
    with pytest.raises(ModelError, match="INFERENCE_DEVICE=cuda:77"):
        choose_export_format("auto", "cuda:77")

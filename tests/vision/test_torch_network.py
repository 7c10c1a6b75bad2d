"""TorchScript networks on the processor: worked examples, refusals, and OpenVINO's answers."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.micro_batching import BatchParams
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.adapters.torch_network import load_torchscript_facts, open_torchscript
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.network import Network, Output
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from tests.builders import image
from tests.vision.tiny_networks import spread_boxes
from tests.vision.tiny_torch import save_torchscript, save_untrained_yolo

HW = (64, 96)


def test_red_share_comes_back_as_confidence(tmp_path: Path) -> None:
    path = save_torchscript(tmp_path / "tiny.torchscript", boxes_cxcywh=spread_boxes())
    network, head = open_yolo(path, precision="auto", runtime="torch", device="cpu")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams(confidence=0.1)))
    found = detector.detect(image(width=64, height=64, value=(10, 20, 102)))
    assert found.confidence == pytest.approx([0.4] * 8, abs=0.01)
    assert found.boxes_xyxy[0] == pytest.approx([2, 24, 6, 40], abs=0.01)
    info = network.info
    assert (info.runtime, info.precision, info.device) == ("torch", "f32", "cpu")
    assert (info.fixed_hw, info.labels[1], info.stride) == ((64, 64), "person", 32)
    detector.close()
    network.close()


def test_free_sizes_are_said_by_the_file(tmp_path: Path) -> None:
    path = save_torchscript(
        tmp_path / "free.torchscript",
        boxes_cxcywh=spread_boxes(),
        metadata={"args": {"dynamic": True}},
    )
    network = open_torchscript(path)
    assert network.info.fixed_hw is None
    assert network.output_shape == (1, 7, None)
    request = network.open_request((32, 96))
    request.canvas[...] = (0, 0, 255)
    request.start()
    assert request.wait(20)
    assert request.outputs()[0][0, 5] == pytest.approx([1.0] * 8)
    request.close()
    network.close()


def _answers(
    network: Network, pictures: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]
) -> list[Output]:
    requests = [network.open_request(HW) for _ in pictures]
    for request, picture in zip(requests, pictures, strict=True):
        request.canvas[...] = picture
    for request in requests:
        request.start()
    assert all(request.wait(30) for request in requests)
    answers = [request.outputs()[0].copy() for request in requests]
    for request in requests:
        request.close()
    return answers


def test_a_batch_of_a_real_network_agrees_with_openvino(tmp_path: Path) -> None:
    script, folder = tmp_path / "yolo.torchscript", tmp_path / "yolo_openvino_model"
    save_untrained_yolo(script, folder, hw=HW)
    noise = np.random.default_rng(3)
    pictures = [noise.integers(0, 256, (*HW, 3), dtype=np.uint8) for _ in range(3)]
    batched = open_torchscript(script, device="cpu", params=BatchParams(limit=3, window_s=20.0))
    alone = OpenVinoNetwork(folder, precision="f32")
    for ours, theirs in zip(_answers(batched, pictures), _answers(alone, pictures), strict=True):
        assert ours.shape == theirs.shape == (1, 7, 126)
        assert ours[0, :4] == pytest.approx(theirs[0, :4], abs=0.01), "canvas pixels"
        assert ours[0, 4:] == pytest.approx(theirs[0, 4:], rel=1e-3)
    batched.close()
    alone.close()


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "weights.torchscript"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights/data.pkl", pickle.dumps(print))
    with pytest.raises(ModelError, match=r"weights\.torchscript carries no metadata"):
        open_torchscript(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("weights/extra/config.txt", '{"imgsz": [64, 64]}')
    with pytest.raises(ModelError, match=r"weights\.torchscript cannot be used"):
        open_torchscript(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "does not exist"), (b"noise" * 99, "not a TorchScript file")],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "odd.torchscript"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"odd\.torchscript .*{reason}"):
        open_torchscript(path)


def test_a_file_that_does_not_say_its_size_is_refused(tmp_path: Path) -> None:
    path = save_torchscript(
        tmp_path / "tiny.torchscript", boxes_cxcywh=spread_boxes(), metadata={"imgsz": "large"}
    )
    with pytest.raises(ModelError, match="does not say its input size"):
        load_torchscript_facts(path)

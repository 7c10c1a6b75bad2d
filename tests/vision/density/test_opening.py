"""Which runtime computes a density network, and what is refused as none."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.density.card import load_card
from backend.vision.density.opening import (
    OpenedNetwork,
    RuntimeChoice,
    Runtimes,
    open_density_network,
)
from backend.vision.network import NetworkRequest
from tests.vision.density.test_network_counter import HangingRequest
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


class Elsewhere:
    """ONNX Runtime on the processor that says it computes elsewhere, or not at all."""

    def __init__(self, path: Path, device: str) -> None:
        self._network = OnnxNetwork(path, device="cpu")
        self.info = replace(self._network.info, device=device)
        self.answers = threading.Event()
        self.closed = threading.Event()

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        return self._network.open_request(input_hw)

    def close(self) -> None:
        self._network.close()
        self.closed.set()


@pytest.mark.parametrize(
    ("runtime", "device", "computes_on", "told"),
    [
        ("auto", "cuda", "cpu", "INFERENCE_DEVICE=cuda: ONNX Runtime could not load CUDA"),
        ("onnxruntime", "cuda:1", "cpu", "INFERENCE_DEVICE=cuda:1: ONNX Runtime could not"),
        ("torch", "cuda", "cpu", "INFERENCE_DEVICE=cuda: ONNX Runtime could not load CUDA"),
        ("auto", "cuda", "cuda:0", ""),
        ("onnxruntime", "cuda", "cuda:0", ""),
        ("onnxruntime", "auto", "cpu", ""),
    ],
)
def test_a_processor_in_place_of_cuda_is_said(
    weights: Path, runtime: str, device: str, computes_on: str, told: str
) -> None:
    def on_device(path: Path, **_wanted: str) -> Elsewhere:
        return Elsewhere(path, computes_on)

    found = open_density_network(
        weights,
        load_card(weights),
        RuntimeChoice(runtime=runtime, device=device),
        runtimes=Runtimes(onnxruntime=on_device),
    )
    try:
        assert found.remark.startswith(told)
        assert bool(found.remark) == bool(told)
    finally:
        found.network.close()


@pytest.mark.parametrize(
    "reason",
    [ImportError("libtbb.so.12: cannot open shared object file"), OSError("wrong ELF class")],
)
def test_with_a_broken_library_the_other_runtime_counts(weights: Path, reason: Exception) -> None:
    def broken(_path: Path, **_wanted: str) -> Elsewhere:
        raise reason

    card, runtimes = load_card(weights), Runtimes(openvino=broken)
    found = open_density_network(weights, card, RuntimeChoice(), runtimes=runtimes)
    try:
        assert found.network.info.runtime == "onnxruntime"
        assert found.remark == f"Density is counted by ONNX Runtime: {reason}."
    finally:
        found.network.close()
    neither = Runtimes(openvino=broken, onnxruntime=broken)
    with pytest.raises(type(reason), match=str(reason)):
        open_density_network(weights, card, RuntimeChoice(), runtimes=neither)


class Hanging(Elsewhere):
    """Never answers while ``answers`` is not set; closing a request waits for that."""

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        return HangingRequest(super().open_request(input_hw), self.answers)


def test_a_network_that_hangs_is_refused_and_not_waited_for(weights: Path) -> None:
    hanging = Hanging(weights, "cpu")
    runtimes = Runtimes(openvino=lambda _path, **_wanted: hanging, probe_timeout_s=0.1)
    began_s = time.monotonic()
    try:
        with pytest.raises(ModelError, match=r"gave no answer within 0\.1 s"):
            open_density_network(weights, load_card(weights), RuntimeChoice(), runtimes=runtimes)
        assert time.monotonic() - began_s < 5.0
        assert hanging.closed.is_set()
    finally:
        hanging.answers.set()


_OPEN_WITHOUT_LIBRARY = """
import sys
from pathlib import Path
sys.modules[sys.argv[2]] = None  # importing it fails
from backend.core.errors import ModelError
from backend.vision.density.card import load_card
from backend.vision.density.opening import RuntimeChoice, open_density_network
path = Path(sys.argv[1])
try:
    open_density_network(path, load_card(path), RuntimeChoice(runtime=sys.argv[3]))
except ModelError as error:
    print(error)
opened = open_density_network(path, load_card(path), RuntimeChoice())
print(opened.network.info.runtime, "|", opened.remark)
"""


@pytest.mark.parametrize(
    ("library", "runtime", "told", "computes"),
    [
        ("openvino", "openvino", "OpenVINO cannot be loaded", "onnxruntime | Density is counted"),
        ("onnxruntime", "onnxruntime", "ONNX Runtime cannot be loaded", "openvino |"),
    ],
)
def test_a_runtime_that_cannot_be_loaded_is_named_with_the_remedy(
    weights: Path, library: str, runtime: str, told: str, computes: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _OPEN_WITHOUT_LIBRARY, str(weights), library, runtime],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )

    assert ended.returncode == 0, ended.stderr
    refusal, opened_by = ended.stdout.splitlines()
    assert refusal.startswith(told)
    assert "INFERENCE_RUNTIME=" in refusal
    assert opened_by.startswith(computes)

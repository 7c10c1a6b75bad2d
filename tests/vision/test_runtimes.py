"""OpenVINO and ONNX Runtime on tiny files: colour order, scaling, free sizes, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ModelError, UnavailableError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork, find_graph
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.heads import choose_yolo_head
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from tests.builders import image
from tests.vision.tiny_networks import save_classifier, save_detector, spread_boxes

RUNTIMES = (OpenVinoNetwork, OnnxNetwork)


def _open(runtime: type, path: Path) -> OpenVinoNetwork | OnnxNetwork:
    network: OpenVinoNetwork | OnnxNetwork = runtime(path)
    return network


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_red_share_comes_back_as_confidence(runtime: type, tmp_path: Path) -> None:
    network = _open(runtime, save_detector(tmp_path / "tiny.onnx", boxes_cxcywh=spread_boxes()))
    detector = NetworkDetector(
        network,
        choose_yolo_head(network.info, network.output_shape),
        DetectorPlan(DetectorParams(confidence=0.1)),
    )
    found = detector.detect(image(width=64, height=64, value=(10, 20, 102)))
    assert found.confidence == pytest.approx([0.4] * 8, abs=0.01)
    assert found.boxes_xyxy[0] == pytest.approx([2, 24, 6, 40], abs=0.01)
    assert network.info.fixed_hw == (64, 64)
    assert detector.info.runtime == network.info.runtime
    detector.close()
    network.close()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_free_size_runs_at_the_pictures_shape(runtime: type, tmp_path: Path) -> None:
    path = save_detector(tmp_path / "free.onnx", boxes_cxcywh=spread_boxes(), side=None)
    network = _open(runtime, path)
    detector = NetworkDetector(
        network,
        choose_yolo_head(network.info, network.output_shape),
        DetectorPlan(DetectorParams(), size=128),
    )
    assert network.info.fixed_hw is None
    found = detector.detect(image(width=256, height=128, value=(0, 0, 255)))
    assert detector.info.input_hw == (64, 128)
    assert found.boxes_xyxy[0] == pytest.approx([4, 48, 12, 80], abs=0.1)
    detector.close()
    network.close()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_end_to_end_network(runtime: type, tmp_path: Path) -> None:
    path = save_detector(tmp_path / "e2e.onnx", boxes_cxcywh=spread_boxes(), end_to_end=True)
    network = _open(runtime, path)
    detector = NetworkDetector(
        network,
        choose_yolo_head(network.info, network.output_shape),
        DetectorPlan(DetectorParams()),
    )
    assert len(detector.detect(image(width=64, height=64, value=(0, 0, 255)))) == 8
    detector.close()
    network.close()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_garbage_is_refused_with_its_name(runtime: type, tmp_path: Path) -> None:
    path = tmp_path / "garbage.onnx"
    path.write_bytes(b"not a network" * 100)
    with pytest.raises(ModelError, match=r"garbage\.onnx"):
        runtime(path)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_closed_network_refuses_requests(runtime: type, tmp_path: Path) -> None:
    network = _open(runtime, save_detector(tmp_path / "tiny.onnx", boxes_cxcywh=spread_boxes()))
    network.close()
    with pytest.raises(UnavailableError, match=r"tiny\.onnx"):
        network.open_request((64, 64))


def test_a_classifier_is_no_detector(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"classes\.onnx is not a YOLO detector"):
        open_yolo(save_classifier(tmp_path / "classes.onnx"), precision="auto")


def test_a_detector_of_other_things_is_refused(tmp_path: Path) -> None:
    path = save_detector(
        tmp_path / "cars.onnx", boxes_cxcywh=spread_boxes(), names={0: "car", 1: "van"}
    )
    with pytest.raises(ModelError, match=r"cars\.onnx detects no persons"):
        open_yolo(path, precision="auto")


def test_precision_is_as_wished(tmp_path: Path) -> None:
    path = save_detector(tmp_path / "tiny.onnx", boxes_cxcywh=spread_boxes())
    network = OpenVinoNetwork(path, precision="f32")
    assert network.info.precision == "f32"
    assert network.info.parallel >= 1
    assert network.info.device == "cpu"
    network.close()


def test_a_device_openvino_lacks_is_named_with_the_setting(tmp_path: Path) -> None:
    path = save_detector(tmp_path / "tiny.onnx", boxes_cxcywh=spread_boxes())
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE=gpu\.9"):
        OpenVinoNetwork(path, device="gpu.9")


def test_requests_outlive_the_cache_of_shapes(tmp_path: Path) -> None:
    path = save_detector(tmp_path / "free.onnx", boxes_cxcywh=spread_boxes(), side=None)
    network = OpenVinoNetwork(path)
    requests = [network.open_request((64, 32 * columns)) for columns in range(1, 10)]
    for request in requests:
        request.canvas[...] = (0, 0, 255)
        request.start()
        assert request.wait(10)
        assert request.outputs()[0].shape == (1, 7, 8)
        request.close()
    network.close()


def test_graph_files_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "yolo_openvino_model"
    with pytest.raises(ModelError, match="does not exist"):
        find_graph(folder)
    folder.mkdir()
    with pytest.raises(ModelError, match=r"one \.xml expected, found 0"):
        find_graph(folder)
    (folder / "yolo.xml").write_text("<net/>", encoding="utf-8")
    with pytest.raises(ModelError, match=r"yolo\.bin is missing"):
        find_graph(folder)
    (folder / "yolo.bin").write_bytes(b"")
    assert find_graph(folder) == folder / "yolo.xml"
    with pytest.raises(ModelError, match="yolo_openvino_model cannot be used"):
        OpenVinoNetwork(folder)


def test_real_network_counts_people_on_a_real_street(assets: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(assets / "videos" / "town-centre.mp4")) as video:
        picture = next(video.decode(video=0)).to_ndarray(format="bgr24")
    network, head = open_yolo(assets / "models" / "yolo11n_int8_openvino_model", precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams()))
    found = detector.detect(picture)
    assert 10 <= len(found) <= 20, "the clip shows 10 to 16 people"
    assert detector.info.input_hw == (640, 640)
    assert detector.info.precision == "int8"
    heights = found.boxes_xyxy[:, 3] - found.boxes_xyxy[:, 1]
    assert heights.min() > 30 and heights.max() < 500
    detector.close()
    network.close()

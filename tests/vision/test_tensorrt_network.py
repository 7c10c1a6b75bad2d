"""TensorRT engines as far as they can be looked at without a GPU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.core.errors import ModelError
from backend.vision.adapters.tensorrt_network import load_engine_facts, open_tensorrt


def _save_engine(path: Path, metadata: object) -> Path:
    text = json.dumps(metadata).encode()
    path.write_bytes(len(text).to_bytes(4, "little") + text + b"ftrt" * 64)
    return path


STATED = {
    "names": {"0": "person"}, "task": "detect", "stride": 32, "imgsz": [384, 640],
    "args": {"dynamic": True},
}  # fmt: skip


def test_header_of_an_engine(tmp_path: Path) -> None:
    found = load_engine_facts(_save_engine(tmp_path / "yolo.engine", STATED))
    assert found.imgsz_hw == (384, 640)
    assert found.is_free
    assert found.facts.labels == {0: "person"}


@pytest.mark.parametrize("metadata", [[1, 2], {"names": {}}, {"imgsz": [640]}, {"imgsz": [0, 640]}])
def test_an_engine_without_ultralytics_header_is_refused(tmp_path: Path, metadata: object) -> None:
    with pytest.raises(ModelError, match=r"yolo\.engine does not begin with ultralytics"):
        load_engine_facts(_save_engine(tmp_path / "yolo.engine", metadata))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "yolo.engine"
    with pytest.raises(ModelError, match=r"yolo\.engine does not exist"):
        open_tensorrt(path)
    path.write_bytes(b"\xff" * 5000)
    with pytest.raises(ModelError, match="does not begin with"):
        open_tensorrt(path)


def test_without_a_gpu_the_setting_is_named(tmp_path: Path) -> None:
    path = _save_engine(tmp_path / "yolo.engine", STATED)
    with pytest.raises(ModelError, match=r"needs an NVIDIA GPU .*INFERENCE_DEVICE=cpu"):
        open_tensorrt(path, device="cpu")


def test_an_engine_that_cannot_run_here_says_why(tmp_path: Path) -> None:
    path = _save_engine(tmp_path / "yolo.engine", STATED)
    with pytest.raises(ModelError, match=r"INFERENCE_DEVICE|tensorrt|cannot be used"):
        open_tensorrt(path)

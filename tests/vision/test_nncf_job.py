"""The quantisation program: what it feeds the network, and what it leaves in full precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.vision.adapters.nncf_job import JobError, head_names, load_pictures, main, to_input


def test_the_head_of_a_graph_traced_from_pytorch() -> None:
    names = [
        "__module.model.2.cv1.conv/aten::_convolution/Convolution",
        "__module.model.23.cv2.0.0.conv/aten::_convolution/Convolution",
        "__module.model.23/aten::cat/Concat",
        "__module.model.23.dfl.conv/aten::_convolution/Convolution",
        "__module.model.23/aten::sigmoid/Sigmoid",
        "__module.model.230/aten::add/Add",
    ]
    kept = list(head_names(names, last_sigmoid=names[4]))
    assert kept == [names[2], names[3], names[4]], "its convolutions are quantised"


def test_the_head_of_a_graph_that_went_through_onnx() -> None:
    names = [
        "/model.2/cv1/act/Sigmoid",
        "/model.23/cv2.0/cv2.0.0/conv/Conv",
        "/model.23/Concat",
        "/model.23/dfl/conv/Conv",
        "/model.23/Sigmoid",
    ]
    assert list(head_names(names, last_sigmoid=names[-1])) == names[2:]


def test_pictures_become_inputs_as_in_use(tmp_path: Path) -> None:
    blue = np.zeros((1, 2, 4, 3), np.uint8)
    blue[..., 0] = 255
    np.save(tmp_path / "000000.npy", blue)
    np.save(tmp_path / "000001.npy", np.zeros((2, 4, 4, 3), np.uint8))
    pictures = load_pictures(tmp_path, "yolo")
    assert [picture.shape for picture in pictures] == [(2, 4, 3), (4, 4, 3), (4, 4, 3)]
    yolo = to_input("yolo")(pictures[0])
    assert (yolo.shape, yolo.dtype) == ((1, 3, 2, 4), np.float32)
    assert yolo[0, :, 0, 0].tolist() == [0.0, 0.0, 1.0], "RGB in [0, 1]"
    ssd = to_input("ssd")(pictures[0])
    assert (ssd.shape, ssd.dtype) == ((1, 2, 4, 3), np.uint8)
    assert ssd[0, 0, 0].tolist() == [0, 0, 255]


def test_unknown_families_and_wrong_usage_are_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="unknown family"):
        load_pictures(tmp_path, "bert")
    assert main(["quantise", "too", "few"]) == 2
    assert main(["erase", "a", "b", "c", "yolo"]) == 2

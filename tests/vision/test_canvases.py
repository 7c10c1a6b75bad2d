"""What a network is calibrated with is what it is given when it works."""

from __future__ import annotations

import numpy as np

from backend.core.frame import Image
from backend.vision.canvases import CanvasMaker
from backend.vision.detector import DetectorParams
from backend.vision.heads import SsdHead, YoloHead
from backend.vision.network import NetworkInfo, NetworkRequest
from backend.vision.network_detector import DetectorPlan
from backend.vision.tiling import TilingParams
from tests.builders import image


class SizedNetwork:
    """Only says its input size (see `network.Network`)."""

    def __init__(self, fixed_hw: tuple[int, int] | None) -> None:
        self.info = NetworkInfo("sized", "none", "f32", fixed_hw, ("out",), "sized")

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        raise AssertionError("nothing is computed while pictures are painted")

    def close(self) -> None:
        pass


def _half_red() -> Image:
    picture = image(width=64, height=32, value=0)
    picture[:, 32:] = (0, 0, 255)
    return picture


def test_letterbox_with_its_margins() -> None:
    maker = CanvasMaker(SizedNetwork((64, 64)), YoloHead((0,)), DetectorPlan(DetectorParams()))
    (canvas,) = maker.paint(_half_red())
    assert canvas.shape == (64, 64, 3)
    assert canvas[32, 60].tolist() == [0, 0, 255]
    assert (canvas[:16] == 114).all() and (canvas[48:] == 114).all()


def test_free_size_follows_the_picture() -> None:
    plan = DetectorPlan(DetectorParams(), size=128)
    (canvas,) = CanvasMaker(SizedNetwork(None), YoloHead((0,)), plan).paint(_half_red())
    assert canvas.shape == (64, 128, 3)


def test_one_canvas_for_each_tile_and_none_shared() -> None:
    plan = DetectorPlan(DetectorParams(), tiling=TilingParams.of_grid(2, 1))
    maker = CanvasMaker(SizedNetwork((30, 30)), SsdHead(0, 1), plan)
    left, right = maker.paint(_half_red())
    assert left[15, 2].tolist() == [0, 0, 0]
    assert right[15, 27].tolist() == [0, 0, 255]
    again = maker.paint(np.zeros_like(_half_red()))
    assert right[15, 27].tolist() == [0, 0, 255] and not again[1].any()

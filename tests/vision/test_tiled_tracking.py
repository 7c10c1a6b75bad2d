"""Tracking on top of tiles: somebody who crosses seams keeps one number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.core.frame import Detections
from backend.vision.adapters.botsort import make_botsort
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.nms import compute_iou
from backend.vision.tiled_merge import merge_tiles
from backend.vision.tiling import TilingParams, compute_tiles
from tests.builders import boxes, frame

WH = (1920, 1080)
FRAME = frame(width=WH[0], height=WH[1])


@pytest.fixture(autouse=True, scope="module")
def _library_settings_out_of_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    confine_ultralytics(tmp_path_factory.mktemp("ultralytics"))


def test_a_walker_taller_than_the_overlap_keeps_one_id_across_every_seam() -> None:
    """Walks diagonally through all four tiles, seen perfectly wherever a quarter of it shows."""
    tiles = compute_tiles(WH, TilingParams.of_grid(2, 2))
    tracker = make_botsort(25)
    seen: set[int] = set()
    for step in range(60):
        left, top = 300.0 + 20 * step, 60.0 + 10 * step
        parts = []
        for x0, y0, x1, y1 in tiles:
            x_end, y_end = min(left + 160, x1), min(top + 400, y1)
            x_begin, y_begin = max(left, x0), max(top, y0)
            shows = x_end - x_begin > 40 and y_end - y_begin > 100
            part = boxes((x_begin, y_begin, x_end, y_end)) if shows else boxes()
            parts.append((part, np.full(len(part), 0.8, np.float32)))
        found, scores = merge_tiles(parts, tiles, picture_wh=WH, iou=0.5)
        assert len(found) == 1
        seen |= {
            int(number) for number in tracker.update(Detections(found, scores), FRAME).track_ids
        }
    assert seen == {1}


def test_on_a_real_street_tiles_bring_no_more_ids_than_people(assets: Path) -> None:
    av = pytest.importorskip("av")
    network, head = open_yolo(assets / "models" / "yolo11n_int8_openvino_model", precision="auto")
    plan = DetectorPlan(DetectorParams(), tiling=TilingParams.of_grid(2, 2))
    detector = NetworkDetector(network, head, plan)
    tracker = make_botsort(10)
    lives: dict[int, list[int]] = {}
    with av.open(str(assets / "videos" / "town-centre.mp4")) as video:
        for number, picture in enumerate(video.decode(video=0)):
            if number >= 75:
                break
            if number % 3:
                continue
            tracks = tracker.update(detector.detect(picture.to_ndarray(format="bgr24")), FRAME)
            overlap = compute_iou(tracks.boxes_xyxy, tracks.boxes_xyxy)
            assert (np.triu(overlap, 1) < 0.6).all(), "somebody carries two numbers"
            for track_id in tracks.track_ids:
                lives.setdefault(int(track_id), []).append(number)
    detector.close()
    network.close()
    lasting = [frames for frames in lives.values() if len(frames) >= 20]
    assert len(lasting) >= 8, "most of the 10 to 16 people are followed without a break"

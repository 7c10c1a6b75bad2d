"""A real clip seen through a window that pans: what following the camera's motion is worth."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from backend.core.camera import DetectionChoice, TrackerKind
from backend.core.frame import Detections
from backend.vision.adapters.trackers import make_tracker
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.tracker import Embedder
from tests.builders import frame

WINDOW_WH = (480, 420)
STEP_PX = 20
FRAMES = 50
RATE_HZ = 7.0


def _no_looks() -> Embedder:
    raise AssertionError("nobody asked for looks")


def _switches(folder: Path, *, moves: bool, kind: TrackerKind) -> int:
    """Return how often a person of the ground truth changes its track id."""
    truth = np.loadtxt(folder / "gt" / "gt.txt", delimiter=",")
    choice = DetectionChoice(tracker=kind, moves=moves)
    tracker = make_tracker(choice, RATE_HZ, open_embedder=_no_looks)
    width, height = WINDOW_WH
    left, step, switches, known = 0, STEP_PX, 0, {}
    with av.open(str(folder / "PETS09-S2L1.avi")) as container:
        for n, picture in enumerate(itertools.islice(container.decode(video=0), FRAMES)):
            step = -step if not 0 <= left + step <= 768 - width else step
            left += step
            view = picture.to_ndarray(format="bgr24")[60 : 60 + height, left : left + width]
            here = truth[truth[:, 0] == n + 1]
            low = here[:, 2:4] - (left, 60)
            whole = np.concatenate([low, low + here[:, 4:6]], axis=1).astype(np.float32)
            middle = (whole[:, :2] + whole[:, 2:]) / 2
            inside = ((middle > 20) & (middle < np.array(WINDOW_WH) - 20)).all(axis=1)
            shown = np.clip(whole[inside], 0, (width, height, width, height)).astype(np.float32)
            sure = np.full(len(shown), 0.8, np.float32)
            seen = tracker.update(
                Detections(shown, sure), frame(picture=np.ascontiguousarray(view))
            )
            for person, box in zip(here[inside, 1].astype(int).tolist(), shown, strict=True):
                nearest = np.abs(seen.boxes_xyxy - box).sum(axis=1)
                if len(nearest) and nearest.min() < 40:
                    track = int(seen.track_ids[nearest.argmin()])
                    switches += known.get(person, track) != track
                    known[person] = track
    return switches


@pytest.mark.assets
@pytest.mark.parametrize("kind", [TrackerKind.BOTSORT, TrackerKind.BYTETRACK])
def test_ids_survive_a_panning_camera_only_where_it_is_followed(
    assets: Path, tmp_path: Path, kind: TrackerKind
) -> None:
    confine_ultralytics(tmp_path)
    folder = assets / "data" / "mot" / "PETS09-S2L1"
    followed = _switches(folder, moves=True, kind=kind)
    ignored = _switches(folder, moves=False, kind=kind)
    assert followed <= 2
    assert ignored >= 10

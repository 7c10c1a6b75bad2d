"""DeepSORT: who looks alike is followed where place alone does not tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections
from backend.vision.adapters.deepsort import DeepSortTracker, Gallery
from backend.vision.adapters.deepsort_embedder import INPUT_HW, LENGTH
from backend.vision.tracker import TrackerParams
from tests.builders import detections, frame


class ColourEmbedder:
    """Looks are the mean colour of the box, as a direction."""

    def embed(
        self, image: npt.NDArray[np.uint8], boxes_xyxy: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        looks = [
            image[int(top) : int(bottom), int(left) : int(right)].mean(axis=(0, 1)) + 1.0
            for left, top, right, bottom in boxes_xyxy
        ]
        found = np.array(looks, np.float32).reshape(-1, 3)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def _two(red_x: int, blue_x: int) -> tuple[Detections, npt.NDArray[np.uint8]]:
    """Return a red and a blue person at these places, and the picture."""
    picture = np.full((480, 640, 3), 10, np.uint8)
    picture[100:220, red_x : red_x + 40] = (0, 0, 250)
    picture[100:220, blue_x : blue_x + 40] = (250, 0, 0)
    return detections((red_x, 100, red_x + 40, 220), (blue_x, 100, blue_x + 40, 220)), picture


def test_two_who_cross_while_hidden_keep_their_own_ids() -> None:
    tracker = DeepSortTracker(25, ColourEmbedder(), TrackerParams(buffer_s=2.0))
    for n in range(10):
        found, picture = _two(200 + 2 * n, 300 - 2 * n)
        seen = tracker.update(found, frame(picture=picture))
    assert seen.track_ids.tolist() == [1, 2]
    for _ in range(8):  # nobody is seen; the filters would have them pass each other
        tracker.update(Detections.empty(), frame(width=640, height=480))
    found, picture = _two(230, 270)  # they turned back
    seen = tracker.update(found, frame(picture=picture))
    place = dict(zip(seen.track_ids.tolist(), seen.boxes_xyxy[:, 0].tolist(), strict=True))
    assert place[1] < place[2]


def test_a_crowd_of_looks_is_forgotten_with_the_track() -> None:
    tracker = DeepSortTracker(25, ColourEmbedder(), TrackerParams(buffer_s=0.2))
    found, picture = _two(100, 400)
    for _ in range(3):
        tracker.update(found, frame(picture=picture))
    for _ in range(12):
        tracker.update(Detections.empty(), frame(width=640, height=480))
    tracker.update(found, frame(picture=picture))
    assert tracker.update(found, frame(picture=picture)).track_ids.tolist() == [3, 4]


def test_the_gallery_measures_as_the_package_does() -> None:
    from deep_sort_realtime.deep_sort.nn_matching import (  # noqa: PLC0415 - only to compare
        NearestNeighborDistanceMetric,
    )

    random = np.random.default_rng(4)

    def looks(n: int) -> npt.NDArray[np.float32]:
        found = random.normal(size=(n, 16)).astype(np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    ours, theirs = Gallery(0.3, 3), NearestNeighborDistanceMetric("cosine", 0.3, 3)
    for alive in (["1", "2", "3"], ["1", "2", "3"], ["1", "2", "3"], ["1", "3"], ["3", "1"]):
        shown = looks(len(alive))
        for metric in (ours, theirs):
            metric.partial_fit(shown, np.array(alive), alive)
        asked = looks(4)
        assert np.allclose(ours.distance(asked, alive), theirs.distance(asked, alive), atol=1e-5)


def test_crops_have_the_shape_people_have() -> None:
    assert INPUT_HW == (128, 64) and LENGTH == 1280


def test_the_job_stands_beside_its_adapter() -> None:
    from backend.vision.adapters.deepsort_embedder import JOB_FILE  # noqa: PLC0415 - one use

    assert Path(JOB_FILE).is_file()

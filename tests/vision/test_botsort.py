"""BoT-SORT: ids that last, ids of several cameras, low scores, frame rates, segments."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from backend.core.frame import Detections
from backend.vision.adapters.botsort import make_botsort
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.tracker import Tracker, TrackerParams
from tests.builders import boxes, detections, frame

WH = (640, 480)
FRAME = frame(width=WH[0], height=WH[1])


@pytest.fixture(autouse=True, scope="module")
def _library_settings_out_of_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    confine_ultralytics(tmp_path_factory.mktemp("ultralytics"))


def _walker(step: int, *, x: float = 100.0) -> tuple[float, float, float, float]:
    left = x + 4 * step
    return (left, 100, left + 40, 220)


def _ids(tracker: Tracker, found: Detections) -> list[int]:
    return [int(track_id) for track_id in tracker.update(found, FRAME).track_ids]


def test_people_keep_their_ids() -> None:
    tracker = make_botsort(25)
    seen = [_ids(tracker, detections(_walker(n), _walker(n, x=300))) for n in range(20)]
    assert all(sorted(ids) == [1, 2] for ids in seen)
    last = tracker.update(detections(_walker(20), _walker(20, x=300)), FRAME)
    left_of = dict(zip(last.track_ids.tolist(), last.boxes_xyxy[:, 0].tolist(), strict=True))
    assert left_of[1] == pytest.approx(180, abs=4) and left_of[2] == pytest.approx(380, abs=4)


def test_a_single_flash_is_no_track() -> None:
    tracker = make_botsort(25)
    tracker.update(detections(), FRAME)
    assert _ids(tracker, detections(_walker(0))) == []
    assert _ids(tracker, detections()) == []


def test_a_slow_camera_counts_walkers_who_leave_their_boxes_behind() -> None:
    tracker = make_botsort(1)
    tracker.update(detections(), FRAME)
    for n in range(5):
        found = detections(*[(60 * n + 20, y, 60 * n + 60, y + 100) for y in (20, 180, 340)])
        assert len(_ids(tracker, found)) == 3
    fast = make_botsort(25)
    fast.update(detections(), FRAME)
    fast.set_frame_rate(1)
    assert len(_ids(fast, detections(_walker(0)))) == 1
    fast.set_frame_rate(25)
    assert _ids(fast, detections((500, 10, 540, 130))) == []


def test_a_passing_occlusion_keeps_the_id_and_a_long_absence_does_not() -> None:
    tracker = make_botsort(25, TrackerParams(buffer_s=0.4))
    for n in range(10):
        tracker.update(detections(_walker(n)), FRAME)
    for _ in range(5):
        tracker.update(detections(), FRAME)
    assert _ids(tracker, detections(_walker(15))) == [1]
    for _ in range(30):
        tracker.update(detections(), FRAME)
    tracker.update(detections(_walker(15)), FRAME)
    assert _ids(tracker, detections(_walker(16))) == [2]


def test_weak_candidates_continue_a_track_and_start_none() -> None:
    tracker = make_botsort(25)
    for n in range(5):
        tracker.update(detections(_walker(n)), FRAME)
    weak = Detections(boxes(_walker(5), _walker(5, x=400)), np.array([0.15, 0.15], np.float32))
    only_weak = Detections(boxes(), np.zeros(0, np.float32), weak=weak)
    assert _ids(tracker, only_weak) == [1]
    assert _ids(tracker, only_weak) == [1]


def test_boxes_stay_inside_the_picture() -> None:
    tracker = make_botsort(25)
    found = tracker.update(detections((600, 400, 660, 500)), FRAME)
    assert found.boxes_xyxy[0, 2] <= WH[0] and found.boxes_xyxy[0, 3] <= WH[1]


def test_ids_go_on_after_a_reset() -> None:
    tracker = make_botsort(25)
    tracker.update(detections(_walker(0), _walker(0, x=300)), FRAME)
    tracker.reset()
    assert sorted(_ids(tracker, detections(_walker(0), _walker(0, x=300)))) == [3, 4]


def test_lost_tracks_are_kept_equally_long_at_any_frame_rate() -> None:
    params = TrackerParams(buffer_s=1.2, min_buffer_frames=5)
    assert [params.buffer_frames(rate) for rate in (25.0, 10.0, 2.0)] == [30, 12, 5]
    tracker = make_botsort(25, params)
    tracker.set_frame_rate(5.0)
    tracker.update(detections(_walker(0)), FRAME)
    for _ in range(8):
        tracker.update(detections(), FRAME)
    tracker.update(detections(_walker(0)), FRAME)
    assert _ids(tracker, detections(_walker(0))) == [2]


def test_nobody_and_degenerate_boxes() -> None:
    tracker = make_botsort(25)
    assert len(tracker.update(Detections.empty(), FRAME)) == 0
    assert len(tracker.update(detections((10, 10, 10, 50)), FRAME)) == 0


def test_cameras_in_several_threads_number_independently() -> None:
    results: dict[int, set[int]] = {}

    def watch(camera: int) -> None:
        tracker = make_botsort(25)
        results[camera] = set()
        for n in range(60):
            results[camera].update(_ids(tracker, detections(_walker(n), _walker(n, x=300))))

    threads = [threading.Thread(target=watch, args=(camera,)) for camera in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == {camera: {1, 2} for camera in range(4)}


def test_settings_of_the_library_stay_where_they_are_told(tmp_path: Path) -> None:
    confine_ultralytics(tmp_path / "instance" / "ultralytics")
    assert (tmp_path / "instance" / "ultralytics").is_dir()

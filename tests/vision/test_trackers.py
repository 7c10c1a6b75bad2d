"""What every kind of tracker does alike, and how a camera's is picked."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.core.camera import DetectionChoice, TrackerKind
from backend.core.errors import ModelError
from backend.core.frame import Detections
from backend.vision.adapters.trackers import make_tracker
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.tracker import Embedder, Tracker, TrackerParams
from tests.builders import boxes, detections, frame

WH = (640, 480)
FRAME = frame(width=WH[0], height=WH[1])
KINDS = list(TrackerKind)

Box = tuple[float, float, float, float]


@pytest.fixture(autouse=True, scope="module")
def _library_settings_out_of_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    confine_ultralytics(tmp_path_factory.mktemp("ultralytics"))


class AlikeEmbedder:
    """Everybody looks the same."""

    def embed(
        self, image: npt.NDArray[np.uint8], boxes_xyxy: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        return np.tile(np.array([[1.0, 0.0]], np.float32), (len(boxes_xyxy), 1))


def _make(
    kind: TrackerKind,
    rate_hz: float = 25,
    params: TrackerParams | None = None,
    *,
    moves: bool = False,
    open_embedder: Callable[[], Embedder] = AlikeEmbedder,
) -> Tracker:
    choice = DetectionChoice(tracker=kind, moves=moves)
    return make_tracker(choice, rate_hz, params, open_embedder=open_embedder)


def _walker(step: int, *, x: float = 100.0) -> Box:
    left = x + 4 * step
    return (left, 100, left + 40, 220)


def _ids(tracker: Tracker, found: Detections) -> list[int]:
    return sorted(tracker.update(found, FRAME).track_ids.tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_people_keep_their_ids_from_the_first_frame_on(kind: TrackerKind) -> None:
    tracker = _make(kind)
    assert tracker.fault == ""
    for n in range(20):
        assert _ids(tracker, detections(_walker(n), _walker(n, x=300))) == [1, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_flash_is_no_track_and_takes_no_number(kind: TrackerKind) -> None:
    tracker = _make(kind)
    tracker.update(detections(), FRAME)
    assert _ids(tracker, detections((500, 10, 540, 130))) == []
    assert _ids(tracker, detections()) == []
    tracker.update(detections(_walker(0)), FRAME)
    assert _ids(tracker, detections(_walker(1))) == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_camera_counts_at_first_sight(kind: TrackerKind) -> None:
    tracker = _make(kind, 25)
    tracker.update(detections(), FRAME)
    tracker.set_frame_rate(1)
    for n in range(4):
        found = detections(*[(150 * n + 20, y, 150 * n + 60, y + 100) for y in (20, 180, 340)])
        assert len(_ids(tracker, found)) == 3
    tracker.set_frame_rate(25)
    newcomer = (590, 10, 620, 90)
    assert len(tracker.update(detections(newcomer), FRAME)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_ids_go_on_after_a_reset(kind: TrackerKind) -> None:
    tracker = _make(kind)
    assert _ids(tracker, detections(_walker(0), _walker(0, x=300))) == [1, 2]
    tracker.reset()
    assert _ids(tracker, detections(_walker(0), _walker(0, x=300))) == [3, 4]


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_absence_keeps_the_id_and_a_long_one_does_not(kind: TrackerKind) -> None:
    tracker = _make(kind, params=TrackerParams(buffer_s=2.0))
    for n in range(10):
        tracker.update(detections(_walker(n)), FRAME)
    for _ in range(5):
        assert _ids(tracker, detections()) == []
    assert _ids(tracker, detections(_walker(15))) == [1]
    tracker.set_frame_rate(5.0)  # ten frames from now on
    for _ in range(12):
        tracker.update(detections(), FRAME)
    tracker.update(detections(_walker(28)), FRAME)
    assert _ids(tracker, detections(_walker(29))) == [2]


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_stay_inside_the_picture_and_empty_ones_are_nobody(kind: TrackerKind) -> None:
    tracker = _make(kind)
    found = tracker.update(detections((600, 400, 660, 500), (10, 10, 10, 50)), FRAME)
    assert found.boxes_xyxy.shape == (1, 4)
    assert found.boxes_xyxy[0, 2] <= WH[0] and found.boxes_xyxy[0, 3] <= WH[1]
    assert len(tracker.update(Detections.empty(), FRAME)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_unsure_detections_begin_no_track(kind: TrackerKind) -> None:
    tracker = _make(kind, params=TrackerParams(new_track_confidence=0.6))
    tracker.update(detections(_walker(0), confidence=0.8), FRAME)
    unsure = detections(_walker(1), _walker(1, x=400), confidence=0.5)
    assert [_ids(tracker, unsure) for _ in range(3)] == [[1]] * 3


@pytest.mark.parametrize("kind", [TrackerKind.BOTSORT, TrackerKind.BYTETRACK])
def test_weak_candidates_continue_a_track_and_start_none(kind: TrackerKind) -> None:
    tracker = _make(kind)
    for n in range(5):
        tracker.update(detections(_walker(n)), FRAME)
    weak = Detections(boxes(_walker(5), _walker(5, x=400)), np.array([0.15, 0.15], np.float32))
    only_weak = Detections(boxes(), np.zeros(0, np.float32), weak=weak)
    assert _ids(tracker, only_weak) == [1]
    assert _ids(tracker, only_weak) == [1]


def _street(size: int = 1000) -> npt.NDArray[np.uint8]:
    """Return a still street larger than the picture: soft noise with edges."""
    noise = np.random.default_rng(3).integers(0, 256, (size // 25, size // 25, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)


def _pan(tracker: Tracker) -> set[int]:
    """Swing a camera over a street where three people stand; return the ids they were given."""
    street, given = _street(), set()
    standing = np.array([(420, 330, 450, 420), (500, 360, 530, 450), (380, 420, 410, 510)])
    for n in range(24):
        left, top = round(180 + 150 * np.sin(n / 5)), round(200 + 60 * np.cos(n / 5))
        view = np.ascontiguousarray(street[top : top + 480, left : left + 640])
        here = (standing - (left, top, left, top)).astype(np.float32)
        for x1, y1, x2, y2 in here.astype(int):
            view[y1:y2, x1:x2] = 90
        seen = tracker.update(
            Detections(here, np.full(3, 0.8, np.float32)), frame(index=n, picture=view)
        )
        given.update(seen.track_ids.tolist())
    return given


@pytest.mark.parametrize("kind", KINDS)
def test_a_swinging_camera_keeps_ids_when_its_motion_is_followed(kind: TrackerKind) -> None:
    assert _pan(_make(kind, 10, moves=True)) == {1, 2, 3}
    assert len(_pan(_make(kind, 10, moves=False))) > 3


def test_without_looks_botsort_follows_and_says_why() -> None:
    def nothing() -> Embedder:
        raise ModelError("the weights are not installed: run make setup")

    tracker = _make(TrackerKind.DEEPSORT, open_embedder=nothing)
    assert "run make setup" in tracker.fault and "BoT-SORT" in tracker.fault
    assert _ids(tracker, detections(_walker(0))) == [1]


def test_other_kinds_open_no_appearance_network() -> None:
    def forbidden() -> Embedder:
        raise AssertionError("nobody asked for looks")

    for kind in (TrackerKind.BOTSORT, TrackerKind.BYTETRACK):
        assert _make(kind, open_embedder=forbidden).fault == ""

"""Heights of people seen: only of those who stand in full view, near and far, and not for ever."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.core.camera import CameraState
from backend.core.measurements import CrowdPicture
from backend.core.snapshot import CameraStatus, Snapshot
from backend.services.calibration.height_samples import HeightSamples, SampleParams
from tests import builders

Box = tuple[float, float, float, float]
WH = (640, 360)


def seen_at(
    time_s: float,
    *boxes: Box,
    first_id: int = 1,
    confidence: float = 0.8,
    picture_wh: tuple[int, int] = WH,
    segment: int = 0,
) -> Snapshot:
    tracks = builders.track_views(*boxes, first_id=first_id, confidence=confidence)
    return builders.snapshot(
        stream_time_s=time_s,
        segment=segment,
        picture=CrowdPicture(tracks),
        picture_wh=picture_wh,
    )


def person(x: float, foot: float, height: float = 60.0) -> Box:
    return (x - height / 6, foot - height, x + height / 6, foot)


def status(fault: str = "", state: CameraState = CameraState.RUNNING) -> CameraStatus:
    return CameraStatus(1, state, calibration_fault=fault)


def count(samples: HeightSamples) -> int:
    found = samples.seen(1)
    return 0 if found is None else len(found.height_px)


def test_feet_and_heights_are_kept_in_pixels_of_the_picture() -> None:
    samples = HeightSamples()
    assert samples.seen(1) is None
    samples.take(seen_at(0.0, person(100, 200), person(300, 340, 90.0)))
    found = samples.seen(1)
    assert found is not None
    assert found.picture_wh == WH
    rows = sorted(np.column_stack([found.foot_px, found.height_px]).tolist())
    assert rows == [[100.0, 200.0, 60.0], [300.0, 340.0, 90.0]]


@pytest.mark.parametrize(
    ("box", "confidence"),
    [
        (person(100, 200), 0.4),
        ((0.0, 100.0, 30.0, 200.0), 0.9),
        ((100.0, 280.0, 130.0, 360.0), 0.9),
        ((100.0, 1.0, 130.0, 90.0), 0.9),
        ((100.0, 100.0, 200.0, 180.0), 0.9),
        ((100.0, 100.0, 100.0, 180.0), 0.9),
    ],
)
def test_who_is_doubtful_cut_off_or_sits_is_left_out(box: Box, confidence: float) -> None:
    samples = HeightSamples()
    samples.take(seen_at(0.0, box, confidence=confidence))
    assert count(samples) == 0


def test_who_is_hidden_behind_somebody_is_left_out_and_the_other_is_not() -> None:
    samples = HeightSamples()
    samples.take(seen_at(0.0, person(100, 200), person(105, 220, 70.0)))
    found = samples.seen(1)
    assert found is not None
    assert found.height_px.tolist() == [70.0]


def test_a_person_counts_again_only_after_a_while_and_a_few_steps() -> None:
    samples = HeightSamples()
    for tick in range(50):
        samples.take(seen_at(tick / 25, person(100 + 4 * tick, 200)))
    assert count(samples) == 1, "one look in two seconds"
    samples.take(seen_at(2.0, person(300, 200)))
    assert count(samples) == 2
    for tick in range(2, 30):
        samples.take(seen_at(2.0 * tick, person(310, 200)))
    assert count(samples) == 2, "who stands still says nothing new"
    hidden = seen_at(60.0, person(310, 200), person(312, 230, 80.0))
    samples.take(hidden)
    samples.take(seen_at(62.0, person(310, 200)))
    assert count(samples) == 3, "nor after having been hidden"


def test_of_a_crowd_a_few_are_looked_at_and_others_the_next_time() -> None:
    samples = HeightSamples(SampleParams(per_look=10))
    crowd = [person(15.0 * n, 200, 30.0) for n in range(1, 41)]
    samples.take(seen_at(0.0, *crowd))
    assert count(samples) == 10
    for look in range(1, 4):
        samples.take(seen_at(2.0 * look, *crowd))
    assert count(samples) == 40


def test_another_segment_begins_at_once() -> None:
    samples = HeightSamples()
    samples.take(seen_at(100.0, person(100, 200)))
    samples.take(seen_at(0.0, person(400, 300), segment=1))
    assert count(samples) == 2


def test_an_analysis_that_is_repeated_does_not_count_twice() -> None:
    samples = HeightSamples()
    first = replace(seen_at(0.0, person(100, 200)), is_recorded=True)
    samples.take(first)
    samples.take(replace(first, run_id=2))
    assert count(samples) == 1
    samples.take(seen_at(0.0, person(400, 300), segment=1))
    live = seen_at(5.0, person(500, 300), first_id=9)
    samples.take(replace(live, run_id=3))
    assert count(samples) == 3, "a camera that is started again shows other people"


def test_memory_is_bounded_and_a_crowd_nearby_leaves_the_few_far_away() -> None:
    samples = HeightSamples(SampleParams(bands=10, per_band=5))
    samples.take(seen_at(0.0, person(100, 60, 20.0), first_id=1))
    for tick in range(1, 100):
        samples.take(seen_at(2.0 * tick, person(100 + 3 * tick, 300), first_id=100 + tick))
    found = samples.seen(1)
    assert found is not None
    assert sorted(found.height_px.tolist()) == [20.0] + [60.0] * 5
    assert found.foot_px[:, 0].max() == 397.0, "the newest stay"


def test_another_size_of_picture_begins_anew() -> None:
    samples = HeightSamples()
    samples.take(seen_at(0.0, person(100, 200)))
    samples.take(seen_at(0.5, person(400, 600, 120.0), picture_wh=(1280, 720)))
    found = samples.seen(1)
    assert found is not None
    assert (found.picture_wh, found.height_px.tolist()) == ((1280, 720), [120.0])


def test_a_deleted_camera_leaves_nothing() -> None:
    samples = HeightSamples()
    samples.take(seen_at(0.0, person(100, 200)))
    samples.forget(1)
    samples.forget(2)
    assert samples.seen(1) is None


def test_people_of_another_view_are_forgotten_once() -> None:
    samples = HeightSamples()
    samples.camera_status(status("moved"))
    samples.take(seen_at(0.0, person(100, 200)))
    samples.camera_status(status())
    assert count(samples) == 1
    samples.camera_status(status("moved"))
    assert count(samples) == 0
    samples.take(seen_at(2.0, person(300, 200), first_id=2))
    samples.camera_status(status("moved"))
    assert count(samples) == 1, "those of the new view stay while it is found moved"
    samples.camera_status(status(state=CameraState.CONNECTING))
    samples.camera_status(status())
    assert count(samples) == 1, "also when it was calibrated anew"
    samples.camera_status(status("moved"))
    samples.take(seen_at(4.0, person(500, 200), first_id=3))
    samples.camera_status(status())
    assert count(samples) == 0, "it was turned back"

"""Stream time from good, bad and missing timestamps; playing by it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.sources.timeline import Pacer, PacerParams, StreamTimeline, TimelineParams
from tests.builders import ManualClock


def place(
    stamps: Sequence[float | None],
    *,
    nominal_fps: float | None = 25.0,
    true_fps: float | None = None,
    is_live: bool = False,
    arrivals: Sequence[float] | None = None,
) -> list[float]:
    timeline = StreamTimeline(
        TimelineParams(nominal_fps=nominal_fps, true_fps=true_fps, is_live=is_live)
    )
    times = arrivals or [0.0] * len(stamps)
    return [
        timeline.place(stamp, arrived_mono_s=arrived)
        for stamp, arrived in zip(stamps, times, strict=True)
    ]


def test_starts_at_zero() -> None:
    assert place([7.0, 7.5, 9.0]) == pytest.approx([0.0, 0.5, 2.0])


def test_missing_stamps_of_a_recording_follow_its_rate() -> None:
    assert place([None, None, None]) == pytest.approx([0, 0.04, 0.08])
    assert place([None, None], nominal_fps=None) == pytest.approx([0, 0.04])
    assert place([1.0, None, 1.08]) == pytest.approx([0, 0.04, 0.08])
    assert place([None, 5.0, 5.04]) == pytest.approx([0, 0.04, 0.08])


def test_missing_stamps_of_a_camera_follow_the_arrival() -> None:
    times = place([None] * 3, is_live=True, arrivals=[10.0, 10.1, 10.35])
    assert times == pytest.approx([0, 0.1, 0.35])


def test_a_small_step_back_creeps_on_and_recovers() -> None:
    times = place([0.0, 0.04, 0.03, 0.08])
    assert times == pytest.approx([0, 0.04, 0.044, 0.08])


def test_a_large_step_back_is_a_new_time_base() -> None:
    assert place([100.0, 100.04, 0.0, 0.04]) == pytest.approx([0, 0.04, 0.08, 0.12])
    times = place([100.0, 100.04, 0.0], is_live=True, arrivals=[5.0, 5.04, 5.30])
    assert times == pytest.approx([0, 0.04, 0.30])


def test_gaps_of_a_recording_are_kept_and_absurd_leaps_are_not() -> None:
    assert place([0.0, 600.0, 600.04]) == pytest.approx([0, 600.0, 600.04])
    assert place([0.0, 95443.7, 95443.74]) == pytest.approx([0, 0.04, 0.08])


def test_leaps_of_a_camera_are_checked_against_the_arrival() -> None:
    times = place([0.0, 60.0, 60.04], is_live=True, arrivals=[1.0, 1.04, 1.08])
    assert times == pytest.approx([0, 0.04, 0.08])
    times = place([0.0, 60.0], is_live=True, arrivals=[1.0, 61.0])
    assert times == pytest.approx([0, 60.0])


def test_true_rate() -> None:
    assert place([0.0, 0.04, 0.2], true_fps=5.0) == pytest.approx([0, 0.2, 1.0])
    assert place([0.0, 9.0, None], nominal_fps=None, true_fps=5.0) == pytest.approx([0, 0.2, 0.4])
    times = place([0.0, 9.0, 3.0], is_live=True, true_fps=10.0, arrivals=[0.0, 0.5, 0.6])
    assert times == pytest.approx([0, 0.1, 0.2])


STAMP = st.none() | st.floats(-1e6, 1e6, allow_nan=False)


@given(
    st.lists(st.tuples(STAMP, st.floats(0, 5)), min_size=2, max_size=50),
    st.booleans(),
    st.none() | st.floats(0.1, 240),
    st.none() | st.floats(0.1, 240),
)
def test_time_always_grows(
    rows: list[tuple[float | None, float]],
    is_live: bool,
    nominal_fps: float | None,
    true_fps: float | None,
) -> None:
    arrivals, now_s = [], 0.0
    for _, step_s in rows:
        now_s += step_s
        arrivals.append(now_s)
    times = place(
        [stamp for stamp, _ in rows],
        nominal_fps=nominal_fps,
        true_fps=true_fps,
        is_live=is_live,
        arrivals=arrivals,
    )
    assert times[0] == 0.0
    assert all(after > before for before, after in itertools.pairwise(times))


class TestPacer:
    def test_waits_until_due(self) -> None:
        clock = ManualClock()
        pacer = Pacer(PacerParams(), clock)
        stop = threading.Event()
        assert pacer.wait(0.0, stop)
        shown = threading.Event()

        def show() -> None:
            if pacer.wait(1.0, stop):
                shown.set()

        thread = threading.Thread(target=show, name="test-pacer")
        thread.start()
        clock.advance(0.9)
        assert not shown.wait(0.3)
        clock.advance(0.2)
        assert shown.wait(2.0)
        thread.join()

    def test_stop_ends_a_wait(self) -> None:
        pacer = Pacer(PacerParams(), ManualClock())
        stop = threading.Event()
        assert pacer.wait(0.0, stop)
        threading.Timer(0.05, stop.set).start()
        assert not pacer.wait(3600.0, stop)

    def test_what_is_far_too_early_is_shown_at_once(self) -> None:
        clock = ManualClock()
        pacer = Pacer(PacerParams(max_early_s=1.0), clock)
        stop = threading.Event()
        assert pacer.wait(0.0, stop)
        assert pacer.wait(50.0, stop)
        clock.advance(0.04)
        assert pacer.wait(50.04, stop)

    def test_lateness_is_not_hurried_after(self) -> None:
        clock = ManualClock()
        pacer = Pacer(PacerParams(max_late_s=2.0), clock)
        stop = threading.Event()
        assert pacer.wait(0.0, stop)
        clock.advance(10.0)
        assert pacer.wait(1.0, stop)
        clock.advance(0.04)
        assert pacer.wait(1.04, stop)

    def test_a_new_segment_is_due_at_once(self) -> None:
        pacer = Pacer(PacerParams(), ManualClock())
        stop = threading.Event()
        assert pacer.wait(100.0, stop)
        pacer.restart()
        assert pacer.wait(0.0, stop)

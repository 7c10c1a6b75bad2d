from __future__ import annotations

from backend.crowd.stream_clock import StreamClock


def test_a_stamp_that_runs_backwards_takes_no_time() -> None:
    clock = StreamClock()
    clock.advance(5.0, segment=0)
    step = clock.advance(4.0, segment=0)
    assert (step.elapsed_s, step.is_new_segment) == (0.0, False)
    assert clock.advance(4.5, segment=0).elapsed_s == 0.5


def test_total_grows_over_segments_without_the_gap() -> None:
    clock = StreamClock()
    for stamp, segment in ((0.0, 0), (2.0, 0), (100.0, 1), (101.0, 1)):
        step = clock.advance(stamp, segment=segment)
    assert step.total_s == 3.0

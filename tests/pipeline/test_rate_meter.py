from __future__ import annotations

import pytest

from backend.pipeline.rate_meter import FramePacer, RateMeter


def test_the_rate_is_that_of_the_window() -> None:
    meter = RateMeter(window_s=3.0)
    assert meter.rate_hz(0.0) is None
    for n in range(100):
        meter.tick(n / 10)
    assert meter.rate_hz(9.9) == pytest.approx(10.0)


def test_a_stream_that_stopped_has_a_falling_rate_and_then_none() -> None:
    meter = RateMeter(window_s=3.0)
    for n in range(11):
        meter.tick(n / 10)
    slowed = meter.rate_hz(2.0)
    assert slowed is not None
    assert slowed < 10.0
    assert meter.rate_hz(9.0) is None


def test_two_frames_after_a_stall_are_no_fast_stream() -> None:
    meter = RateMeter(window_s=3.0)
    meter.tick(0.0)
    meter.tick(10.0)
    meter.tick(10.015)
    assert meter.rate_hz(10.015) == pytest.approx(0.2, rel=0.01)


def test_the_pacer_keeps_the_rate_on_average_and_never_bursts() -> None:
    pacer = FramePacer(10.0)
    assert pacer.delay_s(0.0) == 0.0
    pacer.taken(0.0)
    assert pacer.delay_s(0.04) == pytest.approx(0.06)
    pacer.taken(0.12)  # a little late: the next one is due on time all the same
    assert pacer.delay_s(0.12) == pytest.approx(0.08)
    pacer.taken(5.0)  # far behind: no burst
    assert pacer.delay_s(5.0) == 0.0
    pacer.taken(5.0)
    assert pacer.delay_s(5.0) == pytest.approx(0.1)


def test_no_target_never_waits() -> None:
    pacer = FramePacer(None)
    pacer.taken(0.0)
    assert pacer.delay_s(0.0) == 0.0


def test_a_pacer_meets_frames_that_come_no_more_often_than_wanted_when_they_are_new() -> None:
    pacer, interval_s, ages = FramePacer(5.0), 0.2, []
    now_s = 0.15  # the camera sends at 0.0, 0.2, 0.4 …: each frame would be 0.15 s old
    for _ in range(40):
        age_s = now_s % interval_s
        ages.append(age_s)
        pacer.taken(now_s, age_s=age_s)
        now_s += max(pacer.delay_s(now_s), 0.01)
    assert ages[0] > 0.1
    assert max(ages[15:]) < 0.1


def test_a_pacer_does_not_run_after_a_source_that_is_late_for_good() -> None:
    pacer, taken, now_s = FramePacer(10.0), 0, 0.0
    while now_s < 10.0:
        pacer.taken(now_s, age_s=0.08)
        taken += 1
        now_s += max(pacer.delay_s(now_s), 0.001)
    assert taken <= 110

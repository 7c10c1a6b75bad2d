from __future__ import annotations

import threading

import pytest

from backend.pipeline.heartbeat import Heartbeat
from backend.pipeline.watchdog import Watchdog
from tests.builders import ManualClock


def test_it_ticks_until_stopped_and_survives_a_tick_that_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ticks = 0
    enough = threading.Event()

    def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            enough.set()
        raise RuntimeError("tick failed")

    watchdog = Watchdog(tick, interval_s=0.001)
    watchdog.start()
    watchdog.start()
    assert enough.wait(5)
    watchdog.stop()
    watchdog.stop()
    assert "watchdog_tick_failed" in caplog.text


def test_a_heartbeat_is_overdue_only_beyond_limit_and_announced_wait(
    manual_clock: ManualClock,
) -> None:
    heart = Heartbeat(10.0, manual_clock)
    manual_clock.advance(10.0)
    assert heart.overdue_s == 0.0
    manual_clock.advance(1.0)
    assert heart.overdue_s == pytest.approx(1.0)
    heart.beat(allow_s=30.0)
    manual_clock.advance(35.0)
    assert heart.overdue_s == 0.0
    heart.rest()
    manual_clock.advance(1e6)
    assert heart.overdue_s == 0.0
    heart.beat()
    manual_clock.advance(10.5)
    assert heart.overdue_s == pytest.approx(0.5)

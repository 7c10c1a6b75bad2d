"""Turns and pictures: what is taken under which turn, and who gives it back."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from backend.core.camera import SourceType
from backend.core.errors import SourceLostError
from backend.core.frame import Frame
from backend.pipeline.frame_fetch import FrameFetcher
from backend.pipeline.load_watch import LoadWatch
from backend.vision.inference.scheduler import InferenceScheduler, Seat, SeatPlan, Turn
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import ScriptedSource

CONFIG = builders.camera_config(source_type=SourceType.RTSP)


class Silent(ScriptedSource):
    """A source that may also have nothing."""

    def __init__(self, script: list[Frame | Exception | None]) -> None:
        super().__init__([])
        self._answers = script

    def read(self, timeout_s: float) -> Frame | None:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Pipeline:
    """As much of a pipeline as the fetcher looks at."""

    seat: Seat
    is_idle: bool = True
    cost: float = 1.0
    load_watch: LoadWatch = field(default_factory=lambda: LoadWatch(CONFIG))


class Device:
    """One camera at a device all of whose turns another camera holds."""

    def __init__(self) -> None:
        clock = ManualClock()
        scheduler = InferenceScheduler(clock)
        self.other = scheduler.open_seat(SeatPlan(parallel=1))
        self.seat = scheduler.open_seat(SeatPlan(parallel=1))
        self.held: list[Turn] = []
        while (turn := self.other.try_take()) is not None:
            self.held.append(turn)
        self.fetcher = FrameFetcher(
            CONFIG,
            Pipeline(self.seat),  # type: ignore[arg-type]
            clock=clock,
            beat=self.let_go,
        )

    def let_go(self) -> None:
        """The other camera gives one turn back."""
        if self.held:
            self.held.pop().done()


def test_a_picture_at_hand_waits_for_a_turn_and_gives_way_to_a_newer_one() -> None:
    device = Device()
    device.let_go()
    source = Silent([None, builders.frame(index=1), builders.frame(index=2)])
    assert device.fetcher.fetch(source, threading.Event()) is None
    device.held.append(device.other.take(0.0) or pytest.fail("the other takes it again"))
    fetched = device.fetcher.fetch(source, threading.Event())
    assert fetched is not None and fetched.frame.index == 2
    assert fetched.turn is not None and device.seat.turns == 1
    fetched.turn.done()
    assert device.seat.turns == 0


def test_a_source_that_breaks_off_while_a_newer_picture_is_looked_for_takes_no_turn_along() -> None:
    device = Device()
    device.let_go()
    source = Silent([None, builders.frame(index=1), SourceLostError("The stream broke off.")])
    assert device.fetcher.fetch(source, threading.Event()) is None
    assert device.seat.turns == 0, "given back: there was no picture"
    device.held.append(device.other.take(0.0) or pytest.fail("the other takes it again"))
    with pytest.raises(SourceLostError):
        device.fetcher.fetch(source, threading.Event())
    assert device.seat.turns == 0
    assert device.seat.try_take() is not None, "the turn the other gave back is free again"

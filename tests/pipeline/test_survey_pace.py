"""Examinations are put off while the processor is short, but never the first or a dire one."""

from __future__ import annotations

import pytest

from backend.core.frame import Detections, Frame
from backend.core.measurements import SaturationEvidence
from backend.pipeline.survey_pace import CARRIED_S, LONGEST_S, STRETCH, PacedExaminer
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import FakeSaturation

NOBODY = builders.detections()


def looks(
    *, is_short: bool, until_s: int = 29, saturated_from_s: float = float("inf")
) -> list[float]:
    """Return when an examiner that looks every five seconds has looked."""
    inner = FakeSaturation()
    inner.saturated_from_s = saturated_from_s
    paced = PacedExaminer(inner, lambda: is_short, now_s=lambda: 0.0, defers=False)
    for second in range(until_s):
        frame = builders.frame(index=second, stream_time_s=float(second))
        if paced.due(frame.stream_time_s, frame.segment):
            paced.examine(frame, NOBODY)
    return inner.looked_at


def test_a_camera_with_room_is_examined_as_often_as_the_examiner_wants() -> None:
    assert looks(is_short=False) == [0, 5, 10, 15, 20, 25]


def test_a_camera_that_is_short_is_examined_less_often() -> None:
    assert looks(is_short=True, until_s=40) == [0, 5 * STRETCH, 10 * STRETCH]


def test_while_there_are_too_many_people_nothing_is_put_off() -> None:
    assert looks(is_short=True, saturated_from_s=10) == [0, 15, 20, 25]


def test_a_new_segment_is_examined_at_once() -> None:
    inner = FakeSaturation()
    paced = PacedExaminer(inner, lambda: True, now_s=lambda: 0.0, defers=False)
    first = builders.frame(stream_time_s=0.0)
    assert paced.due(0.0, 0)
    paced.examine(first, NOBODY)
    assert not paced.due(5.0, 0)
    assert not paced.due(7.0, 0)
    assert paced.due(7.0, 1)
    assert paced.due(15.0, 0)


def test_a_live_frame_is_examined_when_its_snapshot_is_out() -> None:
    clock = ManualClock()
    inner = FakeSaturation()
    inner.saturated_from_s = 5.0
    paced = PacedExaminer(inner, lambda: False, now_s=clock.monotonic, defers=True)
    found = []
    for second in range(8):
        frame = builders.frame(index=second, stream_time_s=float(second))
        if paced.due(frame.stream_time_s, frame.segment):
            looks_before = len(inner.looked_at)
            evidence = paced.examine(frame, NOBODY)
            found.append((second, evidence.at_stream_time_s, len(inner.looked_at) - looks_before))
        paced.catch_up(frame, NOBODY)
    assert found == [(0, 0.0, 1), (6, 5.0, 0)], "the first at once, the next one frame later"


def test_one_camera_after_the_other_is_examined() -> None:
    clock = ManualClock()
    inner = FakeSaturation()
    paced = PacedExaminer(inner, lambda: False, now_s=clock.monotonic, defers=True)
    for second in range(9):
        frame = builders.frame(index=second, stream_time_s=float(second))
        if paced.due(frame.stream_time_s, frame.segment):
            paced.examine(frame, NOBODY)
        paced.catch_up(frame, NOBODY, may_look=second != 5)
    assert inner.looked_at == [0.0, 6.0]


def test_no_place_stays_unexamined_for_ever() -> None:
    clock = ManualClock()
    inner = FakeSaturation()
    paced = PacedExaminer(inner, lambda: True, now_s=clock.monotonic, defers=True)
    for second in range(100):
        frame = builders.frame(index=second, stream_time_s=float(second))
        if paced.due(frame.stream_time_s, frame.segment):
            paced.examine(frame, NOBODY)
        paced.catch_up(frame, NOBODY, may_look=False)
    assert inner.looked_at == [0.0, LONGEST_S]


class AlwaysDue(FakeSaturation):
    """An examiner that wants to look at the first frame of every segment, and no other."""

    def __init__(self) -> None:
        super().__init__()
        self._segment = -1

    def due(self, stream_time_s: float, segment: int) -> bool:
        return segment != self._segment

    def examine(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        self._segment = frame.segment
        return super().examine(frame, detections)


def test_a_stream_that_keeps_breaking_is_not_examined_each_time() -> None:
    clock, inner = ManualClock(), AlwaysDue()
    paced = PacedExaminer(inner, lambda: False, now_s=clock.monotonic, defers=True)
    evidence = []
    for number in range(20):  # a new segment every two seconds, two frames each
        for part in range(2):
            frame = builders.frame(stream_time_s=float(part), segment=number)
            if paced.due(frame.stream_time_s, frame.segment):
                evidence.append(paced.examine(frame, NOBODY))
            paced.catch_up(frame, NOBODY)
            clock.advance(1.0)
    assert len(inner.looked_at) == pytest.approx(40 / CARRIED_S, abs=1)
    assert len(evidence) >= 20, "every segment has evidence from its first frame on"


def test_after_a_longer_break_the_first_frame_is_examined() -> None:
    clock, inner = ManualClock(), AlwaysDue()
    paced = PacedExaminer(inner, lambda: False, now_s=clock.monotonic, defers=True)
    for segment in range(2):
        frame = builders.frame(stream_time_s=0.0, segment=segment)
        assert paced.due(0.0, segment)
        paced.examine(frame, NOBODY)
        clock.advance(CARRIED_S)
    assert len(inner.looked_at) == 2

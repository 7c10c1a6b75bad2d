"""Examinations are put off while the processor is short, but never the first or a dire one."""

from __future__ import annotations

from backend.pipeline.survey_pace import LONGEST_S, STRETCH, PacedExaminer
from tests import builders
from tests.pipeline.fakes import FakeSaturation

NOBODY = builders.detections()


def looks(
    *, is_short: bool, until_s: int = 29, saturated_from_s: float = float("inf")
) -> list[float]:
    """Return when an examiner that looks every five seconds has looked."""
    inner = FakeSaturation()
    inner.saturated_from_s = saturated_from_s
    paced = PacedExaminer(inner, lambda: is_short, defers=False)
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
    paced = PacedExaminer(inner, lambda: True, defers=False)
    first = builders.frame(stream_time_s=0.0)
    assert paced.due(0.0, 0)
    paced.examine(first, NOBODY)
    assert not paced.due(5.0, 0)
    assert not paced.due(7.0, 0)
    assert paced.due(7.0, 1)
    assert paced.due(15.0, 0)


def test_a_live_frame_is_examined_when_its_snapshot_is_out() -> None:
    inner = FakeSaturation()
    inner.saturated_from_s = 5.0
    paced = PacedExaminer(inner, lambda: False, defers=True)
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
    inner = FakeSaturation()
    paced = PacedExaminer(inner, lambda: False, defers=True)
    for second in range(9):
        frame = builders.frame(index=second, stream_time_s=float(second))
        if paced.due(frame.stream_time_s, frame.segment):
            paced.examine(frame, NOBODY)
        paced.catch_up(frame, NOBODY, may_look=second != 5)
    assert inner.looked_at == [0.0, 6.0]


def test_no_place_stays_unexamined_for_ever() -> None:
    inner = FakeSaturation()
    paced = PacedExaminer(inner, lambda: True, defers=True)
    for second in range(100):
        frame = builders.frame(index=second, stream_time_s=float(second))
        if paced.due(frame.stream_time_s, frame.segment):
            paced.examine(frame, NOBODY)
        paced.catch_up(frame, NOBODY, may_look=False)
    assert inner.looked_at == [0.0, LONGEST_S]


def test_what_was_found_before_a_break_in_the_stream_says_nothing_after_it() -> None:
    inner = FakeSaturation()
    paced = PacedExaminer(inner, lambda: False, defers=True)
    for segment, second in ((0, 0.0), (0, 5.0), (1, 6.0)):
        frame = builders.frame(stream_time_s=second, segment=segment)
        if paced.due(second, segment):
            evidence = paced.examine(frame, NOBODY)
        paced.catch_up(frame, NOBODY)
    assert inner.looked_at == [0.0, 5.0]
    assert evidence.at_stream_time_s == 0.0
    assert not paced.due(6.5, 1), "its examiner does not tell segments apart"

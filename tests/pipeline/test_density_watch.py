"""When a camera is counted: calm, dense, short of the processor, and when counting fails."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest

from backend.core.errors import ModelError, UnavailableError
from backend.crowd.hybrid.blend import MAP_EXPIRES_S
from backend.pipeline.density_seat import DensitySeat
from backend.pipeline.density_watch import (
    ATTEMPTS,
    CALM_S,
    COUNT_S,
    DENSE_WAIT_S,
    MAP_HOLDS_S,
    OPENING_S,
    RETRY,
    SLOW_GAP_S,
    DensityPace,
    DensityWatch,
)
from backend.pipeline.survey_pace import LONGEST_S, STRETCH
from backend.vision.density.counter import DensityCounter
from backend.vision.density.network_counter import TIMEOUT_S
from backend.vision.inference.scheduler import (
    SURVEY_PATIENCE_S,
    InferenceScheduler,
    Seat,
    SeatPlan,
    Turn,
)
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import FakeCounter

LIVE = DensityPace(dense_s=1.0, defers=True)
RECORDED = DensityPace(dense_s=1.0, defers=False)


def watch_of(
    counter: FakeCounter | Callable[[], DensityCounter | None],
    *,
    pace: DensityPace = LIVE,
    clock: ManualClock | None = None,
    is_short: bool = False,
) -> DensityWatch:
    make = (lambda: counter) if isinstance(counter, FakeCounter) else counter
    return DensityWatch(make, pace, clock=clock or ManualClock(), is_short=lambda: is_short)


def show(
    watch: DensityWatch,
    stream_time_s: float,
    *,
    segment: int = 0,
    is_saturated: bool = False,
    map_share: float = 0.0,
) -> None:
    """Let one frame pass."""
    frame = builders.frame(index=1, stream_time_s=stream_time_s, segment=segment)
    watch.lead(frame)
    watch.follow(frame, is_saturated=is_saturated, map_share=map_share)


def play(watch: DensityWatch, until_s: float, *, step_s: float = 0.5, **seen: object) -> None:
    for number in range(round(until_s / step_s)):
        show(watch, number * step_s, **seen)  # type: ignore[arg-type]


@pytest.mark.parametrize("pace", [LIVE, RECORDED])
def test_a_calm_place_is_counted_at_once_and_then_seldom(pace: DensityPace) -> None:
    counter = FakeCounter()
    play(watch_of(counter, pace=pace), 3 * CALM_S)
    assert counter.counted_at == [0.0, CALM_S, 2 * CALM_S]


@pytest.mark.parametrize("pace", [LIVE, RECORDED])
def test_a_dense_map_is_followed_by_one_a_second(pace: DensityPace) -> None:
    counter = FakeCounter()
    counter.dense_from_s = 10.0
    play(watch_of(counter, pace=pace), 14.0)
    assert counter.counted_at == [0.0, 10.0, 11.0, 12.0, 13.0]


def test_a_map_that_may_not_be_believed_is_not_dense() -> None:
    counter = FakeCounter()
    counter.dense_from_s = 0.0
    counter.doubt = "It is too dark."
    watch = watch_of(counter)
    show(watch, 0.0)
    assert not watch.is_dense
    assert not watch.is_map_dense(0.0)


def test_a_handful_close_together_is_no_dense_place() -> None:
    for heads, is_dense in ((4, False), (12, True)):
        counter = FakeCounter()
        counter.heads = heads
        watch = watch_of(counter)
        show(watch, 0.0)
        assert watch.is_dense is is_dense


def test_a_map_holds_as_long_as_for_those_who_count_with_it() -> None:
    assert MAP_HOLDS_S == MAP_EXPIRES_S


@pytest.mark.parametrize("seen", [{"is_saturated": True}, {"map_share": 0.01}])
def test_it_is_counted_every_second_while_boxes_fail_or_the_map_is_in_use(
    seen: dict[str, object],
) -> None:
    counter = FakeCounter()
    play(watch_of(counter), 4.0, **seen)
    assert counter.counted_at == [0.0, 1.0, 2.0, 3.0]


def test_the_interval_is_a_setting() -> None:
    counter = FakeCounter()
    counter.dense_from_s = 0.0
    play(watch_of(counter, pace=DensityPace(dense_s=2.0)), 5.0)
    assert counter.counted_at == [0.0, 2.0, 4.0]


def test_when_it_becomes_calm_it_is_counted_seldom_again() -> None:
    counter = FakeCounter()
    watch = watch_of(counter)
    play(watch, 2.0, is_saturated=True)
    for second in range(2, 14):
        show(watch, float(second))
    assert counter.counted_at == [0.0, 1.0, 11.0]


def test_a_live_frame_is_counted_when_its_snapshot_is_out_and_a_recorded_one_before() -> None:
    frame = builders.frame()
    for pace, counted_before in ((LIVE, []), (RECORDED, [0.0])):
        counter = FakeCounter()
        watch = watch_of(counter, pace=pace)
        watch.lead(frame)
        assert counter.counted_at == counted_before
        watch.follow(frame, is_saturated=False, map_share=0.0)
        assert counter.counted_at == [0.0]
        assert watch.newest is not None


def test_the_newest_map_is_the_same_object_until_the_next() -> None:
    watch = watch_of(FakeCounter())
    show(watch, 0.0)
    first = watch.newest
    show(watch, 0.5)
    assert watch.newest is first
    show(watch, CALM_S)
    assert watch.newest is not first


def test_a_new_segment_has_no_map_until_it_is_counted_and_is_counted_soon() -> None:
    counter = FakeCounter()
    watch = watch_of(counter)
    show(watch, 100.0)
    frame = builders.frame(stream_time_s=0.0, segment=1)
    watch.lead(frame)
    assert watch.newest is None
    watch.follow(frame, is_saturated=False, map_share=0.0)
    assert counter.counted_at == [100.0, 0.0]


def test_a_camera_short_of_the_processor_is_counted_less_often_but_not_long_while_dense() -> None:
    calm, dense, slow = FakeCounter(), FakeCounter(), FakeCounter()
    play(watch_of(calm, is_short=True), STRETCH * CALM_S + 1)
    assert calm.counted_at == [0.0, STRETCH * CALM_S]
    play(watch_of(dense, is_short=True), 7.0, is_saturated=True)
    assert dense.counted_at == [0.0, DENSE_WAIT_S, 2 * DENSE_WAIT_S]
    play(watch_of(slow, pace=DensityPace(dense_s=4.0), is_short=True), 9.0, is_saturated=True)
    assert slow.counted_at == [0.0, 4.0, 8.0]


def test_a_recording_is_never_counted_less_often() -> None:
    counter = FakeCounter()
    play(watch_of(counter, pace=RECORDED, is_short=True), 3.0, is_saturated=True)
    assert counter.counted_at == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(("is_saturated", "longest_s"), [(True, DENSE_WAIT_S), (False, LONGEST_S)])
def test_another_examination_goes_first_but_not_for_ever(
    manual_clock: ManualClock, is_saturated: bool, longest_s: float
) -> None:
    scheduler = InferenceScheduler(manual_clock)
    own, other = (scheduler.open_seat(SeatPlan()) for _ in range(2))
    counter = FakeCounter()
    watch = watch_of(counter, clock=manual_clock)
    watch.sit_at(DensitySeat(own, own_device="cpu", scheduler=scheduler))
    show(watch, 0.0, is_saturated=is_saturated)
    with other.survey(1.0):
        step_s = longest_s / 6
        for number in range(1, 7):
            show(watch, number * step_s, is_saturated=is_saturated)
    assert counter.counted_at == [0.0, longest_s]


def test_the_first_look_is_not_put_off_for_ever(manual_clock: ManualClock) -> None:
    scheduler = InferenceScheduler(manual_clock)
    own, other = (scheduler.open_seat(SeatPlan()) for _ in range(2))
    counter = FakeCounter()
    watch = watch_of(counter, clock=manual_clock)
    watch.sit_at(DensitySeat(own, own_device="cpu", scheduler=scheduler))
    with other.survey(1.0):
        play(watch, DENSE_WAIT_S + 0.5)
    assert counter.counted_at == [DENSE_WAIT_S]


def test_maps_are_paid_for_with_the_cameras_own_turns(manual_clock: ManualClock) -> None:
    scheduler = InferenceScheduler(manual_clock)
    own = scheduler.open_seat(SeatPlan("cpu"))
    turns: list[int] = []

    class Looking(FakeCounter):
        def count(self, frame):  # type: ignore[no-untyped-def]
            turns.append(own.turns)
            return super().count(frame)

    for device, expected in (("cpu", 1), ("gpu", 0)):
        watch = watch_of(Looking(device=device), clock=manual_clock)
        watch.sit_at(DensitySeat(own, own_device="cpu", scheduler=scheduler))
        show(watch, 0.0)
        assert turns.pop() == expected
        watch.close()
    assert own.turns == 0
    assert own.rivals().live == 0
    assert scheduler.open_seat(SeatPlan("gpu")).rivals().live == 0, "its seat there was left"


def test_a_counter_that_fails_is_let_go_and_opened_again_later(manual_clock: ManualClock) -> None:
    made: list[FakeCounter] = []

    def make() -> FakeCounter:
        made.append(FakeCounter(failure=None if made else UnavailableError("It is busy.")))
        return made[-1]

    watch = watch_of(make, clock=manual_clock)
    show(watch, 0.0)
    assert "It is busy." in watch.fault
    assert made[0].is_closed
    show(watch, 1.0)
    assert len(made) == 1, "not before the wait is over"
    manual_clock.advance(RETRY.first_s)
    show(watch, 2.0)
    assert (len(made), watch.fault) == (2, "")
    assert watch.newest is not None


def test_a_recording_tries_again_with_the_next_frame_and_then_does_without(
    manual_clock: ManualClock,
) -> None:
    made: list[FakeCounter] = []

    def make() -> FakeCounter:
        made.append(FakeCounter(failure=UnavailableError("It did not answer.")))
        return made[-1]

    watch = watch_of(make, pace=RECORDED, clock=manual_clock)
    show(watch, 0.0)
    assert watch.fault == "Dense crowds cannot be counted: It did not answer."
    for number in range(1, 40):
        show(watch, number / 25)
        manual_clock.advance(60.0)
    assert len(made) == ATTEMPTS
    assert watch.fault == "From 0 s on boxes alone count dense crowds: It did not answer."


@pytest.mark.parametrize("frame_takes_s", [0.0, 0.1, 10.0])
def test_which_maps_a_recording_gets_depends_on_no_clock(
    manual_clock: ManualClock, frame_takes_s: float
) -> None:
    counter = FakeCounter()
    counter.dense_from_s = 0.0
    watch = watch_of(counter, pace=RECORDED, clock=manual_clock)
    for number in range(8):
        counter.failure = UnavailableError("Busy.") if number in {2, 4, 5} else None
        counter.is_closed = False
        show(watch, float(number))
        manual_clock.advance(frame_takes_s)
    assert counter.counted_at == [0.0, 1.0, 3.0, 6.0, 7.0], "failures in a row are what counts"
    assert watch.fault == ""


def test_a_network_that_is_refused_is_a_fault_of_the_recording_that_stays_without() -> None:
    def refuse() -> FakeCounter:
        raise ModelError("crowdsafe-light.onnx is missing.")

    watch = watch_of(refuse, pace=RECORDED)
    play(watch, 2.0)
    assert watch.fault.endswith("boxes alone count dense crowds: crowdsafe-light.onnx is missing.")


def test_a_loaded_network_that_fails_is_a_fault_whatever_it_raises() -> None:
    watch = watch_of(FakeCounter(failure=ModelError("It does not take this size.")))
    show(watch, 0.0)
    assert "It does not take this size." in watch.fault


def test_frames_far_apart_are_counted_before_they_are_measured() -> None:
    counter = FakeCounter()
    watch = watch_of(counter)
    show(watch, 0.0)
    for number, gap_s in enumerate((SLOW_GAP_S, 10.0), start=1):
        frame = builders.frame(index=number, stream_time_s=number * gap_s)
        watch.lead(frame)
        assert (frame.stream_time_s in counter.counted_at) is (gap_s > SLOW_GAP_S)
        watch.follow(frame, is_saturated=True, map_share=0.0)
    assert counter.counted_at == [0.0, 2.0, 20.0]


def test_a_place_that_was_dense_is_counted_at_once_when_its_stream_is_back(
    manual_clock: ManualClock,
) -> None:
    scheduler = InferenceScheduler(manual_clock)
    own, other = (scheduler.open_seat(SeatPlan()) for _ in range(2))
    counter = FakeCounter()
    counter.heads = 12
    watch = watch_of(counter, clock=manual_clock)
    watch.sit_at(DensitySeat(own, own_device="cpu", scheduler=scheduler))
    show(watch, 100.0)
    back = builders.frame(stream_time_s=0.0, segment=1)
    with other.survey(1.0):
        watch.lead(back)
    assert counter.counted_at == [100.0, 0.0]
    assert watch.newest is not None
    assert watch.newest.segment == 1
    watch.follow(back, is_saturated=False, map_share=0.0)
    assert counter.counted_at == [100.0, 0.0], "once"


def take(seat: Seat) -> Turn:
    turn = seat.try_take()
    assert turn is not None
    return turn


@pytest.fixture
def elsewhere(manual_clock: ManualClock) -> Elsewhere:
    return Elsewhere(manual_clock)


class Elsewhere:
    """A camera whose detector is at ``gpu`` and whose density network at ``cpu``."""

    def __init__(self, clock: ManualClock) -> None:
        scheduler = InferenceScheduler(clock)
        self.own = scheduler.open_seat(SeatPlan("gpu"))
        self.rival = scheduler.open_seat(SeatPlan("cpu"))
        self.turns: list[Turn] = []
        self.held: list[int] = []
        self.was_given_back = threading.Event()
        bench = self

        class Looking(FakeCounter):
            def count(self, frame):  # type: ignore[no-untyped-def]
                bench.held.append(bench.own.turns)
                return super().count(frame)

        self.counter = Looking(device="cpu")

        def make() -> FakeCounter:
            self.held.append(self.own.turns)
            return self.counter

        self.watch = DensityWatch(make, LIVE, clock=clock, give_turns_back=self.give_turns_back)
        self.watch.sit_at(DensitySeat(self.own, own_device="gpu", scheduler=scheduler))

    def give_turns_back(self) -> None:
        while self.turns:
            self.turns.pop().done()
        self.was_given_back.set()

    def show(self, stream_time_s: float) -> None:
        """Let one frame pass while the next is at the detector."""
        self.turns.append(take(self.own))
        show(self.watch, stream_time_s, is_saturated=True)
        self.give_turns_back()


def test_no_turn_of_another_device_is_held_while_opening_and_counting(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.show(0.0)
    elsewhere.show(1.0)
    assert elsewhere.counter.counted_at == [0.0, 1.0]
    assert elsewhere.held == [0, 0, 0]


def test_a_busy_device_elsewhere_is_asked_again_with_the_next_frame(elsewhere: Elsewhere) -> None:
    elsewhere.show(0.0)
    taken = [take(elsewhere.rival) for _ in range(3)]
    assert elsewhere.rival.try_take() is None
    elsewhere.show(1.0)
    elsewhere.show(1.5)
    assert elsewhere.counter.counted_at == [0.0]
    assert elsewhere.watch.fault == ""
    taken[0].done()
    elsewhere.show(2.0)
    assert elsewhere.counter.counted_at == [0.0, 2.0]


def test_a_dense_place_waits_elsewhere_in_the_end_and_holds_no_turn_meanwhile(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.show(0.0)
    taken = [take(elsewhere.rival) for _ in range(3)]
    held: list[int] = []

    def end_a_turn_of_the_rival() -> None:
        assert elsewhere.was_given_back.wait(5)
        held.append(elsewhere.own.turns)
        taken[0].done()

    elsewhere.was_given_back.clear()
    thread = threading.Thread(target=end_a_turn_of_the_rival, name="rival")
    thread.start()
    elsewhere.show(DENSE_WAIT_S)
    thread.join(5)
    assert elsewhere.counter.counted_at == [0.0, DENSE_WAIT_S]
    assert held == [0]


def test_one_dense_camera_keeps_no_calm_one_from_being_examined(manual_clock: ManualClock) -> None:
    class Slow(FakeCounter):
        def count(self, frame):  # type: ignore[no-untyped-def]
            manual_clock.advance(0.12)
            return super().count(frame)

    scheduler = InferenceScheduler(manual_clock)
    calm = scheduler.open_seat(SeatPlan())
    for pace in (LIVE, RECORDED):
        seat = scheduler.open_seat(SeatPlan(is_live=pace.defers))
        watch = watch_of(Slow(), pace=pace, clock=manual_clock, is_short=True)
        watch.sit_at(DensitySeat(seat, own_device="cpu", scheduler=scheduler))
        for second in range(4):
            show(watch, float(second), is_saturated=pace.defers)
            assert calm.may_survey(can_wait=True)


def test_whatever_a_runtime_raises_is_a_fault_and_no_crash(manual_clock: ManualClock) -> None:
    counter = FakeCounter(failure=RuntimeError("[CPU] out of memory"))
    watch = watch_of(counter, clock=manual_clock)
    show(watch, 0.0)
    assert "RuntimeError" in watch.fault
    assert counter.is_closed


def test_a_failure_leaves_the_newest_map_to_age(manual_clock: ManualClock) -> None:
    counter = FakeCounter()
    counter.dense_from_s = 0.0
    watch = watch_of(counter, clock=manual_clock)
    show(watch, 0.0)
    newest = watch.newest
    counter.failure = UnavailableError("It did not answer.")
    show(watch, 1.0)
    assert watch.newest is newest
    assert watch.is_map_dense(MAP_HOLDS_S)
    assert not watch.is_map_dense(MAP_HOLDS_S + 0.1)


def test_waits_grow_while_a_network_cannot_be_had_and_its_store_says_why(
    manual_clock: ManualClock,
) -> None:
    tries: list[float] = []

    def refuse() -> FakeCounter:
        tries.append(manual_clock.monotonic())
        raise ModelError("crowdsafe-light.onnx is missing.")

    watch = watch_of(refuse, clock=manual_clock)
    for second in range(40):
        show(watch, float(second))
        manual_clock.advance(1.0)
    assert [after - before for before, after in itertools.pairwise(tries)] == [
        5.0,
        10.0,
        20.0,
    ]
    assert watch.fault == "", "it is no fault of this camera"


def test_without_a_counter_it_is_asked_for_once() -> None:
    asked: list[int] = []

    def nothing() -> None:
        asked.append(1)

    watch = watch_of(nothing)
    play(watch, 30.0)
    assert len(asked) == 1
    assert watch.newest is None


def test_where_the_truth_is_known_nothing_is_counted() -> None:
    counter = FakeCounter()
    watch = watch_of(counter)
    frame = builders.frame()
    truth = builders.tracks((1.0, 2.0, 3.0, 4.0))
    known = type(frame)(
        index=0,
        image=frame.image,
        stream_time_s=0.0,
        segment=0,
        captured_at=frame.captured_at,
        captured_mono_s=frame.captured_mono_s,
        truth=truth,
    )
    watch.lead(known)
    watch.follow(known, is_saturated=True, map_share=1.0)
    assert counter.counted_at == []


def test_what_a_map_took_is_measured(manual_clock: ManualClock) -> None:
    class Slow(FakeCounter):
        def count(self, frame):  # type: ignore[no-untyped-def]
            manual_clock.advance(0.05)
            return super().count(frame)

    watch = watch_of(Slow(), clock=manual_clock)
    assert watch.count_ms == 0.0
    show(watch, 0.0)
    assert watch.count_ms == pytest.approx(50.0)


def test_a_look_is_announced_with_all_it_may_wait_for_and_opening_apart() -> None:
    told: list[float] = []
    counter = FakeCounter()
    watch = DensityWatch(lambda: counter, LIVE, clock=ManualClock(), announce=told.append)
    play(watch, CALM_S + 1)
    assert told == [OPENING_S, COUNT_S, COUNT_S]
    assert COUNT_S > SURVEY_PATIENCE_S + 2 * TIMEOUT_S


def test_closing_lets_the_counter_go_for_good() -> None:
    counter = FakeCounter()
    watch = watch_of(counter)
    show(watch, 0.0)
    watch.close()
    watch.close()
    assert counter.is_closed
    show(watch, CALM_S)
    assert counter.counted_at == [0.0]

"""Turns: how many are out, who gets the next, and that none is ever lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend.core.risk import RiskLevel
from backend.vision.inference.scheduler import (
    LIVE_PATIENCE_S,
    SPARE_TURNS,
    SURVEY_SHARE,
    InferenceScheduler,
    Seat,
    SeatPlan,
    Turn,
)
from tests.builders import ManualClock

ALL = 2 + SPARE_TURNS


@pytest.fixture
def scheduler(manual_clock: ManualClock) -> InferenceScheduler:
    return InferenceScheduler(manual_clock)


def take(seat: Seat) -> Turn:
    turn = seat.take(5.0)
    assert turn is not None
    return turn


@contextmanager
def waiting(seat: Seat, granted: list[str], name: str) -> Iterator[threading.Thread]:
    """Ask for a turn in another thread; it is entered in ``granted`` and kept."""
    asks = threading.Event()

    def ask() -> None:
        asks.set()
        if seat.take(20.0) is not None:
            granted.append(name)

    thread = threading.Thread(target=ask, name=f"camera-{name}")
    thread.start()
    assert asks.wait(5)
    try:
        yield thread
    finally:
        seat.close()
        thread.join(5)


def test_a_device_has_little_more_turns_than_it_computes_pictures(
    scheduler: InferenceScheduler,
) -> None:
    seats = [scheduler.open_seat(SeatPlan(parallel=2)) for _ in range(ALL + 1)]
    turns = [seat.take(0.0) for seat in seats]
    assert [turn is not None for turn in turns] == [True] * ALL + [False]
    other = scheduler.open_seat(SeatPlan(device="cuda:0", parallel=1))
    assert other.take(0.0) is not None, "another device has turns of its own"
    first = turns[0]
    assert first is not None
    first.done()
    first.done()
    assert seats[0].turns == 0
    assert seats[-1].take(0.0) is not None
    assert seats[0].take(0.0) is None


def test_one_camera_alone_may_use_the_whole_device(scheduler: InferenceScheduler) -> None:
    seat = scheduler.open_seat(SeatPlan(parallel=2))
    assert [seat.try_take() is not None for _ in range(ALL + 1)] == [True] * ALL + [False]
    assert seat.turns == ALL


def test_nobody_takes_a_further_turn_while_somebody_waits(scheduler: InferenceScheduler) -> None:
    greedy, patient = (scheduler.open_seat(SeatPlan(parallel=1)) for _ in range(2))
    mine = [greedy.try_take() for _ in range(2)]
    assert patient.take(0.0) is None
    granted: list[str] = []
    with waiting(patient, granted, "patient") as thread:
        while greedy.try_take() is not None:  # pragma: no cover - there is none
            raise AssertionError
        assert mine[0] is not None
        mine[0].done()
        thread.join(5)
        assert granted == ["patient"]
        assert greedy.try_take() is None
    assert greedy.try_take() is not None, "what a closed seat held is free again"


def test_a_camera_that_dies_holding_turns_gives_them_back(scheduler: InferenceScheduler) -> None:
    dying, living = (scheduler.open_seat(SeatPlan(parallel=1)) for _ in range(2))
    held = [dying.try_take(), dying.try_take()]
    granted: list[str] = []
    with waiting(living, granted, "living") as thread:
        dying.close()
        dying.close()
        thread.join(5)
        assert granted == ["living"]
        for turn in held:
            assert turn is not None
            turn.done()  # its thread wakes up later
        assert living.try_take() is not None
        assert living.try_take() is None, "a turn given back twice is one turn"
    assert dying.take(1.0) is None
    assert dying.try_take() is None


def test_a_seat_closed_while_its_thread_waits_wakes_it(scheduler: InferenceScheduler) -> None:
    busy, waiter = (scheduler.open_seat(SeatPlan(parallel=1)) for _ in range(2))
    while busy.try_take() is not None:
        pass
    granted: list[str] = []
    with waiting(waiter, granted, "waiter") as thread:
        waiter.close()
        thread.join(5)
        assert not thread.is_alive()
    assert granted == []


def run_busy(
    scheduler: InferenceScheduler, clock: ManualClock, seats: dict[str, Seat], *, turns: int
) -> Counter[str]:
    """Let every seat want turns all the time on a device with one turn at once."""
    blocker = scheduler.open_seat(SeatPlan(parallel=1))
    spare = [blocker.try_take() for _ in range(SPARE_TURNS + 1)]
    order: list[str] = []
    ready = threading.Semaphore(0)
    over = threading.Event()

    def want(name: str, seat: Seat) -> None:
        while not over.is_set():
            ready.release()
            turn = seat.take(20.0)
            if turn is None:
                return
            order.append(name)
            clock.advance(0.02)
            if len(order) >= turns:
                over.set()
            turn.done()

    threads = [
        threading.Thread(target=want, args=item, name=f"camera-{item[0]}") for item in seats.items()
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        ready.acquire()
    assert spare[0] is not None
    spare[0].done()
    assert over.wait(20)
    for seat in seats.values():
        seat.close()
    for thread in threads:
        thread.join(5)
    return Counter(order[:turns])


def test_recordings_come_last_and_are_never_forgotten(
    scheduler: InferenceScheduler, manual_clock: ManualClock
) -> None:
    seats = {f"live{n}": scheduler.open_seat(SeatPlan(parallel=1)) for n in range(2)}
    seats["recording"] = scheduler.open_seat(SeatPlan(parallel=1, is_live=False))
    for seat in seats.values():
        seat.set_level(RiskLevel.SAFE)
    served = run_busy(scheduler, manual_clock, seats, turns=300)
    assert 0 < served["recording"] <= 60
    assert served["live0"] >= 100


def test_levels_decide_who_is_served_more(
    scheduler: InferenceScheduler, manual_clock: ManualClock
) -> None:
    levels = {"safe": RiskLevel.SAFE, "critical": RiskLevel.CRITICAL}
    seats = {
        f"{name}{n}": scheduler.open_seat(SeatPlan(parallel=1))
        for name in levels
        for n in (1, 2, 3)
    }
    for name, seat in seats.items():
        seat.set_level(levels[name[:-1]])
    assert seats["safe1"].rivals().riskier == 3
    assert seats["safe1"].rivals().live == 5
    assert seats["critical1"].rivals().riskier == 0
    served = run_busy(scheduler, manual_clock, seats, turns=400)
    assert min(served[f"critical{n}"] for n in (1, 2, 3)) > 2 * served["safe1"]
    assert served["safe1"] > 0


def test_a_survey_uses_the_turn_its_camera_holds_and_is_paid_for(
    scheduler: InferenceScheduler, manual_clock: ManualClock
) -> None:
    surveyor, other = (scheduler.open_seat(SeatPlan(parallel=1)) for _ in range(2))
    turn = take(surveyor)
    with surveyor.survey(12.0, can_wait=True):
        assert surveyor.turns == 1
        assert not other.may_survey(can_wait=False)
        manual_clock.advance(0.3)
    assert other.may_survey(can_wait=False)
    assert not other.may_survey(can_wait=True), "surveys have had their share for now"
    manual_clock.advance(0.3 / SURVEY_SHARE)
    assert other.may_survey(can_wait=True)
    turn.done()
    with surveyor.survey(12.0):
        assert surveyor.turns == 1, "without a turn it takes one"
    assert surveyor.turns == 0
    while other.try_take() is not None:
        pass
    manual_clock.advance(LIVE_PATIENCE_S)
    surveyor.close()
    with surveyor.survey(12.0):
        assert surveyor.turns == 0


def test_only_a_survey_that_could_wait_uses_up_the_time_of_those_that_can(
    scheduler: InferenceScheduler, manual_clock: ManualClock
) -> None:
    live, other = (scheduler.open_seat(SeatPlan()) for _ in range(2))
    recorded = scheduler.open_seat(SeatPlan(is_live=False))

    def is_blocked_by(seat: Seat, can_wait: bool | None) -> bool:
        with seat.survey(1.0, can_wait=can_wait):
            manual_clock.advance(0.12)
        is_blocked = not other.may_survey(can_wait=True)
        manual_clock.advance(0.12 / SURVEY_SHARE)
        return is_blocked

    assert not is_blocked_by(live, can_wait=None)
    assert not is_blocked_by(live, can_wait=False)
    assert is_blocked_by(live, can_wait=True)
    assert not is_blocked_by(recorded, can_wait=True)
    live.set_can_wait(True)
    assert is_blocked_by(live, can_wait=None)
    assert not is_blocked_by(live, can_wait=False)


def test_a_survey_that_does_not_wait_is_not_made_where_no_turn_is_free(
    scheduler: InferenceScheduler,
) -> None:
    surveyor, busy = (scheduler.open_seat(SeatPlan(parallel=1)) for _ in range(2))
    with surveyor.survey(1.0, waits=False) as has_turn:
        assert has_turn
        assert surveyor.turns == 1
    while busy.try_take() is not None:
        pass
    with surveyor.survey(1.0, waits=False) as has_turn:
        assert not has_turn
        assert busy.may_survey(can_wait=False), "nobody looks"
    busy.close()
    with surveyor.survey(1.0, waits=False) as has_turn:
        assert has_turn
    assert surveyor.turns == 0

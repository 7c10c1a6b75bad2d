"""Turns at the processor: which camera's newest picture is analysed next.

A camera asks for a turn and takes the newest picture of its source only when it has one, so
that waiting never ages a picture. There are hardly more turns than the device computes pictures
at once: whoever is granted one is answered at once, and whoever is not loses a picture, not
time. Formulae, weights and measurements: docs/methods/inference.md.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from backend.core.clock import Clock
from backend.core.risk import RiskLevel
from backend.vision.inference.fair_queue import FairQueue

WEIGHTS = MappingProxyType(
    {
        RiskLevel.SAFE: 1.0,
        RiskLevel.CAUTION: 2.0,
        RiskLevel.WARNING: 4.0,
        RiskLevel.CRITICAL: 8.0,
    }
)
"""Shares of the processor by the last level of the place."""
UNKNOWN_WEIGHT = 2.0
"""Share of a camera of whose place nothing is known yet."""
RECORDED_WEIGHT = 0.25
"""Share of a recording: live cameras first, but it never stands still."""
SPARE_TURNS = 1
"""Turns beyond what the device computes at once: fetching and painting overlap computing."""
LIVE_PATIENCE_S = 0.8
"""A live camera waits so long at most while the machine can serve everybody once a second."""
RECORDED_PATIENCE_S = 2.0
SURVEY_PATIENCE_S = 5.0
SURVEY_SHARE = 0.1
"""Share of its time a busy device spends on surveys that can wait."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """Who else uses a seat's device.

    Attributes:
        live: Other live cameras.
        riskier: Those of them that have a larger share for their level.
        recorded: Recordings.
    """

    live: int = 0
    riskier: int = 0
    recorded: int = 0


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """What is asked for.

    Attributes:
        device: What computes the camera's network; each has turns of its own.
        parallel: Pictures it computes at once.
        is_live: A live camera; recordings come last.
    """

    device: str = "cpu"
    parallel: int = 2
    is_live: bool = True


class Turn:
    """The right to have one picture in the network; `done` gives it back."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    def done(self) -> None:
        """The answer has been read, or there was no picture after all; idempotent."""
        self._seat.give_back(self)


class _Lane:
    """One device: its queue, its seats and the turns that are out; guarded by one lock."""

    def __init__(self, clock: Clock) -> None:
        self.lock = threading.Lock()
        self.queue = FairQueue()
        self.seats: dict[int, Seat] = {}
        self.out = 0
        self.surveys = 0
        self.next_survey_s = -math.inf
        self._clock = clock

    @property
    def has_room(self) -> bool:
        """Whether another turn may be granted now."""
        parallel = max((seat.parallel for seat in self.seats.values()), default=1)
        return self.out < parallel + SPARE_TURNS

    def dispatch(self) -> None:
        """Grant turns while there are any and somebody waits."""
        while self.has_room:
            member = self.queue.serve(self._clock.monotonic())
            if member is None:
                return
            assert isinstance(member, int)
            self.seats[member].grant()


class Seat:
    """One camera's place at a device (`InferenceScheduler.open_seat`).

    Used by the camera's thread; `close` may be called by any.
    """

    def __init__(self, number: int, lane: _Lane, clock: Clock, plan: SeatPlan) -> None:
        self.number = number
        self.parallel = max(1, plan.parallel)
        self.is_live = plan.is_live
        self.weight = UNKNOWN_WEIGHT if plan.is_live else RECORDED_WEIGHT
        self._lane = lane
        self._clock = clock
        self._granted = threading.Condition(lane.lock)
        self._unclaimed: Turn | None = None
        self._out: set[Turn] = set()
        self._is_closed = False
        self._can_wait = False
        with lane.lock:
            lane.seats[number] = self
            patience_s = LIVE_PATIENCE_S if plan.is_live else RECORDED_PATIENCE_S
            lane.queue.join(number, weight=self.weight, patience_s=patience_s)
            lane.dispatch()  # a device that computes more at once may have got more room

    @property
    def is_closed(self) -> bool:
        """No more turns are granted."""
        return self._is_closed

    def may_survey(self, *, can_wait: bool) -> bool:
        """Whether nobody surveys a picture at the device just now.

        Args:
            can_wait: Frames are lacking and the place is quiet: then only while surveys take no
                more than `SURVEY_SHARE` of the device's time.
        """
        lane = self._lane
        is_free = not can_wait or self._clock.monotonic() >= lane.next_survey_s
        return is_free and lane.surveys == 0

    @property
    def turns(self) -> int:
        """Turns it holds."""
        return len(self._out)

    def set_level(self, level: RiskLevel) -> None:
        """Weigh a live camera by the level of its place from now on."""
        weight = WEIGHTS[level]
        if not self.is_live or weight == self.weight:
            return
        with self._lane.lock:
            self.weight = weight
            if not self._is_closed:
                self._lane.queue.set_weight(self.number, weight)

    def set_can_wait(self, can_wait: bool) -> None:
        """Say whether the camera's surveys can wait from now on: see `may_survey`."""
        self._can_wait = can_wait

    def try_take(self, cost: float = 1.0) -> Turn | None:
        """Return a turn if one is free and nobody waits for it, else None; never waits."""
        lane = self._lane
        with lane.lock:
            if self._is_closed or len(lane.queue) or not lane.has_room:
                return None
            lane.queue.ask(self.number, now_s=self._clock.monotonic(), cost=cost)
            lane.dispatch()
            return self._claim()

    def take(self, timeout_s: float, cost: float = 1.0) -> Turn | None:
        """Wait for a turn; None when none came in time or the seat was closed.

        Asking again after that keeps the place in the queue. A thread that holds a turn must
        not wait for another one (two of them could wait for each other): it uses `try_take`,
        and reads its answer first where that fails.
        """
        lane = self._lane
        with lane.lock:
            if self._is_closed:
                return None
            lane.queue.ask(self.number, now_s=self._clock.monotonic(), cost=cost)
            lane.dispatch()
            self._granted.wait_for(
                lambda: self._unclaimed is not None or self._is_closed, timeout_s
            )
            lane.queue.step_away(self.number)
            return self._claim()

    @contextmanager
    def survey(
        self, cost: float, *, can_wait: bool | None = None, waits: bool = True
    ) -> Iterator[bool]:
        """Look at ``cost`` further regions: under the turn it holds, or one of its own.

        The camera pays for it with later turns; the others keep theirs. Only a live camera's
        survey that could have waited uses up the time of those that can: one that had to be
        made, and any of a recording, keeps nobody else's from being made.

        Args:
            cost: Regions.
            can_wait: As in `may_survey`; None = as `set_can_wait` said last.
            waits: Wait for a turn, and do without after `SURVEY_PATIENCE_S`.

        Yields:
            Whether it may be made; False only where it does not wait and no turn is free.
        """
        lane = self._lane
        is_under_own = bool(self._out)
        turn = None
        if not is_under_own:
            turn = self.take(SURVEY_PATIENCE_S, cost) if waits else self.try_take(cost)
        if turn is None and not is_under_own and not waits:
            yield False
            return
        is_deferrable = self.is_live and (self._can_wait if can_wait is None else can_wait)
        began_s = self._clock.monotonic()
        with lane.lock:
            lane.surveys += 1
            if turn is None and not self._is_closed:
                lane.queue.charge(self.number, cost)
        try:
            yield True
        finally:
            now_s = self._clock.monotonic()
            with lane.lock:
                lane.surveys -= 1
                if is_deferrable:
                    lane.next_survey_s = now_s + (now_s - began_s) * (1 / SURVEY_SHARE - 1)
            if turn is not None:
                turn.done()

    def rivals(self) -> Rivals:
        """Return who else uses the device now."""
        with self._lane.lock:
            others = [seat for seat in self._lane.seats.values() if seat is not self]
        live = [seat for seat in others if seat.is_live]
        return Rivals(
            live=len(live),
            riskier=sum(seat.weight > self.weight for seat in live),
            recorded=len(others) - len(live),
        )

    def give_back(self, turn: Turn) -> None:
        """End a turn (see `Turn.done`)."""
        lane = self._lane
        with lane.lock:
            if turn in self._out:
                self._out.remove(turn)
                lane.out -= 1
                lane.dispatch()

    def close(self) -> None:
        """Leave: turns that are out are given back, whoever waits is told; idempotent."""
        lane = self._lane
        with lane.lock:
            if self._is_closed:
                return
            self._is_closed = True
            lane.queue.leave(self.number)
            del lane.seats[self.number]
            lane.out -= len(self._out)
            self._out.clear()
            self._unclaimed = None
            self._granted.notify_all()
            lane.dispatch()

    # ── under the lane's lock ────────────────────────────────────────────────────────────

    def grant(self) -> None:
        """Receive a turn."""
        self._unclaimed = Turn(self)
        self._out.add(self._unclaimed)
        self._lane.out += 1
        self._granted.notify_all()

    def _claim(self) -> Turn | None:
        turn, self._unclaimed = self._unclaimed, None
        return turn


class InferenceScheduler:
    """Grants turns to all cameras of a process, device by device.

    Args:
        clock: Measures how long somebody has waited.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}
        self._numbers = itertools.count(1)

    def open_seat(self, plan: SeatPlan) -> Seat:
        """Return a place for one camera; it must be closed."""
        with self._lock:
            lane = self._lanes.setdefault(plan.device, _Lane(self._clock))
            number = next(self._numbers)
        return Seat(number, lane, self._clock, plan)

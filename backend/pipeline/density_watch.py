"""When a camera is counted by the density network: seldom while calm, every second while dense."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from backend.core.backoff import Backoff, BackoffParams
from backend.core.clock import Clock
from backend.core.errors import ModelError, UnavailableError
from backend.core.frame import Frame
from backend.core.observation import CrowdMap
from backend.crowd.hybrid.shares import HANDFUL
from backend.pipeline.density_seat import DensitySeat
from backend.pipeline.survey_pace import LONGEST_S, STRETCH
from backend.vision.density.counter import DensityCounter
from backend.vision.density.network_counter import TIMEOUT_S
from backend.vision.inference.scheduler import SURVEY_PATIENCE_S

logger = logging.getLogger(__name__)

CALM_S = 10.0
"""A calm place is counted so often: soon enough to see it become dense."""
DENSE_WAIT_S = 3.0
"""A dense place waits no longer for its next map, however short of the processor it is: a map
counts for five seconds, and without one nobody is counted there."""
DENSE_PER_CELL = 0.2
"""Mean people per cell over `core.observation.CROWDED_BLOCK` squared cells from which a place is
looked at as a dense one: three heads side by side, if they are more than a handful in all."""
MAP_HOLDS_S = 5.0
"""What a map says of now is over after so much stream time, as in `crowd.hybrid.blend`."""
SLOW_GAP_S = 2.0
"""Frames farther apart are counted before they are measured: nothing waits at such a rate, and a
map made after its snapshot would be old when the next frame comes."""
RETRY = BackoffParams(first_s=5.0, cap_s=300.0)
"""Waits before the counter of a live camera that failed is opened again."""
ATTEMPTS = 3
"""Looks of a recording that may fail in a row before it goes on without maps."""
COUNT_S = SURVEY_PATIENCE_S + 2 * TIMEOUT_S + 15.0
"""What one look may take before the camera's thread counts as stuck: the longest wait for a turn,
for a request and for the answer, and the time to compile the network for another size of picture
and to scale and to read on a busy machine. Each of the waits ends by itself, with an error of
which the camera does not die, so that none of them may look like a thread that is stuck."""
OPENING_S = math.inf
"""What opening the counter may take: the first camera loads the network and has it answer once,
the others wait for that. Whoever loads is not stuck, as with a detector; a thread that were given
up would leave another one waiting for the same."""


@dataclass(frozen=True, slots=True)
class DensityPace:
    """How often a camera is counted.

    Attributes:
        dense_s: Stream time between two maps of a dense place, seconds.
        calm_s: The same of a calm place.
        defers: A live camera: count a frame only when its snapshot is out (`follow`); the map
            counts from the next frame on. Otherwise, and where frames are `SLOW_GAP_S` apart,
            before it is measured (`lead`).
    """

    dense_s: float = 1.0
    calm_s: float = CALM_S
    defers: bool = True


class DensityWatch:
    """Has one camera counted by its density network; used by the camera's thread.

    The counter is opened for the first look. Its failure is none of the camera: the newest map
    ages and `fault` says why. A live camera waits longer each time before the next attempt. A
    recording, whose results must not depend on how fast it is analysed, tries again with its
    next frame, and after `ATTEMPTS` failures in a row does without to its end.

    Args:
        make_counter: Opens the camera's counter (the first may load the network: seconds); None
            where nothing is to be counted so.
        pace: How often.
        clock: Measures waits after a failure and what a map takes.
        is_short: Whether frames are lacking and the place is quiet: looks are then `STRETCH`
            times further apart, those at a dense place `DENSE_WAIT_S` at most.
        announce: Told before each look, and before opening, how long it may take, seconds.
        give_turns_back: Reads the answers of whatever is under way at the detector, so that the
            camera holds no turn there while it waits for something else.
    """

    def __init__(
        self,
        make_counter: Callable[[], DensityCounter | None],
        pace: DensityPace,
        *,
        clock: Clock,
        is_short: Callable[[], bool] = lambda: False,
        announce: Callable[[float], None] = lambda _allow_s: None,
        give_turns_back: Callable[[], None] = lambda: None,
    ) -> None:
        self._make_counter = make_counter
        self._pace = pace
        self._clock = clock
        self._is_short = is_short
        self._announce = announce
        self._give_turns_back = give_turns_back
        self._seat = DensitySeat()
        self._counter: DensityCounter | None = None
        self._backoff = Backoff(clock, RETRY)
        self._retry_mono_s = clock.monotonic()
        self._is_off = False
        self._failures = 0
        self._fault = ""
        self._count_ms = 0.0
        self._segment: int | None = None
        self._since_s = 0.0
        self._seen_s = 0.0
        self._leads = False
        self._newest: CrowdMap | None = None
        self._is_newest_dense = False
        self._is_saturated = False
        self._is_in_use = False

    @property
    def newest(self) -> CrowdMap | None:
        """Newest map of the present segment, the same object until the next."""
        return self._newest

    @property
    def fault(self) -> str:
        """Why there is no new map, a sentence for a person; empty while nothing is wrong.

        A network that cannot be had at all is no fault of a live camera: its store says so. It
        is one of a recording, whose results stay without.
        """
        return self._fault

    @property
    def count_ms(self) -> float:
        """What the newest map took, milliseconds; 0 before the first."""
        return self._count_ms

    @property
    def is_dense(self) -> bool:
        """Whether the place is looked at as a dense one: people beyond telling apart, a dense
        map, or a map that still counts in place of boxes."""
        return self._is_saturated or self._is_in_use or self._is_newest_dense

    def is_map_dense(self, stream_time_s: float) -> bool:
        """Whether the newest map still holds at that time and shows a dense place."""
        if self._newest is None or not (self._is_newest_dense or self._is_in_use):
            return False
        return 0.0 <= stream_time_s - self._newest.stream_time_s <= MAP_HOLDS_S

    def sit_at(self, seat: DensitySeat) -> None:
        """Take turns there from now on."""
        self._seat = seat

    def lead(self, frame: Frame) -> None:
        """Before ``frame`` is measured: forget an earlier segment; count unless deferred.

        A place that was dense when the stream broke off is counted at once.
        """
        if frame.segment != self._segment:
            self._segment, self._since_s = frame.segment, frame.stream_time_s
            self._newest = None
            self._leads = self.is_dense
        else:
            self._leads = frame.stream_time_s - self._seen_s > SLOW_GAP_S
        self._seen_s = frame.stream_time_s
        self._leads = self._leads or not self._pace.defers
        if self._leads and self._is_due(frame):
            self._consider(frame)

    def follow(self, frame: Frame, *, is_saturated: bool, map_share: float) -> None:
        """After ``frame`` was measured and published: note how dense it is; count if due.

        Args:
            frame: The same as in `lead`.
            is_saturated: People can no longer be told apart, by whatever evidence.
            map_share: How far the newest map counted in place of boxes, in [0, 1].
        """
        self._is_saturated = is_saturated
        self._is_in_use = map_share > 0.0
        if not self._leads and self._is_due(frame):
            self._consider(frame)

    def abandon(self) -> None:
        """From another thread: give back the turns of a thread that is stuck."""
        self._seat.close()

    def close(self) -> None:
        """Let go of the counter; idempotent."""
        self._is_off = True
        self.abandon()
        self._let_go()

    def _is_due(self, frame: Frame) -> bool:
        if self._is_off or frame.truth is not None:
            return False
        if self._clock.monotonic() < self._retry_mono_s:
            return False
        return self._newest is None or not 0.0 <= self._waited_s(frame) < self._interval_s

    @property
    def _interval_s(self) -> float:
        pace = self._pace
        stretch = STRETCH if pace.defers and self._is_short() else 1.0
        if not self.is_dense:
            return stretch * pace.calm_s
        return max(min(stretch * pace.dense_s, DENSE_WAIT_S), pace.dense_s)

    def _waited_s(self, frame: Frame) -> float:
        """Stream time since the newest map, or since the segment began."""
        return frame.stream_time_s - self._since_s

    def _consider(self, frame: Frame) -> None:
        """Look, but let another camera's examination end first, if not for ever."""
        is_urgent = self.is_dense or self._newest is None
        longest_s = max(DENSE_WAIT_S, self._pace.dense_s) if is_urgent else LONGEST_S
        is_overdue = not 0.0 <= self._waited_s(frame) < longest_s
        waits = not self._pace.defers or is_overdue or (is_urgent and self._leads)
        can_wait = not is_urgent and self._is_short()
        if waits or self._seat.may_look(can_wait=can_wait):
            self._look(frame, waits=waits, can_wait=can_wait)

    def _look(self, frame: Frame, *, waits: bool, can_wait: bool) -> None:
        is_open = self._counter is not None
        if not is_open or self._seat.is_elsewhere:
            self._give_turns_back()
        try:
            if not is_open and not self._open():
                return
            self._announce(COUNT_S)
            with self._seat.turn(can_wait=can_wait, waits=waits) as has_turn:
                if has_turn:
                    self._count(frame)
        except ModelError as error:
            is_the_stores = self._counter is None and self._pace.defers
            self._failed(error, frame, "" if is_the_stores else str(error).rstrip("."))
        except UnavailableError as error:
            self._failed(error, frame, str(error).rstrip("."))
        except Exception as error:  # whatever a runtime raises: the camera goes on without maps
            logger.exception("density_count_crashed")
            self._failed(error, frame, f"{type(error).__name__}; see the log")

    def _count(self, frame: Frame) -> None:
        assert self._counter is not None
        began_s = self._clock.monotonic()
        newest = self._counter.count(frame)
        self._count_ms = 1000 * (self._clock.monotonic() - began_s)
        self._newest, self._since_s = newest, frame.stream_time_s
        self._is_newest_dense = _is_dense(newest)
        self._backoff.succeeded()
        self._failures = 0
        self._fault = ""

    def _open(self) -> bool:
        """Open the counter; return whether there is one."""
        self._announce(OPENING_S)
        self._counter = self._make_counter()
        if self._counter is None:
            self._is_off = True
            return False
        self._seat.sit_down(self._counter.info)
        return True

    def _failed(self, error: Exception, frame: Frame, reason: str) -> None:
        """Let the counter go; a new one is opened after a while, or with the next frame."""
        self._let_go()
        self._fault = f"Dense crowds cannot be counted: {reason}." if reason else ""
        self._failures += 1
        if self._pace.defers:
            delay_s = self._backoff.failed()
            self._retry_mono_s = self._clock.monotonic() + delay_s
            logger.warning("density_count_failed retry_s=%.0f %s", delay_s, error)
            return
        logger.warning("density_count_failed failures=%d %s", self._failures, error)
        if self._failures >= ATTEMPTS:
            self._is_off = True
            since_s = frame.stream_time_s
            self._fault = f"From {since_s:.0f} s on boxes alone count dense crowds: {reason}."

    def _let_go(self) -> None:
        counter, self._counter = self._counter, None
        if counter is not None:
            counter.close()


def _is_dense(found: CrowdMap) -> bool:
    is_crowd = not found.doubt and found.total >= HANDFUL[0]
    return is_crowd and found.densest_per_cell >= DENSE_PER_CELL

"""Who has gone in and out over all lines of a location, across camera runs and redrawn lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.core.calibration import Point
from backend.core.locations import LineBalance, LineRef
from backend.core.places import CountingLine, LineReading
from backend.core.trust import Trust

RECENT_S = 90.0
"""Passages of so many seconds are remembered one by one: as long as a surge looks back."""


@dataclass(frozen=True, slots=True)
class LineSight:
    """What is known of one line now.

    Attributes:
        run_id: Camera run the reading belongs to.
        drawn: As drawn when it was read: a line drawn elsewhere starts again from 0.
        reading: None = the line is not seen now.
    """

    run_id: int
    drawn: CountingLine
    reading: LineReading | None


@dataclass(slots=True)
class _Counter:
    """What was last read of one line.

    Attributes:
        run_id, ends: Camera run, and the line's end points as drawn. None: no run is known.
        count_in, count_out: Passages in that run. None: the next reading says from where on.
    """

    run_id: int | None = None
    ends: tuple[Point, Point] | None = None
    count_in: int | None = 0
    count_out: int | None = 0


class LineLedger:
    """The balance of one location; owned by one thread.

    Readings count from the beginning of a camera run, or from when the line was drawn. What they
    grow by is added to the balance. A new run, a line drawn elsewhere and a reading lower than
    the one before begin again from 0, so all they show has passed since. The first that is ever
    heard of a line is different: people who passed before nobody asked belong to no balance, so
    a run that is under way then is added to from there on only.

    Args:
        balance: As last written; None = nobody is inside when counting begins. Passages between
            then and now are unknown: add that time to its `unseen_s`.
    """

    def __init__(self, balance: LineBalance | None = None) -> None:
        self._balance = balance
        self._counters: dict[tuple[int, int], _Counter] = {}
        self._recent: deque[tuple[float, int, int]] = deque()
        self._mono_s: float | None = None
        self._seen: frozenset[LineRef] = frozenset()

    @property
    def balance(self) -> LineBalance | None:
        """Balance now; None before the first update where none was handed in."""
        return self._balance

    @property
    def seen(self) -> frozenset[LineRef]:
        """Lines that were seen at the last update."""
        return self._seen

    @property
    def recent(self) -> tuple[int, int]:
        """Passages in and out of the last 90 s."""
        return sum(row[1] for row in self._recent), sum(row[2] for row in self._recent)

    def correct(self, count: float, *, at: datetime) -> None:
        """People inside at ``at``, as somebody has counted them: the balance begins anew."""
        self._balance = LineBalance(max(count, 0.0), 0, 0, at)

    def idle(self, *, mono_s: float) -> None:
        """Take note that there are no lines now: who passes meanwhile is not known.

        Args:
            mono_s: Monotonic time, seconds.
        """
        elapsed_s = 0.0 if self._mono_s is None else max(mono_s - self._mono_s, 0.0)
        self._mono_s = mono_s
        self._counters.clear()
        self._recent.clear()
        self._seen = frozenset()
        if self._balance is not None:
            unseen_s = self._balance.unseen_s + elapsed_s
            self._balance = replace(self._balance, unseen_s=unseen_s)

    def update(
        self,
        lines: Sequence[LineRef],
        sights: Mapping[LineRef, LineSight],
        *,
        at: datetime,
        mono_s: float,
    ) -> LineBalance:
        """Add what the lines have counted since the last update.

        Args:
            lines: Lines of the location; one that was not among them before is new.
            sights: What is known of them; a line that is missing is not seen.
            at: Aware UTC.
            mono_s: Monotonic time, seconds.
        """
        elapsed_s = 0.0 if self._mono_s is None else max(mono_s - self._mono_s, 0.0)
        self._mono_s = mono_s
        keys = {(line.camera_id, line.line_id) for line in lines}
        self._counters = {key: found for key, found in self._counters.items() if key in keys}
        came = went = 0
        for line in lines:
            forward, backward = self._passages(line, sights.get(line))
            came += backward if line.is_reversed else forward
            went += forward if line.is_reversed else backward
        self._remember(came, went, mono_s)
        self._seen = frozenset(line for line in lines if _is_seen(sights.get(line)))
        unseen_s = elapsed_s if len(self._seen) < len(lines) else 0.0
        known = self._balance or LineBalance(0.0, 0, 0, at, is_corrected=False)
        self._balance = replace(
            known,
            count_in=known.count_in + came,
            count_out=known.count_out + went,
            unseen_s=known.unseen_s + unseen_s,
        )
        return self._balance

    def _passages(self, line: LineRef, sight: LineSight | None) -> tuple[int, int]:
        """Passages in and against the line's direction since the last update."""
        key = (line.camera_id, line.line_id)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = _Counter()
            if sight is not None:  # the run was under way before anybody asked
                counter.run_id, counter.ends = sight.run_id, _ends(sight)
                counter.count_in = counter.count_out = None
        if sight is None or sight.reading is None:
            return 0, 0
        now_in, now_out = sight.reading.count_in, sight.reading.count_out
        is_new = counter.run_id != sight.run_id or counter.ends != _ends(sight)
        before_in, before_out = counter.count_in, counter.count_out
        counter.run_id, counter.ends = sight.run_id, _ends(sight)
        counter.count_in, counter.count_out = now_in, now_out
        if is_new:
            return now_in, now_out
        if before_in is None or before_out is None:
            return 0, 0
        if now_in < before_in or now_out < before_out:
            return now_in, now_out
        return now_in - before_in, now_out - before_out

    def _remember(self, came: int, went: int, mono_s: float) -> None:
        if came or went:
            self._recent.append((mono_s, came, went))
        while self._recent and self._recent[0][0] <= mono_s - RECENT_S:
            self._recent.popleft()


def _ends(sight: LineSight) -> tuple[Point, Point]:
    return sight.drawn.start, sight.drawn.end


def _is_seen(sight: LineSight | None) -> bool:
    return (
        sight is not None and sight.reading is not None and sight.reading.trust is not Trust.UNKNOWN
    )

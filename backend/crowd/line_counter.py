"""Counting people over a line while they walk, frame by frame (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.line_geometry import MeasurementLine

HYSTERESIS_M = 0.15
"""How far beyond the line somebody must be to have passed, metres: more than boxes tremble."""

HANDOVER_M = 0.5
"""How far from where a lost track would be a new one may appear and continue it, metres: about
the room one body takes."""

HANDOVER_S = 1.0
FORGET_S = 5.0
"""A track that comes back under its own identity within this time is still the same passage."""

FLOW_WINDOW_S = 60.0
MIN_FLOW_SPAN_S = 10.0
"""Below this time nobody says how many people come per second."""

_SMOOTHING_S = 0.5


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody has passed the line.

    Attributes:
        track_id: Identity under which it was completed.
        time_s: Stream time at which the line itself was passed, seconds.
        direction: +1 from the left of the directed line to its right, -1 back.
    """

    track_id: int
    time_s: float
    direction: int


@dataclass(frozen=True, slots=True)
class LineFlow:
    """Flow in one direction over the last minute, with its 90 % interval.

    Attributes:
        people: Passages in the window.
        span_s: Length of the window, at most 60 s.
        per_s, low, high: Flow, 1/s.
        specific_per_m_s: Flow per metre of width, 1/(m·s), None without a width.
    """

    people: int
    span_s: float
    per_s: float
    low: float
    high: float
    specific_per_m_s: float | None


class _Walker:
    """What is remembered of one track."""

    __slots__ = ("at_s", "away", "clear_side", "crossed_s", "is_through", "side", "velocity", "xy")

    def __init__(self, xy: FloatArray, away: float, *, side: int, at_s: float) -> None:
        self.xy, self.away, self.at_s = xy, away, at_s
        self.velocity = np.zeros(2)
        self.side = side
        self.clear_side = side
        self.crossed_s = at_s
        self.is_through = False


class LineCounter:
    """Counts each passage of a line segment once, in both directions.

    **Passage.** Somebody passes when they have been on one side, cross the segment (not its
    extension) and stand at least ``hysteresis`` beyond it. To count again they must get as far
    beyond it on the other side: who sways on the line is counted once, who comes back is
    counted back, net 0.

    **Changed identity.** A track never seen before that appears within ``handover_distance`` of
    where a track lost for at most 1 s would now be (its last position carried on at its last
    velocity) continues that track, the nearest pair first, each lost track once. So a person
    renumbered on the line is neither missed nor counted twice.

    **Memory.** A track unseen for 5 s is forgotten, passages older than a minute are kept as
    totals only, and a new segment forgets all tracks: identities do not span it.

    Owned by one thread, like the analyser.

    Args:
        line: (2, 2) float64, end points; +1 is from its left to its right as told at
            `backend.crowd.flow.line_crossings`.
        hysteresis: In the unit of the positions; the default is in metres.
        handover_distance: The same.
        width_m: Width of the passage for specific flow, None = not given.

    Raises:
        ValueError: A line of no length, a negative distance, or a width of 0 or less.

    Example:
        >>> counter = LineCounter(np.array([[0.0, 0.0], [0.0, 2.0]]))
        >>> for k in range(5):
        ...     walker = np.array([[0.3 * k - 0.7, 1.0]])
        ...     done = counter.update(np.array([7]), walker, stream_time_s=0.2 * k, segment=0)
        >>> counter.forward, counter.backward, counter.net
        (1, 0, 1)
    """

    def __init__(
        self,
        line: FloatArray,
        *,
        hysteresis: float = HYSTERESIS_M,
        handover_distance: float = HANDOVER_M,
        width_m: float | None = None,
    ) -> None:
        if hysteresis < 0 or handover_distance < 0:
            raise ValueError(
                f"expected distances of 0 or more, got {hysteresis} and {handover_distance}"
            )
        if width_m is not None and not width_m > 0:
            raise ValueError(f"expected a width above 0 m or None, got {width_m}")
        self._line = MeasurementLine.of(line)
        self._hysteresis = max(hysteresis, self._line.tolerance)
        self._reach = handover_distance
        self._width_m = width_m
        self._walkers: dict[int, _Walker] = {}
        self._recent: deque[Passage] = deque()
        self._segment: int | None = None
        self._began_s = 0.0
        self._now_s = 0.0
        self._totals = {1: 0, -1: 0}

    def __len__(self) -> int:
        """Number of tracks remembered."""
        return len(self._walkers)

    @property
    def forward(self) -> int:
        """People who passed from left to right since the counter was made."""
        return self._totals[1]

    @property
    def backward(self) -> int:
        """People who passed from right to left since the counter was made."""
        return self._totals[-1]

    @property
    def net(self) -> int:
        """Forward less backward."""
        return self.forward - self.backward

    def update(
        self,
        track_ids: npt.NDArray[np.int64],
        positions: FloatArray,
        *,
        stream_time_s: float,
        segment: int,
    ) -> tuple[Passage, ...]:
        """Take one frame.

        Args:
            track_ids: (N,) int64, unique within the frame.
            positions: (N, 2) float64, unit and frame of the line; NaN where unknown (ignored).
            stream_time_s: Presentation time, seconds; one that runs backwards is taken as a new
                segment.
            segment: Segment of the frame.

        Returns:
            Passages completed with this frame.
        """
        if segment != self._segment or stream_time_s < self._now_s:
            self._begin(stream_time_s, segment)
        self._now_s = stream_time_s
        known = ~np.isnan(positions).any(axis=1)
        ids, points = track_ids[known].tolist(), positions[known]
        away = self._line.distance_right(points).tolist()
        self._hand_over(ids, points)
        done = []
        for track_id, xy, distance in zip(ids, points, away, strict=True):
            passed = self._step(track_id, xy, distance)
            if passed is not None:
                done.append(passed)
                self._totals[passed.direction] += 1
        self._recent.extend(done)
        self._prune()
        return tuple(done)

    def flow(self, direction: int) -> LineFlow | None:
        """Flow over the last minute in one direction (+1 or -1).

        The interval is Garwood's for a Poisson number: what the number of passages tells of the
        rate behind it. People missed by the detector are not part of it.

        Returns:
            None until 10 s of the segment have been seen.

        References:
            Garwood 1936, Biometrika 28:437.
        """
        span_s = min(self._now_s - self._began_s, FLOW_WINDOW_S)
        if self._segment is None or span_s < MIN_FLOW_SPAN_S:
            return None
        since = self._now_s - span_s
        people = sum(
            passed.direction == direction and passed.time_s > since for passed in self._recent
        )
        low, high = poisson_interval(people)
        per_s = people / span_s
        specific = None if self._width_m is None else per_s / self._width_m
        return LineFlow(people, span_s, per_s, low / span_s, high / span_s, specific)

    def _begin(self, stream_time_s: float, segment: int) -> None:
        self._walkers.clear()
        self._recent.clear()
        self._segment = segment
        self._began_s = stream_time_s

    def _step(self, track_id: int, xy: FloatArray, away: float) -> Passage | None:
        """Move one track on and say whether that completes a passage."""
        side = 0 if abs(away) <= self._line.tolerance else (1 if away > 0 else -1)
        walker = self._walkers.get(track_id)
        if walker is None:
            self._walkers[track_id] = _Walker(xy, away, side=side, at_s=self._now_s)
            return None
        if side != 0 and side == -walker.side:
            self._cross(walker, xy, away)
        if side != 0:
            walker.side = side
        self._remember(walker, xy, away)
        if abs(away) < self._hysteresis or side == walker.clear_side:
            return None
        has_passed = walker.clear_side == -side and walker.is_through
        walker.clear_side = side
        return Passage(track_id, walker.crossed_s, side) if has_passed else None

    def _cross(self, walker: _Walker, xy: FloatArray, away: float) -> None:
        """Note when, and whether through the segment, the endless line was crossed."""
        on_line = abs(walker.away) <= self._line.tolerance
        share = 0.0 if on_line else walker.away / (walker.away - away)
        point = walker.xy + share * (xy - walker.xy)
        walker.is_through = bool(self._line.is_on_segment(self._line.distance_along(point)))
        walker.crossed_s = walker.at_s + share * (self._now_s - walker.at_s)

    def _remember(self, walker: _Walker, xy: FloatArray, away: float) -> None:
        elapsed_s = self._now_s - walker.at_s
        if elapsed_s > 0:
            newness = min(elapsed_s / _SMOOTHING_S, 1.0)
            walker.velocity += newness * ((xy - walker.xy) / elapsed_s - walker.velocity)
        walker.xy, walker.away, walker.at_s = xy, away, self._now_s

    def _hand_over(self, ids: list[int], points: FloatArray) -> None:
        """Let new tracks continue lost ones, nearest pairs first."""
        fresh = [row for row, track_id in enumerate(ids) if track_id not in self._walkers]
        if not fresh:
            return
        present = set(ids)
        lost = [
            track_id
            for track_id, walker in self._walkers.items()
            if track_id not in present and self._now_s - walker.at_s <= HANDOVER_S
        ]
        if not lost:
            return
        old = [self._walkers[track_id] for track_id in lost]
        expected = np.array([w.xy + w.velocity * (self._now_s - w.at_s) for w in old])
        apart = np.linalg.norm(points[fresh][:, None] - expected[None], axis=2)
        taken: set[int] = set()
        for pair in np.argsort(apart, axis=None, kind="stable").tolist():
            new, gone = divmod(pair, len(lost))
            if apart[new, gone] > self._reach:
                return
            track_id = ids[fresh[new]]
            if track_id not in self._walkers and lost[gone] not in taken:
                taken.add(lost[gone])
                self._walkers[track_id] = self._walkers.pop(lost[gone])

    def _prune(self) -> None:
        gone = [key for key, w in self._walkers.items() if self._now_s - w.at_s > FORGET_S]
        for key in gone:
            del self._walkers[key]
        while self._recent and self._recent[0].time_s <= self._now_s - FLOW_WINDOW_S - FORGET_S:
            self._recent.popleft()


def poisson_interval(people: int) -> tuple[float, float]:
    """90 % interval of the mean behind a Poisson count.

    Args:
        people: Counted, >= 0.

    Returns:
        Lower and upper end, people.

    References:
        Garwood 1936, Biometrika 28:437.

    Example:
        >>> low, high = poisson_interval(10)
        >>> round(low, 2), round(high, 2)
        (5.43, 16.96)
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - heavy

    low = float(gammaincinv(people, 0.05)) if people else 0.0
    return low, float(gammaincinv(people + 1, 0.95))

"""Counting people over a line while they walk, frame by frame (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.line_geometry import LineStack, MeasurementLine
from backend.crowd.line_passages import HANDOVER_M, HYSTERESIS_M, LinePassages
from backend.crowd.line_tally import LineFlow, LineTally


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


class LineCounter:
    """Counts each passage of a line segment once, in both directions.

    **Passage.** Somebody passes when they have been on one side, cross the segment (not its
    extension) and stand at least ``hysteresis`` beyond it. To count again they must get as far
    beyond it on the other side: who sways on the line is counted once, who comes back is
    counted back, net 0.

    **Changed identity.** A track never seen before that appears within ``handover_distance`` of
    where a track lost for at most 2 s would now be continues that track
    (`backend.crowd.walkers.Walkers`). So a person renumbered on the line is neither missed nor
    counted twice.

    **Memory.** A track unseen for 5 s is forgotten, passages older than a minute are kept as
    totals only, and a new segment forgets all tracks: identities do not span it.

    For many lines of one picture there is `backend.crowd.places.LineBank`.

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
        MeasurementLine.of(line)  # refuses what is no line in words about one
        self._passages = LinePassages(LineStack.of(np.asarray(line, np.float64)[None]))
        self._hysteresis = hysteresis
        self._reach = handover_distance
        self._width_m = width_m
        self._tally = LineTally()
        self._segment: int | None = None
        self._now_s = 0.0

    def __len__(self) -> int:
        """Number of tracks remembered."""
        return len(self._passages)

    @property
    def forward(self) -> int:
        """People who passed from left to right since the counter was made."""
        return self._tally.total(1)

    @property
    def backward(self) -> int:
        """People who passed from right to left since the counter was made."""
        return self._tally.total(-1)

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
            track_ids: (N,) int64, unique within the frame; negative ones are no identities
                (ignored).
            positions: (N, 2) float64, unit and frame of the line; NaN where unknown (ignored).
            stream_time_s: Presentation time, seconds; one that runs backwards is taken as a new
                segment.
            segment: Segment of the frame.

        Returns:
            Passages completed with this frame.
        """
        if segment != self._segment or stream_time_s < self._now_s:
            self._passages.forget()
            self._tally.begin(stream_time_s)
            self._segment = segment
        self._now_s = stream_time_s
        known = (track_ids >= 0) & ~np.isnan(positions).any(axis=1)
        count = int(known.sum())
        passed = self._passages.update(
            track_ids[known],
            positions[known],
            hysteresis=np.full(count, self._hysteresis),
            reach=np.full(count, self._reach),
            now_s=stream_time_s,
        )
        done = tuple(
            Passage(*each)
            for each in zip(
                passed.track_id.tolist(),
                passed.time_s.tolist(),
                passed.direction.tolist(),
                strict=True,
            )
        )
        for each in done:
            self._tally.add(each.direction, each.time_s)
        return done

    def flow(self, direction: int) -> LineFlow | None:
        """Flow over the last minute in one direction (+1 or -1), with its 90 % interval.

        Returns:
            None until 10 s of the segment have been seen.
        """
        return self._tally.flow(direction, self._now_s, self._width_m)

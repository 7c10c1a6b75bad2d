"""All counting lines of a camera at once, in the pixels of its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.places import CountingLine, LineReading
from backend.core.trust import Trust
from backend.crowd.line_geometry import LineStack
from backend.crowd.line_passages import HANDOVER_M, HYSTERESIS_M, LinePassages
from backend.crowd.line_tally import LineTally

PERSON_M = 1.70
"""Height of the person that a box's height in pixels stands for, metres."""

RATES_HOLD_S = 1.0
"""Flows are told anew this often, seconds of stream time; counts with every passage."""

HYSTERESIS_HEIGHTS = HYSTERESIS_M / PERSON_M
HANDOVER_HEIGHTS = HANDOVER_M / PERSON_M

_IN, _OUT = 1, -1


@dataclass(frozen=True, slots=True)
class LinePassage:
    """Somebody has passed a counting line.

    Attributes:
        line_id: Which.
        track_id: Identity under which it was completed.
        time_s: Stream time at which the line itself was passed, seconds.
        is_in: Whether in its direction.
    """

    line_id: int
    track_id: int
    time_s: float
    is_in: bool


class LineBank:
    """Counts passages over all lines of a camera, each person once a passage.

    **Unit.** Lines and people are compared in pixels of the picture, where a metre is as long in
    one direction as in the other for anything upright; shares of width and height are not. A
    straight line in the picture is straight on the ground, so a calibration changes no crossing
    and none is asked for. What must be told in metres scales with the person: the distance
    beyond a line (0.15 m) and that of a changed identity (0.5 m) are shares of the height of a
    person's box, taken for 1.70 m. Along the line of sight the ground is foreshortened and both
    are longer there.

    Positions in metres work too: a picture of 1 × 1, lines in metres and heights of 1.70.

    **Rules.** Those of `backend.crowd.line_passages.LinePassages` and
    `backend.crowd.walkers.Walkers`, shared with `backend.crowd.line_counter.LineCounter`. A new
    segment, or a picture of another size, forgets who is who and the last minute; the totals
    stay.

    Owned by one thread, like the analyser.

    Args:
        lines: Of one camera; ids unique.

    Raises:
        ValueError: Two lines of one id, or one of no length.

    Example:
        >>> gate = CountingLine(3, "Gate", start=(0.5, 1.0), end=(0.5, 0.0))
        >>> bank = LineBank((gate,))
        >>> for k in range(5):
        ...     foot, height = np.array([[280.0 + 20 * k, 300.0]]), np.array([170.0])
        ...     done = bank.update(
        ...         np.array([7]), foot, height,
        ...         stream_time_s=0.2 * k, segment=0, picture_wh=(640, 480),
        ...     )
        >>> (reading,) = bank.readings(Trust.OK)
        >>> reading.count_in, reading.count_out
        (1, 0)
    """

    def __init__(self, lines: Sequence[CountingLine] = ()) -> None:
        self._lines: tuple[CountingLine, ...] = ()
        self._tallies: dict[int, LineTally] = {}
        self._picture_wh = (1, 1)
        self._segment: int | None = None
        self._now_s = 0.0
        self._passages = LinePassages(self._stack(()))
        self._read: list[LineReading] = []
        self._unread: set[int] | None = None  # rows of lines passed since; None = all of them
        self._read_s = 0.0
        self._read_with: tuple[Trust, str, dict[int, float | None]] = Trust.OK, "", {}
        self.set_lines(lines)

    def __len__(self) -> int:
        """Number of people remembered."""
        return len(self._passages)

    @property
    def lines(self) -> tuple[CountingLine, ...]:
        """The lines counted over, in the order given."""
        return self._lines

    def set_lines(self, lines: Sequence[CountingLine]) -> None:
        """Go on with these lines, from the next frame on.

        A line of the same id and end points keeps its totals and who is about to pass it,
        whatever else changes; any other begins at 0 with everybody where they stand now.

        Raises:
            ValueError: As the constructor; the lines so far stay.
        """
        stack = self._checked(lines)
        row_of = {(each.line_id, each.start, each.end): k for k, each in enumerate(self._lines)}
        kept = [row_of.get((line.line_id, line.start, line.end), -1) for line in lines]
        self._passages.set_lines(stack, np.array(kept, np.int64))
        tallies = {}
        for line, row in zip(lines, kept, strict=True):
            tallies[line.line_id] = self._tallies[line.line_id] if row >= 0 else self._new_tally()
        self._lines, self._tallies = tuple(lines), tallies
        self._unread = None

    def check(self, lines: Sequence[CountingLine]) -> None:
        """Refuse what `set_lines` would refuse, and change nothing.

        Raises:
            ValueError: As the constructor.
        """
        self._checked(lines)

    def update(
        self,
        track_ids: npt.NDArray[np.int64],
        positions_px: FloatArray,
        heights_px: FloatArray,
        *,
        stream_time_s: float,
        segment: int,
        picture_wh: tuple[int, int],
    ) -> tuple[LinePassage, ...]:
        """Take one frame.

        Args:
            track_ids: (N,) int64, unique within the frame; negative ones are no identities
                (ignored).
            positions_px: (N, 2) float64, foot points, pixels, origin upper left; NaN where
                unknown (ignored).
            heights_px: (N,) float64, heights of the people's boxes, pixels; whose is not above
                0 is ignored.
            stream_time_s: Presentation time, seconds; one that runs backwards is taken as a new
                segment.
            segment: Segment of the frame.
            picture_wh: Width and height of the picture, pixels.

        Returns:
            Passages completed with this frame.

        Raises:
            ValueError: The arrays do not agree, or a picture of no size.
        """
        count = track_ids.shape[0]
        if positions_px.shape != (count, 2) or heights_px.shape != (count,):
            raise ValueError(
                f"expected positions ({count}, 2) and heights ({count},) for {count} tracks, "
                f"got {positions_px.shape} and {heights_px.shape}"
            )
        self._follow(picture_wh, stream_time_s, segment)
        known = (track_ids >= 0) & np.isfinite(positions_px).all(axis=1) & (heights_px > 0)
        heights = heights_px[known]
        passed = self._passages.update(
            track_ids[known],
            positions_px[known],
            hysteresis=HYSTERESIS_HEIGHTS * heights,
            reach=HANDOVER_HEIGHTS * heights,
            now_s=stream_time_s,
        )
        done = []
        for row, track_id, time_s, direction in zip(
            passed.line.tolist(),
            passed.track_id.tolist(),
            passed.time_s.tolist(),
            passed.direction.tolist(),
            strict=True,
        ):
            line_id = self._lines[row].line_id
            self._tallies[line_id].add(direction, time_s)
            if self._unread is not None:
                self._unread.add(row)
            done.append(LinePassage(line_id, track_id, time_s, is_in=direction == _IN))
        return tuple(done)

    def readings(
        self,
        trust: Trust,
        reason: str = "",
        *,
        widths_m: Mapping[int, float | None] | None = None,
    ) -> tuple[LineReading, ...]:
        """What is counted over each line up to now, in their order; flows at most 1 s old.

        Args:
            trust, reason: What the counts are worth: who is not seen is not counted.
            widths_m: By line id, length of each line on the ground where the camera is
                calibrated, metres, > 0; a width given with the line goes before it.
        """
        read_with = trust, reason, dict(widths_m or {})
        if read_with != self._read_with or self._now_s - self._read_s >= RATES_HOLD_S:
            self._unread = None
            self._read_with, self._read_s = read_with, self._now_s
        if self._unread is None:
            self._read = [self._read_line(line) for line in self._lines]
        else:
            for row in self._unread:
                self._read[row] = self._read_line(self._lines[row])
        self._unread = set()
        return tuple(self._read)

    def _read_line(self, line: CountingLine) -> LineReading:
        trust, reason, widths_m = self._read_with
        tally = self._tallies[line.line_id]
        width_m = line.width_m or widths_m.get(line.line_id)
        in_per_s, out_per_s = self._rate(tally, _IN), self._rate(tally, _OUT)
        return LineReading(
            line_id=line.line_id,
            count_in=tally.total(_IN),
            count_out=tally.total(_OUT),
            trust=trust,
            trust_reason=reason,
            in_per_s=in_per_s,
            out_per_s=out_per_s,
            in_specific_per_m_s=_per_metre(in_per_s, width_m),
            out_specific_per_m_s=_per_metre(out_per_s, width_m),
        )

    def _follow(self, picture_wh: tuple[int, int], stream_time_s: float, segment: int) -> None:
        """Begin anew where the frame does not follow the one before."""
        if picture_wh != self._picture_wh:
            if min(picture_wh) <= 0:
                raise ValueError(f"expected a picture of some size, got {picture_wh}")
            self._picture_wh = picture_wh
            self._passages.forget()
            stack = self._stack(self._lines)
            self._passages.set_lines(stack, np.arange(len(stack)))
        elif segment == self._segment and stream_time_s >= self._now_s:
            self._now_s = stream_time_s
            return
        self._passages.forget()
        self._unread = None
        self._segment, self._now_s, self._read_s = segment, stream_time_s, stream_time_s
        for tally in self._tallies.values():
            tally.begin(stream_time_s)

    def _new_tally(self) -> LineTally:
        tally = LineTally()
        if self._segment is not None:
            tally.begin(self._now_s)
        return tally

    def _rate(self, tally: LineTally, direction: int) -> float | None:
        found = tally.recent(direction, self._now_s)
        return None if found is None else found[0] / found[1]

    def _checked(self, lines: Sequence[CountingLine]) -> LineStack:
        if len({line.line_id for line in lines}) != len(lines):
            raise ValueError(f"expected each line once, got ids {[x.line_id for x in lines]}")
        return self._stack(lines)

    def _stack(self, lines: Sequence[CountingLine]) -> LineStack:
        """Lines in pixels, turned about: y points down in a picture, so that its right side
        would be the left one of ground seen from above."""
        ends = np.array([(line.end, line.start) for line in lines], np.float64)
        return LineStack.of(ends.reshape(-1, 2, 2) * np.array(self._picture_wh, np.float64))


def _per_metre(per_s: float | None, width_m: float | None) -> float | None:
    return None if per_s is None or width_m is None else per_s / width_m

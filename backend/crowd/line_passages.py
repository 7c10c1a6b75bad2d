"""Passages of people over many measurement lines at once, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.line_geometry import IntArray, LineStack
from backend.crowd.pairs import pairs_of
from backend.crowd.walkers import Walkers

HYSTERESIS_M = 0.15
"""How far beyond the line somebody must be to have passed, metres: more than boxes tremble."""

HANDOVER_M = 0.5
"""How far from where a lost track would be a new one may appear and continue it, metres: about
the room one body takes."""

_Sides = npt.NDArray[np.int8]

_STEADY = np.int8(4)
_LAST_SIDE = np.repeat(np.array([-1, 0, 1], np.int8), 3)
_CLEAR_SIDE = np.tile(np.array([-1, 0, 1], np.int8), 3)
"""Where somebody stands to a line is one number, 3 · last side + last clear side, from -4 to 4:
these tell both from it, 4 added. Who is where they were clear of the line is at 4 · side."""


@dataclass(frozen=True, slots=True)
class Passed:
    """C passages completed with one frame, row for row.

    Attributes:
        line: (C,) int64, row of the line.
        track_id: (C,) int64, identity under which it was completed.
        time_s: (C,) float64, stream time at which the line itself was passed, seconds.
        direction: (C,) int64, +1 from the left of the directed line to its right, -1 back.
    """

    line: IntArray
    track_id: IntArray
    time_s: FloatArray
    direction: IntArray


@dataclass(frozen=True, slots=True)
class _Pairs:
    """P people at a line each: ``row`` of the frame, ``line``, ``slot``, ``side`` they stand on
    and how far ``away`` to the right, (P,) each."""

    row: IntArray
    line: IntArray
    slot: IntArray
    side: _Sides
    away: FloatArray

    def where(self, kept: npt.NDArray[np.bool_]) -> _Pairs:
        return _Pairs(
            self.row[kept], self.line[kept], self.slot[kept], self.side[kept], self.away[kept]
        )


class LinePassages:
    """Tells each passage of people over L line segments once, in both directions.

    Somebody passes a line when they have been on one side, cross the segment (not its extension)
    and stand at least their hysteresis beyond it. To pass again they must get as far beyond it
    on the other side: who sways on the line passes once, who comes back passes back. Whoever
    changes identity meanwhile stays the same person (`backend.crowd.walkers.Walkers`).

    All lines and people are worked on together: one number a pair for the side, and only the few
    pairs at a line in detail.

    Args:
        lines: In the unit and frame of the positions; +1 is from a line's left to its right as
            told at `backend.crowd.flow.line_crossings`.
    """

    def __init__(self, lines: LineStack) -> None:
        self._lines = lines
        self._walkers = Walkers()
        shape = self._walkers.capacity, len(lines)
        self._stand: _Sides = np.zeros(shape, np.int8)
        self._is_through: npt.NDArray[np.bool_] = np.zeros(shape, np.bool_)
        self._crossed_s: FloatArray = np.zeros(shape)

    def __len__(self) -> int:
        """Number of people remembered."""
        return len(self._walkers)

    def forget(self) -> None:
        """Forget everybody: identities do not span segments."""
        self._walkers.clear()

    def set_lines(self, lines: LineStack, kept: IntArray) -> None:
        """Go on with other lines; people stay who and where they are.

        Args:
            lines: L of them.
            kept: (L,) int64, row that each line had so far, -1 for a new one.
        """
        stand = _STEADY * self._side_of_all(lines)
        through = np.zeros(stand.shape, np.bool_)
        crossed_s = np.zeros(stand.shape)
        new = np.flatnonzero(kept >= 0)
        old = kept[new]
        stand[:, new] = self._stand[:, old]
        through[:, new], crossed_s[:, new] = self._is_through[:, old], self._crossed_s[:, old]
        self._lines = lines
        self._stand = stand
        self._is_through, self._crossed_s = through, crossed_s

    def update(
        self,
        track_ids: IntArray,
        points: FloatArray,
        *,
        hysteresis: FloatArray,
        reach: FloatArray,
        now_s: float,
    ) -> Passed:
        """Take one frame.

        Args:
            track_ids: (N,) int64, 0 or more, unique within the frame.
            points: (N, 2) float64, finite, unit and frame of the lines.
            hysteresis: (N,) float64, how far beyond a line each must be, same unit.
            reach: (N,) float64, hand-over distance of each, same unit.
            now_s: Stream time, seconds, never less than before.

        Returns:
            Passages completed with this frame, in the order of the people given.
        """
        slots, is_new = self._walkers.find(track_ids, points, now_s=now_s)
        self._make_room()
        away = self._lines.distances_right(points)
        side = _side_of(away, self._lines.tolerances)
        steady = _STEADY * side
        if is_new.any():
            fresh = slots[is_new]
            self._stand[fresh] = steady[is_new]
            self._is_through[fresh] = False
        row, line = pairs_of(self._stand[slots] != steady)
        at_line = _Pairs(row, line, slots[row], side[row, line], away[row, line])
        at_line = at_line.where(at_line.side != 0)
        stand = self._stand[at_line.slot, at_line.line] + _STEADY
        was_at, was_clear = _LAST_SIDE[stand], _CLEAR_SIDE[stand]
        self._cross(at_line.where(was_at == -at_line.side), points, now_s)
        self._walkers.move(slots, points, reach, now_s=now_s)
        return self._clear(at_line, was_clear, track_ids, hysteresis)

    def _cross(self, pairs: _Pairs, points: FloatArray, now_s: float) -> None:
        """Note when, and whether through the segment, the endless lines were crossed."""
        line, slot = pairs.line, pairs.slot
        from_xy, to_xy = self._walkers.xy[slot], points[pairs.row]
        from_s = self._walkers.at_s[slot]
        was_away = self._lines.distance_right(line, from_xy)
        on_line = np.abs(was_away) <= self._lines.tolerances[line]
        share = np.where(on_line, 0.0, was_away / (was_away - pairs.away))
        point = from_xy + share[:, None] * (to_xy - from_xy)
        self._is_through[slot, line] = self._lines.is_on_segment(line, point)
        self._crossed_s[slot, line] = from_s + share * (now_s - from_s)

    def _clear(
        self, pairs: _Pairs, was_clear: _Sides, track_ids: IntArray, hysteresis: FloatArray
    ) -> Passed:
        """Tell who now stands clear of a line on another side than before, having passed it."""
        beyond = np.maximum(hysteresis[pairs.row], self._lines.tolerances[pairs.line])
        is_clear = (was_clear != pairs.side) & (np.abs(pairs.away) >= beyond)
        now_clear = np.where(is_clear, pairs.side, was_clear)
        self._stand[pairs.slot, pairs.line] = 3 * pairs.side + now_clear
        is_through = self._is_through[pairs.slot, pairs.line]
        passed = pairs.where(is_clear & (was_clear == -pairs.side) & is_through)
        return Passed(
            line=passed.line,
            track_id=track_ids[passed.row],
            time_s=self._crossed_s[passed.slot, passed.line],
            direction=passed.side.astype(np.int64),
        )

    def _side_of_all(self, lines: LineStack) -> _Sides:
        """(slots, L) side each person stands on where they were seen last; 0 for free slots."""
        away = lines.distances_right(np.nan_to_num(self._walkers.xy))
        sides = _side_of(away, lines.tolerances)
        sides[~np.isfinite(self._walkers.at_s)] = 0
        return sides

    def _make_room(self) -> None:
        """Have a row for every slot there is."""
        missing = self._walkers.capacity - self._stand.shape[0]
        if missing > 0:
            rows = (0, missing), (0, 0)
            self._stand = np.pad(self._stand, rows)
            self._is_through = np.pad(self._is_through, rows)
            self._crossed_s = np.pad(self._crossed_s, rows)


def _side_of(away: FloatArray, tolerances: FloatArray) -> _Sides:
    """(..., L) +1 right of each line, -1 left, 0 on it, by distances (..., L) to the right."""
    return (away > tolerances).view(np.int8) - (away < -tolerances).view(np.int8)

"""Flow over a measurement line: crossings, N–t, flow rate, specific flow (CROWD-SCIENCE 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.line_counter import LineCounter, Passage
from backend.crowd.line_geometry import MeasurementLine
from backend.crowd.line_tally import LineFlow

__all__ = [
    "Crossings",
    "FlowSeries",
    "LineCounter",
    "LineFlow",
    "Passage",
    "cumulative_count",
    "flow_between_crossings",
    "flow_rate",
    "line_crossings",
    "specific_flow",
]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Crossings:
    """Crossings of a measurement line, in order of time; C of them, row for row.

    Attributes:
        track: (C,) int64, row of the track in the positions given.
        times_s: (C,) float64, when the line itself was passed, between two frames.
        direction: (C,) int64, +1 from the left of the directed line to its right, -1 back.
        frame: (C,) int64, first column in which the track is beyond the line.
    """

    track: IntArray
    times_s: FloatArray
    direction: IntArray
    frame: IntArray

    def __len__(self) -> int:
        return int(self.track.size)

    def first_per_track(self) -> Crossings:
        """Only the first crossing of each track."""
        _, first = np.unique(self.track, return_index=True)
        return self._take(np.sort(first))

    def towards(self, direction: int) -> Crossings:
        """Only those in one direction, +1 or -1."""
        return self._take(np.flatnonzero(self.direction == direction))

    def _take(self, rows: IntArray) -> Crossings:
        return Crossings(
            self.track[rows], self.times_s[rows], self.direction[rows], self.frame[rows]
        )


def line_crossings(times_s: FloatArray, positions: FloatArray, line: FloatArray) -> Crossings:
    """Every crossing of a line segment by every track.

    A track crosses where it was last on one side of the line and is now on the other, and left
    the line somewhere on the segment, end points included. Touching the line and turning back is
    no crossing; neither is passing round an end. Where a track was not seen for a while, the
    straight line between its neighbouring positions decides.

    Left and right are those of somebody who stands at the first point and looks at the second,
    x to the right and y ahead on the ground seen from above. In a picture, where y points down,
    they are exchanged.

    Args:
        times_s: (K,) float64, seconds, strictly increasing.
        positions: (N, K, 2) float64, any length unit, NaN where a track was not seen.
        line: (2, 2) float64, end points, same unit and frame.

    Returns:
        The crossings, several of one track if it comes and goes; none for N = 0.

    Raises:
        ValueError: The shapes do not agree, or the line has no length.

    References:
        Crossing frames of PedPy, DOI 10.5281/zenodo.7194992. Departures: somebody who stops
        exactly on the line and turns back does not count, somebody who crosses in the very last
        frame of the track does.

    Example:
        >>> t = np.arange(4.0)
        >>> walk = np.array([[[0.5, -1.5], [0.5, -0.5], [0.5, 0.5], [0.5, 1.5]]])
        >>> found = line_crossings(t, walk, np.array([[1.0, 0.0], [0.0, 0.0]]))
        >>> found.times_s.tolist(), found.direction.tolist(), found.frame.tolist()
        ([1.5], [1], [2])
    """
    if positions.ndim != 3 or positions.shape[1:] != (times_s.size, 2):
        raise ValueError(
            f"expected positions (N, {times_s.size}, 2) for {times_s.size} times, "
            f"got {positions.shape}"
        )
    measured = MeasurementLine.of(line)
    away = measured.distance_right(positions)
    seen = ~np.isnan(away)
    is_off = seen & (np.abs(away) > measured.tolerance)
    side = np.where(is_off, np.sign(np.where(seen, away, 0.0)), 0.0).astype(np.int64)
    previous = _previous_column(is_off)
    before = np.take_along_axis(side, np.maximum(previous, 0), axis=1)
    track, frame = np.nonzero(is_off & (previous >= 0) & (before == -side))
    if track.size == 0:
        return Crossings(track, np.zeros(0), np.zeros(0, np.int64), frame)
    leaving = _previous_column(seen)[track, frame]
    from_, to = away[track, leaving], away[track, frame]
    share = np.where(side[track, leaving] == 0, 0.0, from_ / (from_ - to))
    point = positions[track, leaving]
    point = point + share[:, None] * (positions[track, frame] - point)
    at_s = times_s[leaving] + share * (times_s[frame] - times_s[leaving])
    kept = np.flatnonzero(measured.is_on_segment(measured.distance_along(point)))
    order = kept[np.lexsort((track[kept], at_s[kept]))]
    return Crossings(track[order], at_s[order], side[track, frame][order], frame[order])


def _previous_column(mask: npt.NDArray[np.bool_]) -> IntArray:
    """(N, K) last column before each one in which ``mask`` holds, -1 if there is none."""
    columns = np.where(mask, np.arange(mask.shape[1]), -1)
    newest = np.maximum.accumulate(columns, axis=1)
    before = np.full(mask.shape, -1, np.int64)
    before[:, 1:] = newest[:, :-1]
    return before


def cumulative_count(
    crossings: Crossings, times_s: FloatArray, *, each_track_once: bool = True
) -> IntArray:
    """N–t: how many people have crossed before each instant.

    Args:
        crossings: From `line_crossings`; one direction alone with ``towards``.
        times_s: (M,) float64, seconds.
        each_track_once: Only the first crossing of each track counts (the usual N–t).

    Returns:
        (M,) int64, never decreasing for increasing times.

    References:
        N–t of PedPy, which also counts first crossings.

    Example:
        >>> row = np.arange(3)
        >>> through = Crossings(row, np.array([0.5, 1.2, 1.4]), np.ones(3, int), row)
        >>> cumulative_count(through, np.array([0.0, 1.0, 2.0])).tolist()
        [0, 1, 3]
    """
    counted = crossings.first_per_track() if each_track_once else crossings
    return np.searchsorted(np.sort(counted.times_s), times_s, side="left").astype(np.int64)


def flow_rate(crossings: Crossings, *, start_s: float, end_s: float) -> float:
    """Mean flow over a line during an interval, every crossing counted.

    Args:
        crossings: From `line_crossings`; one direction alone with ``towards``.
        start_s: Beginning of the interval, seconds (included).
        end_s: Its end, seconds (not included).

    Returns:
        1/s, 0 where nobody crossed.

    Raises:
        ValueError: An interval of no length.

    Example:
        >>> row = np.arange(3)
        >>> through = Crossings(row, np.array([0.5, 1.2, 1.4]), np.ones(3, int), row)
        >>> flow_rate(through, start_s=0, end_s=2)
        1.5
    """
    if not end_s > start_s:
        raise ValueError(f"expected an interval of some length, got {start_s} to {end_s} s")
    inside = (crossings.times_s >= start_s) & (crossings.times_s < end_s)
    return float(inside.sum()) / (end_s - start_s)


def specific_flow(flow_per_s: float, width_m: float) -> float:
    """Flow per metre of width.

    Args:
        flow_per_s: Flow, 1/s.
        width_m: Width of the passage (length of the line), metres, > 0.

    Returns:
        1/(m·s).

    Raises:
        ValueError: A width of 0 or less.

    Example:
        >>> specific_flow(1.5, 1.2)
        1.25
    """
    if not width_m > 0:
        raise ValueError(f"expected a width above 0 m, got {width_m}")
    return flow_per_s / width_m


@dataclass(frozen=True, slots=True)
class FlowSeries:
    """Flow in successive intervals, W of them.

    Attributes:
        start_s, end_s: (W,) float64, seconds: from one crossing to a later one.
        flow_per_s: (W,) float64, 1/s.
        mean_speed: (W,) float64, mean speed at the line, NaN where no speed is known.
    """

    start_s: FloatArray
    end_s: FloatArray
    flow_per_s: FloatArray
    mean_speed: FloatArray


def flow_between_crossings(
    crossings: Crossings,
    times_s: FloatArray,
    *,
    frame_interval: int,
    speeds: FloatArray | None = None,
) -> FlowSeries:
    """Flow of a recording in intervals that begin and end with a crossing.

    Every ``frame_interval`` frames, counted from the first crossing, the people who have crossed
    since are divided by the time between the crossings that enclose them. This spares the error
    that a fixed interval makes by cutting between two people.

    Args:
        crossings: From `line_crossings`; the first of each track counts.
        times_s: (K,) float64, seconds, evenly spaced: those of the recording.
        frame_interval: Frames, >= 1.
        speeds: (N, K) float64, speed of each track at each frame, for the mean at the line.

    Returns:
        The flow series, empty where nobody crosses.

    Raises:
        ValueError: An interval below one frame.

    References:
        Flow of PedPy (``compute_flow``), DOI 10.5281/zenodo.7194992.

    Example:
        >>> t = np.arange(0, 8, 0.5)
        >>> frames = np.array([2, 4, 6, 8, 10])
        >>> row = np.arange(5)
        >>> through = Crossings(row, t[frames] - 0.25, np.ones(5, int), frames)
        >>> flow_between_crossings(through, t, frame_interval=4).flow_per_s.round(3).tolist()
        [1.2, 1.0]
    """
    if frame_interval < 1:
        raise ValueError(f"expected an interval of 1 frame or more, got {frame_interval}")
    first = crossings.first_per_track()
    frames = np.sort(first.frame)
    rows: list[tuple[int, int, int]] = []
    if frames.size:
        count_before, frame_before = 0, int(frames[0])
        for frame in range(frame_before + frame_interval, times_s.size - 1, frame_interval):
            count = int(np.searchsorted(frames, frame, side="right"))
            if count != count_before:
                # One frame later: in the crossing's own frame the last person has just passed.
                after = int(frames[count - 1]) + 1
                rows.append((count - count_before, frame_before, after))
                count_before, frame_before = count, after
    table = np.array(rows, np.int64).reshape(-1, 3)
    start_s, end_s = times_s[table[:, 1]], times_s[table[:, 2]]
    at_line = None if speeds is None else speeds[first.track, first.frame]
    means = [_mean_between(first.frame, at_line, begin, end) for _, begin, end in rows]
    return FlowSeries(start_s, end_s, table[:, 0] / (end_s - start_s), np.array(means, np.float64))


def _mean_between(frames: IntArray, speeds: FloatArray | None, begin: int, end: int) -> float:
    """Mean of the known speeds of those who cross from frame ``begin`` to ``end``."""
    if speeds is None:
        return np.nan
    chosen = speeds[(frames >= begin) & (frames <= end)]
    chosen = chosen[~np.isnan(chosen)]
    return float(chosen.mean()) if chosen.size else np.nan

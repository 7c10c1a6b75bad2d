"""Where every track was during the last frames: the only memory kinematics rest on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

TRAIL_FRAMES = 60
"""Frames kept for trails (PRODUCT M3: 60-frame history)."""

VELOCITY_SPAN_S = 2.0
"""Seconds kept for velocities, however many frames that takes."""

MAX_FRAMES = 512
"""Hard bound on memory: 2 s at 256 frames a second."""


@dataclass(frozen=True, slots=True)
class Trajectories:
    """Positions of N tracks at K common instants.

    Attributes:
        times_s: (K,) float64, stream time in seconds, increasing.
        positions: (N, K, 2) float64, unit and frame of what was appended (pixels of the full
            frame in the analyser); NaN where a track was not seen. The last column is now.
    """

    times_s: FloatArray
    positions: FloatArray


class TrackHistory:
    """Positions of all tracks over the last 60 frames or 2 s, whichever is more.

    Starts afresh with every segment: a reconnect may hide any length of time. A track that has
    not been seen in any kept frame is forgotten, so memory stays bounded for ever.
    """

    def __init__(self) -> None:
        self._segment: int | None = None
        self._times_s: FloatArray
        self._positions: FloatArray
        self._ids: npt.NDArray[np.int64]
        self._order: npt.NDArray[np.int64]
        self._last_seen_s: FloatArray
        self._start_afresh()

    def __len__(self) -> int:
        """Number of tracks remembered."""
        return int(self._ids.size)

    def append(
        self,
        track_ids: npt.NDArray[np.int64],
        positions: FloatArray,
        *,
        stream_time_s: float,
        segment: int,
    ) -> None:
        """Add one frame.

        A stamp equal to the last one replaces that frame; one that runs backwards within a
        segment starts afresh (kinematics cannot be trusted across it).

        Args:
            track_ids: (N,) int64, unique.
            positions: (N, 2) float64.
            stream_time_s: Presentation time of the frame, seconds.
            segment: Segment of the frame.
        """
        if segment != self._segment or (self._times_s.size and stream_time_s < self._times_s[-1]):
            self._segment = segment
            self._start_afresh()
        keep = self._kept_columns(stream_time_s)
        times = self._times_s[keep]
        seen = self._last_seen_s >= (times[0] if times.size else stream_time_s)
        if not seen.all():
            self._ids, self._last_seen_s = self._ids[seen], self._last_seen_s[seen]
            self._positions = self._positions[seen]
        old = self._positions[:, keep]
        rows = self._rows_of(track_ids)
        fresh = track_ids[rows < 0]
        rows[rows < 0] = self._ids.size + np.arange(fresh.size)
        grown = np.empty((self._ids.size + fresh.size, old.shape[1] + 1, 2))
        grown[: old.shape[0], :-1] = old
        grown[old.shape[0] :, :-1] = np.nan
        grown[:, -1] = np.nan
        grown[rows, -1] = positions
        grown.flags.writeable = False
        self._positions = grown
        self._ids = np.concatenate([self._ids, fresh])
        self._order = np.argsort(self._ids, kind="stable")
        self._last_seen_s = np.concatenate([self._last_seen_s, np.zeros(fresh.size)])
        self._last_seen_s[rows] = stream_time_s
        self._times_s = np.append(times, stream_time_s)
        self._times_s.flags.writeable = False

    def of(self, track_ids: npt.NDArray[np.int64]) -> Trajectories:
        """Return the trajectories of ``track_ids``, in that order; all must have been appended.

        Raises:
            KeyError: A track was never appended in this segment.
        """
        rows = self._rows_of(track_ids)
        if (rows < 0).any():
            raise KeyError(track_ids[rows < 0].tolist())
        positions = self._positions[rows]
        positions.flags.writeable = False
        return Trajectories(self._times_s, positions)

    def _start_afresh(self) -> None:
        self._times_s = np.zeros(0)
        self._positions = np.zeros((0, 0, 2))
        self._ids = np.zeros(0, np.int64)
        self._order = np.zeros(0, np.int64)
        self._last_seen_s = np.zeros(0)

    def _rows_of(self, track_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Row of each track, -1 where it is not known; (N,)."""
        if self._ids.size == 0:
            return np.full(track_ids.size, -1, np.int64)
        if self._order.size != self._ids.size:  # some have been forgotten since
            self._order = np.argsort(self._ids, kind="stable")
        at = np.searchsorted(self._ids, track_ids, sorter=self._order)
        rows = self._order[np.minimum(at, self._ids.size - 1)]
        return np.where(self._ids[rows] == track_ids, rows, -1)

    def _kept_columns(self, now_s: float) -> slice:
        """Columns that stay when a frame at ``now_s`` is added."""
        end = self._times_s.size
        if end and self._times_s[-1] == now_s:
            end -= 1
        in_span = int(np.searchsorted(self._times_s[:end], now_s - VELOCITY_SPAN_S - 1e-3))
        wanted = max(TRAIL_FRAMES, end - in_span + 1)
        return slice(max(end + 1 - min(wanted, MAX_FRAMES), 0), end)


def trails(trajectories: Trajectories) -> list[npt.NDArray[np.float32]]:
    """Return one (M, 2) float32 read-only array per track, oldest first, at most 60 points.

    Gaps (frames in which the track was not seen) are left out.
    """
    recent = trajectories.positions[:, -TRAIL_FRAMES:].astype(np.float32)
    recent.flags.writeable = False
    found = []
    seen = ~np.isnan(recent[:, :, 0])
    first = seen.argmax(axis=1)
    gapless = seen.sum(axis=1) == recent.shape[1] - first
    for row, (start, whole) in enumerate(zip(first.tolist(), gapless.tolist(), strict=True)):
        if whole:
            found.append(recent[row, start:])
        else:
            points = recent[row, seen[row]]
            points.flags.writeable = False
            found.append(points)
    return found

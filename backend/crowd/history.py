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
        self._times_s: FloatArray = np.zeros(0)
        self._positions: FloatArray = np.zeros((0, 0, 2))
        self._rows: dict[int, int] = {}

    def __len__(self) -> int:
        """Number of tracks remembered."""
        return len(self._rows)

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
            self._times_s = np.zeros(0)
            self._positions = np.zeros((0, 0, 2))
            self._rows = {}
        keep = self._kept_columns(stream_time_s)
        old = self._positions[:, keep]
        ids = track_ids.tolist()
        fresh = [track_id for track_id in ids if track_id not in self._rows]
        count = len(self._rows)
        self._rows.update({track_id: count + offset for offset, track_id in enumerate(fresh)})
        grown = np.full((len(self._rows), old.shape[1] + 1, 2), np.nan)
        grown[: old.shape[0], :-1] = old
        if ids:
            grown[[self._rows[track_id] for track_id in ids], -1] = positions
        self._times_s = np.append(self._times_s[keep], stream_time_s)
        self._positions = grown
        self._forget_unseen()

    def of(self, track_ids: npt.NDArray[np.int64]) -> Trajectories:
        """Return the trajectories of ``track_ids``, in that order; all must have been appended.

        Raises:
            KeyError: A track was never appended in this segment.
        """
        rows = [self._rows[track_id] for track_id in track_ids.tolist()]
        positions = self._positions[rows]
        positions.flags.writeable = False
        times = self._times_s.view()
        times.flags.writeable = False
        return Trajectories(times, positions)

    def _kept_columns(self, now_s: float) -> slice:
        """Columns that stay when a frame at ``now_s`` is added."""
        end = self._times_s.size
        if end and self._times_s[-1] == now_s:
            end -= 1
        in_span = int(np.searchsorted(self._times_s[:end], now_s - VELOCITY_SPAN_S - 1e-3))
        wanted = max(TRAIL_FRAMES, end - in_span + 1)
        return slice(max(end + 1 - min(wanted, MAX_FRAMES), 0), end)

    def _forget_unseen(self) -> None:
        seen: npt.NDArray[np.bool_] = np.asarray((~np.isnan(self._positions[:, :, 0])).any(axis=1))
        if seen.all():
            return
        self._positions = self._positions[seen]
        kept = [track_id for track_id, row in self._rows.items() if seen[row]]
        self._rows = {track_id: row for row, track_id in enumerate(kept)}


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

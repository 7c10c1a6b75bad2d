"""Net inflow of zones, from what is published of their cameras once a second."""

from __future__ import annotations

from typing import Final

from backend.core.calibration import Point
from backend.core.places import Zone, ZoneReading
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.crowd.capacity import InflowWindow, NetInflow

MOST_SHIFTED: Final = 0.2
"""Change of the density map's share of a count, in [0, 1], from which on the count is no longer
compared with earlier ones: what one counter sees more than the other is no inflow."""


class ZoneInflow:
    """Net inflow of one zone; owned by one thread."""

    def __init__(self) -> None:
        self._window = InflowWindow()
        self._stretch: tuple[int, int, tuple[Point, ...]] | None = None
        self._map_share = 0.0
        self._sequence = -1

    def update(
        self, zone: Zone, reading: ZoneReading, snapshot: Snapshot, *, is_known: bool, mono_s: float
    ) -> NetInflow | None:
        """Take the newest frame as of now; one that was taken before adds nothing.

        Args:
            zone: As drawn when the frame was measured.
            reading: What was measured of it.
            snapshot: The frame.
            is_known: The reading may be believed now; otherwise the second counts as not seen.
            mono_s: Monotonic seconds.

        Returns:
            Net inflow; None until seconds with a known count span 20 s, and where the newest of
            them is too old. Another run or segment of the camera, another outline or another
            counter begins anew.
        """
        self._begin_anew_if(zone, reading, snapshot)
        # a frame may have been published after the caller looked at the clock
        now_s = max(mono_s, snapshot.published_mono_s)
        if is_known and snapshot.sequence != self._sequence:
            self._sequence = snapshot.sequence
            margin = None if reading.count_high is None else reading.count_high - reading.count
            self._window.update(reading.count, margin, snapshot.published_mono_s)
        return self._window.update(reading.count, None, now_s)

    def _begin_anew_if(self, zone: Zone, reading: ZoneReading, snapshot: Snapshot) -> None:
        stretch = (snapshot.run_id, snapshot.segment, zone.corners)
        is_shifted = abs(reading.map_share - self._map_share) > MOST_SHIFTED
        if stretch != self._stretch or is_shifted:
            self._window.clear()
            self._stretch, self._map_share = stretch, reading.map_share
            self._sequence = -1


def is_believable(reading: ZoneReading) -> bool:
    """Return whether a fresh frame says how many people are in the zone."""
    return reading.trust is not Trust.UNKNOWN

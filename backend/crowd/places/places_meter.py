"""All places of one camera: zones and counting lines, and what is read of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backend.core.frame import FloatArray
from backend.core.places import CameraPlaces, CountingLine, LineReading, PlaceReadings
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.places.line_bank import LineBank
from backend.crowd.places.outlines import EDGE_SHARE
from backend.crowd.places.people import without_repeats
from backend.crowd.places.place_frame import PlaceFrame
from backend.crowd.places.zone_ground import line_length_m
from backend.crowd.places.zone_meter import ZoneMeter

BEYOND = 1.0
"""How far a line that ends on the picture's edge goes on, in shares of the picture: further than
anybody cut off by the edge stands beyond it."""


class PlacesMeter:
    """Measures the zones and lines of one camera; owned by one thread, like the analyser.

    Passages over lines are told with every frame, zones once a second of stream time.
    """

    def __init__(self) -> None:
        self._places = CameraPlaces()
        self._zones = ZoneMeter()
        self._lines = LineBank()
        self._widths: tuple[GroundView, dict[int, float | None]] | None = None
        self._readings = PlaceReadings()

    @property
    def readings(self) -> PlaceReadings:
        """What was read of the last frame."""
        return self._readings

    def set_places(self, places: CameraPlaces) -> None:
        """Go on with these places, from the next frame on.

        What keeps its id and its geometry keeps what was measured of it.

        Raises:
            ValueError: An id twice, a zone that is no polygon, a line of no length; the places
                so far stay.
        """
        # nobody was followed while there were no lines: where they stood then is not known now
        lines = self._lines if self._places.lines else LineBank()
        drawn = tuple(_beyond_the_edge(line) for line in places.lines)
        lines.check(drawn)
        self._zones.set_zones(places.zones)
        lines.set_lines(drawn)
        self._lines = lines
        self._places = places
        self._widths = None

    def update(self, frame: PlaceFrame) -> PlaceReadings:
        """Take one frame."""
        self._readings = PlaceReadings(
            version=self._places.version,
            zones=self._zones.update(frame),
            lines=self._pass_lines(frame),
        )
        return self._readings

    def _pass_lines(self, frame: PlaceFrame) -> tuple[LineReading, ...]:
        if not self._places.lines:
            return ()
        facts, seen = frame.facts, frame.seen
        self._lines.update(
            without_repeats(seen.tracks.track_ids),
            frame.feet_px,
            seen.heights_px,
            stream_time_s=facts.stream_time_s,
            segment=facts.segment,
            picture_wh=facts.picture_wh,
        )
        told_apart = frame.belief.told_apart or frame.belief.count
        return self._lines.readings(
            told_apart.trust, told_apart.reason, widths_m=self._widths_m(frame.view)
        )

    def _widths_m(self, view: GroundView | None) -> dict[int, float | None]:
        if view is None:
            return {}
        if self._widths is None or self._widths[0] is not view:
            wh: FloatArray = np.array(view.picture_wh, np.float64)
            widths = {
                line.line_id: line_length_m(
                    np.array(line.start) * wh, np.array(line.end) * wh, view
                )
                for line in self._places.lines
            }
            self._widths = view, widths
        return self._widths[1]


def _beyond_the_edge(line: CountingLine) -> CountingLine:
    """The line as people are counted over it: what ends on the picture's edge goes on beyond.

    The feet of who is cut off by the edge are inferred beyond it, and straight lines in the
    picture are straight on the ground.
    """
    start, end = np.array(line.start), np.array(line.end)
    along = end - start
    length = float(np.hypot(*along))
    if not length > 0:
        return line
    onward = along * (BEYOND / length)
    if _leaves(start, -along):
        start = start - onward
    if _leaves(end, along):
        end = end + onward
    return replace(
        line, start=(float(start[0]), float(start[1])), end=(float(end[0]), float(end[1]))
    )


def _leaves(at: FloatArray, onward: FloatArray) -> bool:
    """Whether who is at one place and goes that way leaves the picture there."""
    below, above = at <= EDGE_SHARE, at >= 1 - EDGE_SHARE
    return bool(((below & (onward < 0)) | (above & (onward > 0))).any())

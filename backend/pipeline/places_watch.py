"""Whether a camera still shows what its zones and lines were drawn in, and what that leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.core.calibration import BackgroundFeatures
from backend.core.camera import CameraConfig, SourceType
from backend.core.frame import Detections, Frame
from backend.core.places import VIEW_CHANGED, CameraPlaces, PlaceReadings, ZoneReading
from backend.pipeline.picture_watch import degraded_reading, everybody, is_same_shape
from backend.pipeline.ports import ViewCheck
from backend.vision.camera_moved import ViewState
from backend.vision.picture_health import PictureVerdict


class PlacesWatch:
    """Compares one camera's pictures with the view its places were drawn in; one thread.

    Needs no calibration, and goes by no calibration's view: places may be drawn long after it.

    Args:
        config: The camera, with its places to begin with.
        make_check: Makes the watch over a view; see `PipelineParts.make_view_check`.
    """

    def __init__(
        self, config: CameraConfig, make_check: Callable[[BackgroundFeatures | None], ViewCheck]
    ) -> None:
        self._is_drawn = config.spec.source_type is SourceType.SIMULATED
        self._make_check = make_check
        self._places = config.places
        self._check: ViewCheck | None = None
        self._fault = config.places.view.fault
        self._doubted: tuple[tuple[ZoneReading, ...], str, tuple[ZoneReading, ...]] = ((), "", ())

    @property
    def fault(self) -> str:
        """Why the places may lie on other ground; empty where nothing speaks against them."""
        return "" if self._places.is_empty else self._fault

    def set_places(self, places: CameraPlaces) -> None:
        """Go by these places from now on; what was found stands until a person confirms them."""
        was, now = self._places.view, places.view
        is_confirmed = was.confirmed_at != now.confirmed_at
        if is_confirmed or self._places.is_empty:
            self._check = None
        if is_confirmed or was.fault != now.fault:
            self._fault = now.fault
        self._places = places

    def examine(self, frame: Frame, detections: Detections, health: PictureVerdict) -> None:
        """Look at one picture; as often as there is need to, which the check knows."""
        view = self._places.view
        if view.fault or self._is_drawn or self._places.is_empty:
            return
        if not health.shows_places:  # a black picture says nothing of where the camera points
            return
        height, width = frame.image.shape[:2]
        if view.background is not None and not is_same_shape(
            (width, height), view.background.picture_wh
        ):
            self._fault = VIEW_CHANGED
            return
        if self._check is None:
            self._check = self._make_check(view.background)
        verdict = self._check.examine(
            frame.image, everybody(detections), stream_time_s=frame.stream_time_s
        )
        self._fault = VIEW_CHANGED if verdict.state is ViewState.MOVED else ""

    def doubt(self, readings: PlaceReadings) -> PlaceReadings:
        """Return what may be believed of readings: a count is still one, but of other ground.

        Zones are read once a second; until they are again, the same tuple of them comes back.
        """
        fault = self.fault
        if not fault:
            return readings
        if self._doubted[0] is not readings.zones or self._doubted[1] != fault:
            zones = tuple(degraded_reading(zone, fault) for zone in readings.zones)
            self._doubted = (readings.zones, fault, zones)
        lines = tuple(degraded_reading(line, fault) for line in readings.lines)
        return replace(readings, zones=self._doubted[2], lines=lines)

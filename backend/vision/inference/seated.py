"""A camera's detector whose surveys are paid for at the camera's own seat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Image
from backend.vision.detector import DetectionTicket, Detector, DetectorParams, Region
from backend.vision.inference.scheduler import Seat


class SeatedDetector:
    """Lets whoever surveys a picture use the camera's turns (implements `detector.Detector`).

    Args:
        detector: The camera's handle; stays open when this one closes.
        seat: Its place at the device. Submitting needs a turn taken there; a survey takes its
            own, or goes under the one that is out.
        announce: Told before a survey how many regions it has; it may take long.
    """

    def __init__(
        self,
        detector: Detector,
        seat: Seat,
        *,
        announce: Callable[[int], None] = lambda _regions: None,
    ) -> None:
        self._detector = detector
        self._seat = seat
        self._announce = announce

    @property
    def info(self) -> ModelInfo:
        """See `detector.Detector.info`."""
        return self._detector.info

    @property
    def params(self) -> DetectorParams:
        """See `detector.Detector.params`."""
        return self._detector.params

    def submit(self, image: Image) -> DetectionTicket:
        """See `detector.Detector.submit`."""
        return self._detector.submit(image)

    def detect(self, image: Image) -> Detections:
        """See `detector.Detector.detect`."""
        return self._detector.detect(image)

    def survey(self, image: Image, regions: Sequence[Region], *, confidence: float) -> Detections:
        """See `detector.Detector.survey`; charged to the camera."""
        self._announce(len(regions))
        with self._seat.survey(float(len(regions))):
            return self._detector.survey(image, regions, confidence=confidence)

    def close(self) -> None:
        """Nothing to let go of: the handle belongs to the camera."""

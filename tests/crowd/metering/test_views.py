"""What the overlay is told of the ground."""

from __future__ import annotations

import dataclasses

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.measurements import CrowdPicture
from backend.core.observation import FrameFacts
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.params import AnalysisParams
from tests import builders

MONITORED = ((10.0, 20.0), (300.0, 20.0), (300.0, 200.0), (10.0, 200.0))

CALIBRATION = Calibration(
    version=1,
    method=CalibrationMethod.POINTS,
    picture_wh=(320, 240),
    homography=(0.02, 0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0, 1.0),
    monitored_px=MONITORED,
    walkable_px=None,
    rms_error_m=None,
    length_spread=0.02,
    area_spread=0.04,
    calibrated_at=builders.EPOCH,
)


def picture(calibration: Calibration | None, *, fault: str = "", scale: int = 1) -> CrowdPicture:
    analyzer = CrowdAnalyzer(
        AnalysisParams(), area_m2=None, people_limit=None, calibration=calibration
    )
    size = (320 * scale, 240 * scale)
    people = builders.tracks((100.0, 60.0, 120.0, 110.0))
    return analyzer.update(people, FrameFacts(0.0, 0, size, calibration_fault=fault))[1]


def test_the_monitored_area_is_outlined_in_pixels_of_the_stream() -> None:
    assert set(picture(CALIBRATION).monitored_px or ()) == set(MONITORED)
    doubled = {(2 * x, 2 * y) for x, y in MONITORED}
    assert set(picture(CALIBRATION, scale=2).monitored_px or ()) == doubled
    whole = picture(dataclasses.replace(CALIBRATION, monitored_px=None)).monitored_px
    assert set(whole or ()) == {(0, 0), (320, 0), (320, 240), (0, 240)}


def test_without_a_ground_that_fits_nothing_is_outlined() -> None:
    assert picture(None).monitored_px is None
    moved = picture(CALIBRATION, fault="The camera was moved.")
    assert (moved.monitored_px, moved.density) == (None, None)

"""BoT-SORT from ultralytics, one per camera, without re-identification."""

from __future__ import annotations

from backend.vision.adapters.gmc import CameraMotion
from backend.vision.adapters.ultralytics_tracker import UltralyticsTracker
from backend.vision.tracker import TrackerParams


def make_botsort(
    frame_rate_hz: float,
    params: TrackerParams | None = None,
    *,
    motion: CameraMotion | None = None,
    fault: str = "",
) -> UltralyticsTracker:
    """Return BoT-SORT for one camera.

    Args:
        frame_rate_hz: Frames analysed per second.
        params: Thresholds.
        motion: Follows a moving camera; None where it is fixed.
        fault: Why this is not the tracker that was asked for, empty when it is.
    """
    # Imports torch (about 2 s): paid by the camera's thread, not by the web process.
    from ultralytics.trackers.bot_sort import BOTSORT  # noqa: PLC0415

    return UltralyticsTracker(
        BOTSORT,
        frame_rate_hz,
        params=params or TrackerParams(),
        settings={
            "gmc_method": None,  # the camera's motion is followed here, see gmc.py
            "proximity_thresh": 0.5,
            "appearance_thresh": 0.8,
            "with_reid": False,
            "model": "auto",
        },
        has_aspect=False,
        motion=motion,
        fault=fault,
    )

"""ByteTrack from ultralytics, one per camera."""

from __future__ import annotations

from backend.vision.adapters.gmc import CameraMotion
from backend.vision.adapters.ultralytics_tracker import UltralyticsTracker
from backend.vision.tracker import TrackerParams


def make_bytetrack(
    frame_rate_hz: float,
    params: TrackerParams | None = None,
    *,
    motion: CameraMotion | None = None,
) -> UltralyticsTracker:
    """Return ByteTrack for one camera.

    Args:
        frame_rate_hz: Frames analysed per second.
        params: Thresholds.
        motion: Follows a moving camera; None where it is fixed.
    """
    # Imports torch (about 2 s): paid by the camera's thread, not by the web process.
    from ultralytics.trackers.byte_tracker import BYTETracker  # noqa: PLC0415

    return UltralyticsTracker(
        BYTETracker,
        frame_rate_hz,
        params=params or TrackerParams(),
        settings={},
        has_aspect=True,
        motion=motion,
    )

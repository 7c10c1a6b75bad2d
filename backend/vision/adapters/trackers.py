"""Picks a camera's tracker."""

from __future__ import annotations

import logging
from collections.abc import Callable

from backend.core.camera import DetectionChoice, TrackerKind
from backend.core.errors import ModelError
from backend.vision.adapters.gmc import CameraMotion
from backend.vision.tracker import Embedder, Tracker, TrackerParams

logger = logging.getLogger(__name__)


def make_tracker(
    choice: DetectionChoice,
    rate_hz: float,
    params: TrackerParams | None = None,
    *,
    open_embedder: Callable[[], Embedder],
) -> Tracker:
    """Return the tracker a camera is to use.

    Where DeepSORT cannot tell people's looks, the camera is followed by BoT-SORT all the same,
    and the tracker's ``fault`` says why.

    Args:
        choice: Kind of tracker, and whether the camera moves.
        rate_hz: Frames analysed per second.
        params: Thresholds.
        open_embedder: Opens DeepSORT's appearance network; the first call may take seconds.
    """
    motion = CameraMotion() if choice.moves else None
    if choice.tracker is TrackerKind.BYTETRACK:
        from backend.vision.adapters.bytetrack import make_bytetrack  # noqa: PLC0415 - only then

        return make_bytetrack(rate_hz, params, motion=motion)
    fault = ""
    if choice.tracker is TrackerKind.DEEPSORT:
        from backend.vision.adapters.deepsort import DeepSortTracker  # noqa: PLC0415 - only then

        try:
            return DeepSortTracker(rate_hz, open_embedder(), params, motion=motion)
        except ModelError as error:
            fault = f"DeepSORT cannot be used, BoT-SORT follows people instead: {error}."
            logger.warning("tracker_replaced %s", fault)
    from backend.vision.adapters.botsort import make_botsort  # noqa: PLC0415 - only then

    return make_botsort(rate_hz, params, motion=motion, fault=fault)

"""Does the camera still show what it was calibrated on?

A ground plane belongs to one view. When the camera is knocked, turned or zoomed, every square
metre measured through it is wrong and nothing in the count betrays it. So landmarks of the
unmoving scene are kept with the calibration (binary descriptors, no picture), and every few
seconds the present picture is searched for them. Pictures and stream times in, a verdict out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from backend.core.calibration import BackgroundFeatures
from backend.core.frame import Image
from backend.vision.landmarks import background_features, seek_features
from backend.vision.view_match import ViewMatch, carry_back, match_views

__all__ = [
    "CameraMovedCheck",
    "CameraMovedParams",
    "ViewState",
    "ViewVerdict",
    "background_features",
]

_PLENTY = 120
_CLEAR_SHARE = 0.10
_RESTING_SHARE = 0.10
_FADED = 0.6


class ViewState(StrEnum):
    """Whether the camera shows the view it was calibrated on."""

    STEADY = "steady"
    MOVED = "moved"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class ViewVerdict:
    """What is known of the view; ``reason`` is a sentence for people, empty when steady."""

    state: ViewState
    reason: str = ""


STEADY = ViewVerdict(ViewState.STEADY)
NOT_YET = ViewVerdict(ViewState.UNVERIFIED, "The view has not been compared yet.")
TOO_LITTLE = ViewVerdict(
    ViewState.UNVERIFIED,
    "Too little of the background can be seen to tell whether the camera was moved.",
)
OTHER_SCENE = ViewVerdict(
    ViewState.MOVED,
    "The camera was moved: it no longer shows the scene it was calibrated on. "
    "Point it back or calibrate again.",
)


@dataclass(frozen=True, slots=True)
class CameraMovedParams:
    """Limits of the verdict.

    Attributes:
        interval_s: Stream time between two looks.
        doubtful_interval_s: The same while a first look has cast doubt on a steady view.
        learn_after_s: Stream time before landmarks are taken where none were stored.
        refresh_s: Least stream time between two refreshments of faded landmarks.
        displacement: Largest displacement anywhere in the picture, as a share of its width,
            that is still the same view: a mast sways less than this, a knock is more.
        looks_to_move: Looks that must find the camera moved, none between finding it steady.
        looks_to_forgive: Looks that must find the view again, none between finding it moved.
        looks_of_doubt: Looks in a row that can tell nothing before that is said.
    """

    interval_s: float = 5.0
    doubtful_interval_s: float = 2.5
    learn_after_s: float = 2.0
    refresh_s: float = 60.0
    displacement: float = 0.01
    looks_to_move: int = 3
    looks_to_forgive: int = 3
    looks_of_doubt: int = 3


class CameraMovedCheck:
    """Keeps watch over the view of one calibrated camera; one thread.

    Quick to notice, slow to forgive. While the view is steady, fresh landmarks are taken
    whenever the old ones have faded, at the places where the old ones put them: so the check
    follows dusk and lamps, and still measures every displacement from the calibration.

    Args:
        reference: Landmarks of calibration time; None = learn them from this run's first
            seconds (what happened before is then not noticed).
        params: Limits.
    """

    def __init__(
        self, reference: BackgroundFeatures | None, params: CameraMovedParams | None = None
    ) -> None:
        self._params = params or CameraMovedParams()
        self._known = _Known(reference)
        self._opinion = _Opinion(self._params)
        self._previous: BackgroundFeatures | None = None
        self._next_s: float | None = None
        self._now_s = 0.0

    def examine(
        self, image: Image, boxes_xyxy: npt.NDArray[np.float32], *, stream_time_s: float
    ) -> ViewVerdict:
        """Return the verdict at this frame; looks again only when it is time to.

        Args:
            image: (H, W, 3) uint8, BGR, of the reference's shape, not necessarily its size.
            boxes_xyxy: (N, 4) float32 people, pixels: they are no background.
            stream_time_s: Presentation time in the segment, seconds.
        """
        if not self._is_time(stream_time_s):
            return self._opinion.verdict
        if self._known.reference is None:
            self._known = _Known(background_features(image, boxes_xyxy))
        else:
            self._look(image, boxes_xyxy, stream_time_s)
        in_doubt = self._opinion.is_in_doubt
        wait_s = self._params.doubtful_interval_s if in_doubt else self._params.interval_s
        self._next_s = stream_time_s + wait_s
        return self._opinion.verdict

    def _is_time(self, stream_time_s: float) -> bool:
        if self._next_s is None or stream_time_s < self._now_s:  # a segment begins at zero
            late = self._params.learn_after_s if self._known.reference is None else 0.0
            self._next_s = stream_time_s + late
            self._known.refreshed_s = stream_time_s
        self._now_s = stream_time_s
        return stream_time_s >= self._next_s

    def _look(
        self, image: Image, boxes_xyxy: npt.NDArray[np.float32], stream_time_s: float
    ) -> None:
        view = seek_features(image, boxes_xyxy)
        found = None if view is None else self._known.find(view)
        if found is not None and found.displacement <= self._params.displacement:
            self._opinion.steady()
            if self._known.has_faded(found, stream_time_s, self._params.refresh_s):
                fresh = background_features(image, boxes_xyxy)
                self._known.refresh(fresh, found, stream_time_s)
        elif found is not None and found.share >= _CLEAR_SHARE:
            self._opinion.moved(_moved_so(found))
        elif view is not None and self._rests(view):
            self._opinion.moved(OTHER_SCENE if found is None else _moved_so(found))
        else:
            self._opinion.cannot_tell()
        self._previous = view

    def _rests(self, view: BackgroundFeatures) -> bool:
        """Whether the picture shows things that stand still: a crowd's texture does not.

        Without this a crowd that hides the whole background would pass for another scene, and
        its density would become unknown when it matters most.
        """
        if self._previous is None or len(view.points_px) < _PLENTY:
            return False
        same = match_views(self._previous, view)
        return (
            same is not None
            and same.share >= _RESTING_SHARE
            and same.displacement <= self._params.displacement
        )


class _Known:
    """Landmarks of the calibrated view: those of calibration time and, if faded, fresh ones."""

    def __init__(self, reference: BackgroundFeatures | None) -> None:
        self.reference = reference
        self.refreshed_s = 0.0
        self._fresh: BackgroundFeatures | None = None
        self._strongest = 0

    def find(self, view: BackgroundFeatures) -> ViewMatch | None:
        """Return where the calibrated view lies in this one, None where it is not found."""
        assert self.reference is not None
        found = match_views(self.reference, view)
        if self._fresh is None or (found is not None and found.share >= _CLEAR_SHARE):
            return found
        return match_views(self._fresh, view) or found

    def has_faded(self, found: ViewMatch, stream_time_s: float, refresh_s: float) -> bool:
        """Return whether clearly fewer landmarks agree than when they were new."""
        self._strongest = max(self._strongest, found.agreeing)
        is_due = stream_time_s - self.refreshed_s >= refresh_s
        return is_due and found.agreeing < _FADED * self._strongest

    def refresh(
        self, landmarks: BackgroundFeatures | None, found: ViewMatch, stream_time_s: float
    ) -> None:
        """Take fresh landmarks, placed as if the camera stood exactly as at calibration."""
        self.refreshed_s = stream_time_s
        if landmarks is not None:
            self._fresh = carry_back(landmarks, found)
            self._strongest = 0


class _Opinion:
    """What follows from look after look."""

    def __init__(self, params: CameraMovedParams) -> None:
        self.verdict = NOT_YET
        self._params = params
        self._moved = self._steady = self._silent = 0

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last look spoke against the standing verdict without changing it."""
        standing = self.verdict.state is not ViewState.MOVED
        return standing and (self._moved > 0 or self._silent == 1)

    def steady(self) -> None:
        """The view lies where it was."""
        self._moved = self._silent = 0
        self._steady += 1
        needed = self._params.looks_to_forgive if self.verdict.state is ViewState.MOVED else 1
        if self._steady >= needed:
            self.verdict = STEADY

    def moved(self, verdict: ViewVerdict) -> None:
        """The view lies elsewhere or is another; the first words of a verdict stand."""
        self._steady = self._silent = 0
        self._moved += 1
        if self._moved >= self._params.looks_to_move and self.verdict.state is not ViewState.MOVED:
            self.verdict = verdict

    def cannot_tell(self) -> None:
        """Nothing can be said: what was found before stands for a while."""
        self._silent += 1
        is_long = self._silent >= self._params.looks_of_doubt
        if is_long and self.verdict.state is not ViewState.MOVED:
            self.verdict = TOO_LITTLE


def _moved_so(found: ViewMatch) -> ViewVerdict:
    """Say how the picture lies to the calibrated one."""
    parts = []
    if found.shift >= 0.005:
        parts.append(f"shifted by {100 * found.shift:.0f} % of the picture's width")
    if abs(found.turn_deg) >= 0.3:
        parts.append(f"turned by {abs(found.turn_deg):.1f}°")
    if abs(found.zoom - 1) >= 0.01:
        parts.append(f"zoomed to {100 * found.zoom:.0f} %")
    how = ", ".join(parts) or f"displaced by {100 * found.displacement:.0f} % of its width"
    return ViewVerdict(
        ViewState.MOVED,
        f"The camera was moved: the view is {how}. Point it back or calibrate again.",
    )

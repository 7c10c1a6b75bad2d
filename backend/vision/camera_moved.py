"""Does the camera still show what it was calibrated on?

A ground plane belongs to one view. When the camera is knocked, turned or zoomed, every square
metre measured through it is wrong and nothing in the count betrays it. So landmarks of the
unmoving scene are kept with the calibration (binary descriptors, no picture), and every few
seconds the present picture is searched for them. Pictures and stream times in, a verdict out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.calibration import BackgroundFeatures
from backend.core.frame import Image
from backend.vision.view_match import ViewMatch, carry_back, match_views

_WORK_WIDTH = 960
_FIELDS_WH = (8, 6)
_KEPT_PER_FIELD = 16
_SOUGHT_PER_FIELD = 48
_CANDIDATES = 6000
_FEWEST = 40
_FAST_THRESHOLD = 10
_PATCH_PX = 31
_BODY_MARGIN = 0.15
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


def background_features(
    image: Image, boxes_xyxy: npt.NDArray[np.float32]
) -> BackgroundFeatures | None:
    """Return landmarks of the scene behind the people, None where there are too few.

    ORB corners on the picture shrunk to at most 960 px width, at most 16 in each of 8 x 6
    fields, so that one busy sign does not stand for the whole view. Nothing inside a person's
    box, widened by 15 % of its sides, is taken.

    Args:
        image: (H, W, 3) uint8, BGR.
        boxes_xyxy: (N, 4) float32 people, pixels; N = 0 masks nothing.

    Returns:
        (K, 2) points in pixels of ``image`` and (K, 32) descriptors, 40 <= K <= 768; None when
        fewer than 40 can be found (darkness, fog, a crowd that covers everything).

    References:
        Rublee, Rabaud, Konolige & Bradski 2011, ORB: an efficient alternative to SIFT or SURF,
        ICCV, doi:10.1109/ICCV.2011.6126544.
    """
    return _landmarks(image, boxes_xyxy, _KEPT_PER_FIELD)


def seek_features(image: Image, boxes_xyxy: npt.NDArray[np.float32]) -> BackgroundFeatures | None:
    """Return landmarks to look for those of `background_features` among: three times as many.

    Which corner is the sixteenth best of its field changes with every change of light.
    """
    return _landmarks(image, boxes_xyxy, _SOUGHT_PER_FIELD)


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


def _landmarks(
    image: Image, boxes_xyxy: npt.NDArray[np.float32], most_per_field: int
) -> BackgroundFeatures | None:
    height, width = image.shape[:2]
    scale = min(_WORK_WIDTH / width, 1.0)
    if scale < 1.0:
        size = (_WORK_WIDTH, max(round(height * scale), 1))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    finder = cv2.ORB.create(
        nfeatures=_CANDIDATES,
        nlevels=5,
        edgeThreshold=_PATCH_PX,
        patchSize=_PATCH_PX,
        fastThreshold=_FAST_THRESHOLD,
    )
    candidates = finder.detect(grey, _without_people(grey.shape, boxes_xyxy * scale))
    chosen = _spread(candidates, (grey.shape[1], grey.shape[0]), most_per_field)
    chosen, descriptors = finder.compute(grey, chosen)
    if descriptors is None or len(chosen) < _FEWEST:
        return None
    points = np.array([landmark.pt for landmark in chosen], np.float32) / np.float32(scale)
    return BackgroundFeatures((width, height), points, np.asarray(descriptors, np.uint8))


def _without_people(
    shape: tuple[int, ...], boxes_xyxy: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint8]:
    """(H, W) mask, 255 outside the widened boxes."""
    mask = np.full(shape, 255, np.uint8)
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    low = np.maximum(boxes_xyxy[:, :2] - _BODY_MARGIN * sides, 0).astype(int)
    high = np.maximum(np.ceil(boxes_xyxy[:, 2:] + _BODY_MARGIN * sides), 0).astype(int)
    for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True):
        mask[y0:y1, x0:x1] = 0
    return mask


def _spread(
    candidates: Sequence[cv2.KeyPoint], size_wh: tuple[int, int], most: int
) -> list[cv2.KeyPoint]:
    """Return the strongest landmarks of each field of the picture."""
    if not candidates:
        return []
    points = np.array([landmark.pt for landmark in candidates])
    strength = np.array([landmark.response for landmark in candidates])
    columns, rows = (points * _FIELDS_WH / size_wh).astype(int).T
    fields = rows * _FIELDS_WH[0] + columns
    order = np.lexsort((-strength, fields))
    _, first, size = np.unique(fields[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(first, size)
    return [candidates[index] for index in order[rank < most].tolist()]

"""Is the scene beyond what this detector was validated for? Evidence independent of the count.

The same network looks at the picture again, enlarged in overlapping tiles, and reports every
faint sign of a small person it has. A scene the detector copes with leaves few such signs that
its detections do not explain; a crowd too dense or too far away leaves hundreds, whatever the
count says. Definition, limits and measured rates: docs/methods/saturation.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Frame
from backend.core.measurements import SaturationEvidence
from backend.vision.detector import Detector, Region
from backend.vision.nms import compute_overlap_of_smaller
from backend.vision.tiling import TilingParams, compute_tiles


@dataclass(frozen=True, slots=True)
class SaturationParams:
    """Limits of the evidence, fitted per family of networks (docs/methods/saturation.md).

    With M unexplained faint candidates and D detections, the strength is the largest of
    f = M / (r·(D + b)) over the pairs (b, r) in ``limits``; the scene is saturated from f = 1.
    Where detections explain nothing (``relative`` False), M counts all candidates and D is 0.

    Attributes:
        interval_s: Stream seconds between two examinations.
        calm_interval_s: The same after an examination that found f below ``calm_below``:
            no crowd grows from hardly any sign to the limit in so short a time.
        calm_below: See there; 0 looks always after ``interval_s``.
        survey_width_px: Resolution of the survey: the picture's long side is seen this wide.
        grid_max: Tiles along each side at most; bounds the cost to its square.
        candidate_confidence: Faintest candidate that counts.
        small_share: A candidate taller than this share of the picture's long side is a near
            person or a part of one, and does not count.
        explained_overlap: A candidate lying this far inside a detection is explained by it.
        relative: Whether detections explain candidates. Not where the detector also finds
            persons that are not there as soon as a crowd is dense.
        limits: Pairs of a background in persons and a ratio. One pair with a large background
            and a low ratio serves scenes with people in them; one the other way round serves
            scenes in which next to nobody was detected.
        missed_per_sign: People who may have been missed for each unit of summed confidence of
            the unexplained candidates; widens the count's interval upwards.
        clear_below: f below which the scene may be clear again.
        clear_after: Examinations in a row below ``clear_below`` that clear it.
    """

    interval_s: float = 5.0
    calm_interval_s: float = 10.0
    calm_below: float = 0.5
    survey_width_px: int = 2560
    grid_max: int = 4
    candidate_confidence: float = 0.03
    small_share: float = 0.25
    explained_overlap: float = 0.5
    relative: bool = True
    limits: tuple[tuple[float, float], ...] = ((60.0, 0.85), (5.0, 6.0))
    missed_per_sign: float = 2.5
    clear_below: float = 0.8
    clear_after: int = 2

    def __post_init__(self) -> None:
        if not 0.0 < self.clear_below <= 1.0:
            raise ValueError("clear_below must lie between 0 and 1")
        if not self.limits or min(min(pair) for pair in self.limits) <= 0.0:
            raise ValueError("limits needs at least one pair of positive numbers")
        if not 0.0 < self.candidate_confidence < 1.0:
            raise ValueError("candidate_confidence must lie between 0 and 1")
        if min(self.interval_s, self.calm_interval_s, self.small_share) <= 0.0:
            raise ValueError("interval_s, calm_interval_s and small_share must be positive")
        if min(self.grid_max, self.survey_width_px, self.clear_after) < 1:
            raise ValueError("grid_max, survey_width_px and clear_after must be at least 1")


FALLBACK_PARAMS = SaturationParams(
    grid_max=5,
    candidate_confidence=0.05,
    relative=False,
    limits=((190.0, 1.8),),
    missed_per_sign=0.0,
    clear_below=0.83,
)
"""For the reduced-accuracy network, whose faint candidates are many more and say less."""


def choose_saturation_params(model: ModelInfo) -> SaturationParams:
    """Return the limits fitted for this model's family."""
    return FALLBACK_PARAMS if model.reduced_accuracy else SaturationParams()


class SaturationProbe:
    """Examines one camera's picture every few seconds of stream time; owned by its thread.

    Args:
        detector: The camera's handle; the survey goes through the same compiled network.
        params: Limits; those fitted for the detector's model by default.
    """

    def __init__(self, detector: Detector, params: SaturationParams | None = None) -> None:
        self._detector = detector
        self._params = params or choose_saturation_params(detector.info)
        self._examined_at: tuple[int, float] | None = None
        self._saturated = False
        self._calm_in_a_row = 0
        self._interval_s = self._params.interval_s

    def due(self, stream_time_s: float, segment: int) -> bool:
        """Return whether an examination is due: the first, a new segment, or the interval over."""
        if self._examined_at is None or self._examined_at[0] != segment:
            return True
        elapsed = stream_time_s - self._examined_at[1]
        return elapsed < 0.0 or elapsed >= self._interval_s

    def examine(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        """Survey the picture and compare with what was detected in it; blocks (docs: cost).

        Args:
            frame: The frame the detections come from.
            detections: What the detector found in the whole picture.

        Returns:
            Evidence with ``score`` = f / (f + 1): 0.5 at the limit, 0 for no sign.
        """
        height, width = frame.image.shape[:2]
        candidates = self._detector.survey(
            frame.image,
            self._tiles((width, height)),
            confidence=self._params.candidate_confidence,
        )
        faint = self._unexplained(candidates, detections, max(width, height))
        unexplained = len(faint)
        explained = len(detections) if self._params.relative else 0
        strength = max(
            unexplained / (ratio * (explained + background))
            for background, ratio in self._params.limits
        )
        self._examined_at = (frame.segment, frame.stream_time_s)
        self._decide(strength)
        is_calm = not self._saturated and strength < self._params.calm_below
        self._interval_s = self._params.calm_interval_s if is_calm else self._params.interval_s
        return SaturationEvidence(
            saturated=self._saturated,
            reason=_reason(unexplained, len(detections)) if self._saturated else "",
            score=strength / (strength + 1.0),
            at_stream_time_s=frame.stream_time_s,
            missed_high=self._params.missed_per_sign * float(faint.sum()),
        )

    def _tiles(self, picture_wh: tuple[int, int]) -> tuple[Region, ...]:
        input_hw = self._detector.info.input_hw
        wanted = round(self._params.survey_width_px / max(input_hw))
        along = min(max(2, wanted), self._params.grid_max)
        across = along
        if self._params.relative:
            # the long side sets the enlargement; across, as few tiles as the input has room for
            tallest = max(picture_wh) / along * min(input_hw) / max(input_hw)
            across = min(max(2, math.ceil(min(picture_wh) / tallest - 0.01)), along)
        columns, rows = (along, across) if picture_wh[0] >= picture_wh[1] else (across, along)
        tile_wh = (math.ceil(picture_wh[0] / columns), math.ceil(picture_wh[1] / rows))
        return compute_tiles(
            picture_wh,
            TilingParams(
                tile_wh=tile_wh, overlap=0.15, max_along_long=along, max_along_short=across
            ),
        )

    def _unexplained(
        self, candidates: Detections, detections: Detections, long_side_px: int
    ) -> npt.NDArray[np.float32]:
        """Confidences of the candidates that no detection explains, (M,)."""
        boxes = candidates.boxes_xyxy
        heights = boxes[:, 3] - boxes[:, 1]
        counted = heights < self._params.small_share * long_side_px
        if self._params.relative and len(detections) and len(candidates):
            shared = compute_overlap_of_smaller(boxes, detections.boxes_xyxy)
            counted &= ~(shared > self._params.explained_overlap).any(axis=1)
        return candidates.confidence[counted]

    def _decide(self, strength: float) -> None:
        """Hysteresis: one strong sign sets it, several calm ones in a row clear it."""
        if strength >= 1.0:
            self._saturated, self._calm_in_a_row = True, 0
        elif strength >= self._params.clear_below:
            self._calm_in_a_row = 0
        else:
            self._calm_in_a_row += 1
            if self._calm_in_a_row >= self._params.clear_after:
                self._saturated = False


def _reason(unexplained: int, counted: int) -> str:
    people = "nobody was" if counted == 0 else f"{counted} {'was' if counted == 1 else 'were'}"
    signs = "1 further sign" if unexplained == 1 else f"{unexplained} further signs"
    return (
        f"Enlarged, the picture shows about {signs} of people where {people} counted: "
        "the crowd is too dense or too far away for this detector."
    )

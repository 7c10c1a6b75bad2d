"""How well two detectors agree on the same pictures.

The boxes of the first are taken as the truth, so this says what is lost by running the second
in its place (fewer bits, another size, another file), not how good either is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections
from backend.vision.nms import Boxes

MATCH_IOU = 0.5
"""Two boxes with this overlap show the same person (Everingham et al. 2010, PASCAL VOC)."""

Pairs = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of a comparison.

    Attributes:
        frames: Pictures compared.
        reference_boxes, candidate_boxes: Persons found by each, all pictures together.
        matched: Persons both found.
        count_bias: Mean of (candidate − reference) persons a picture.
        count_mae: Mean of its absolute value.
        confidence_shift: Mean of (candidate − reference) confidence of persons both found;
            0 where there are none.
    """

    frames: int
    reference_boxes: int
    candidate_boxes: int
    matched: int
    count_bias: float
    count_mae: float
    confidence_shift: float

    @property
    def precision(self) -> float:
        """Share of the candidate's boxes that the reference has too; 1 where it has none."""
        return self.matched / self.candidate_boxes if self.candidate_boxes else 1.0

    @property
    def recall(self) -> float:
        """Share of the reference's boxes that the candidate has too; 1 where there are none."""
        return self.matched / self.reference_boxes if self.reference_boxes else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 · matched / all boxes; 1 without any box.

        Example:
            8 of 10 boxes found again and 2 others besides: 2 · 8 / (10 + 10) = 0.8.
        """
        boxes = self.reference_boxes + self.candidate_boxes
        return 2 * self.matched / boxes if boxes else 1.0

    @property
    def loss(self) -> float:
        """What agreement is missing: 1 − F1."""
        return 1.0 - self.f1

    @property
    def count_error(self) -> float:
        """Size of the count's bias as a share of the reference's mean count; 0 if both are 0.

        A reference that sees nobody and a candidate that does are infinitely apart.
        """
        mean = self.reference_boxes / self.frames if self.frames else 0.0
        if mean == 0.0:
            return 0.0 if self.count_bias == 0.0 else float("inf")
        return abs(self.count_bias) / mean


class AgreementTally:
    """Adds up pictures one by one; not thread-safe."""

    def __init__(self) -> None:
        self._frames = 0
        self._reference = 0
        self._candidate = 0
        self._matched = 0
        self._bias = 0
        self._absolute = 0
        self._shift = 0.0

    def add(self, reference: Detections, candidate: Detections) -> None:
        """Count one picture that both have looked at."""
        pairs = match_boxes(reference.boxes_xyxy, candidate.boxes_xyxy, candidate.confidence)
        difference = len(candidate) - len(reference)
        self._frames += 1
        self._reference += len(reference)
        self._candidate += len(candidate)
        self._matched += len(pairs)
        self._bias += difference
        self._absolute += abs(difference)
        shift = candidate.confidence[pairs[:, 1]] - reference.confidence[pairs[:, 0]]
        self._shift += float(shift.sum(dtype=np.float64))

    def result(self) -> Agreement:
        """Return the agreement so far."""
        frames = max(1, self._frames)
        return Agreement(
            frames=self._frames,
            reference_boxes=self._reference,
            candidate_boxes=self._candidate,
            matched=self._matched,
            count_bias=self._bias / frames,
            count_mae=self._absolute / frames,
            confidence_shift=self._shift / self._matched if self._matched else 0.0,
        )


def match_boxes(reference: Boxes, candidate: Boxes, confidence: npt.NDArray[np.float32]) -> Pairs:
    """Pair boxes that show the same person, each used once.

    The surest candidate chooses first and takes the free reference box it overlaps most, as in
    the evaluation of PASCAL VOC (Everingham et al. 2010, section 4.2).

    Args:
        reference: (N, 4) xyxy, pixels.
        candidate: (M, 4) xyxy, pixels.
        confidence: (M,) of the candidates; equals keep their order.

    Returns:
        (K, 2) rows of reference index, candidate index; empty where either has no box.
    """
    iou = compute_iou(reference, candidate)
    free = np.ones(len(reference), bool)
    pairs: list[tuple[int, int]] = []
    for chosen in np.argsort(-confidence, kind="stable"):
        overlaps = np.where(free, iou[:, chosen], -1.0)
        if overlaps.size == 0:
            break
        best = int(overlaps.argmax())
        if overlaps[best] >= MATCH_IOU:
            free[best] = False
            pairs.append((best, int(chosen)))
    return np.asarray(pairs, np.intp).reshape(-1, 2)


def compute_iou(first: Boxes, second: Boxes) -> npt.NDArray[np.float64]:
    """Return (N, M) intersection over union of every pair; 0 where both have no area.

    Args:
        first: (N, 4) xyxy, pixels.
        second: (M, 4) xyxy, pixels.
    """
    one = first.astype(np.float64)[:, None, :]
    other = second.astype(np.float64)[None, :, :]
    low = np.maximum(one[..., :2], other[..., :2])
    high = np.minimum(one[..., 2:], other[..., 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=-1)
    areas = [(box[..., 2:] - box[..., :2]).clip(0.0).prod(axis=-1) for box in (one, other)]
    union = areas[0] + areas[1] - shared
    iou: npt.NDArray[np.float64] = np.divide(
        shared, union, out=np.zeros_like(shared), where=union > 0
    )
    return iou

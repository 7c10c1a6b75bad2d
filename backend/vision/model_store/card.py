"""The card of a quantised model: where it comes from, what it was judged by, what it costs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from backend.vision.detector_speed import DetectorSpeed
from backend.vision.model_compare import Agreement
from backend.vision.model_store.entries import CARD_NAME


@dataclass(frozen=True, slots=True)
class AccuracyLimits:
    """What a quantised model may cost beside the full-precision one on the held-out pictures.

    Attributes:
        max_loss: Largest 1 − F1 of the boxes at IoU 0.5.
        max_count_error: Largest systematic error of the count, a share of the mean count.
    """

    max_loss: float = 0.05
    max_count_error: float = 0.05

    def judge(self, agreement: Agreement) -> str:
        """Return why a model is not accurate enough; empty for one that is."""
        if agreement.reference_boxes == 0:
            return (
                f"nobody is seen in the {agreement.frames} held-out pictures, so its accuracy "
                "cannot be judged: give videos or cameras with people in them"
            )
        reasons = []
        if agreement.loss > self.max_loss:
            reasons.append(
                f"1 − F1 of its boxes is {agreement.loss:.3f}, allowed is {self.max_loss:g}"
            )
        if agreement.count_error > self.max_count_error:
            reasons.append(
                f"it counts {agreement.count_bias:+.2f} people a picture "
                f"({agreement.count_error:.1%} of the mean), allowed is "
                f"{self.max_count_error:.1%}"
            )
        return "; ".join(reasons)


@dataclass(frozen=True, slots=True)
class QuantisationCard:
    """Everything worth knowing of one quantisation.

    Attributes:
        model: Name of the quantised model.
        made_from: Name of the full-precision one.
        made_at: Aware UTC.
        calibration_pictures, held_out_pictures: How many of each.
        sources: Where they came from, without credentials.
        input_size: Long side of the network's input, pixels.
        versions: Package -> version of what did it.
        limits: What was allowed.
        agreement: Of the quantised model with the full-precision one.
        precisions: What each of the two computed in.
        full_speed, quantised_speed: In the same run.
        refusal: Why it should not be used; empty where it may.
    """

    model: str
    made_from: str
    made_at: datetime
    calibration_pictures: int
    held_out_pictures: int
    sources: tuple[str, ...]
    input_size: int
    versions: dict[str, str]
    limits: AccuracyLimits
    agreement: Agreement
    precisions: tuple[str, str]
    full_speed: DetectorSpeed
    quantised_speed: DetectorSpeed
    refusal: str = ""

    @property
    def remark(self) -> str:
        """Return what `models list` says about it; empty for one within its limits."""
        return f"kept although {self.refusal}" if self.refusal else ""

    def save(self, folder: Path) -> None:
        """Write the card into the model's folder."""
        found = self.agreement
        told = {
            **asdict(self),
            "made_at": self.made_at.isoformat(),
            "remark": self.remark,
            "agreement": {
                **asdict(found),
                "precision": found.precision,
                "recall": found.recall,
                "f1": found.f1,
            },
        }
        text = json.dumps(told, indent=2, ensure_ascii=False)
        (folder / CARD_NAME).write_text(f"{text}\n", encoding="utf-8")

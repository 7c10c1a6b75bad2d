"""Agreement of two detectors: exact cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import Detections
from backend.vision.model_compare import AgreementTally, compute_iou, match_boxes


def _boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.asarray(rows, np.float32).reshape(-1, 4)


def _found(*rows: tuple[float, float, float, float, float]) -> Detections:
    table = np.asarray(rows, np.float32).reshape(-1, 5)
    return Detections(table[:, :4].copy(), table[:, 4].copy())


def test_iou_of_half_overlapping_boxes() -> None:
    # 10×10 and the same moved by 5: 50 shared of 150.
    iou = compute_iou(_boxes((0, 0, 10, 10)), _boxes((5, 0, 15, 10), (20, 0, 30, 10)))
    assert iou.tolist() == [[pytest.approx(1 / 3), 0.0]]


def test_iou_without_area_is_zero() -> None:
    assert compute_iou(_boxes((3, 3, 3, 3)), _boxes((3, 3, 3, 3))).tolist() == [[0.0]]
    assert compute_iou(_boxes(), _boxes((0, 0, 1, 1))).shape == (0, 1)


def test_the_surest_candidate_chooses_first_and_each_box_is_used_once() -> None:
    reference = _boxes((0, 0, 10, 10))
    candidate = _boxes((0, 0, 10, 9), (0, 0, 10, 10))
    pairs = match_boxes(reference, candidate, np.array([0.9, 0.5], np.float32))
    assert pairs.tolist() == [[0, 0]]
    pairs = match_boxes(reference, candidate, np.array([0.5, 0.9], np.float32))
    assert pairs.tolist() == [[0, 1]]


def test_half_an_overlap_is_enough_and_less_is_not() -> None:
    reference = _boxes((0, 0, 10, 10))
    half, less = _boxes((0, 0, 10, 5)), _boxes((0, 0, 10, 4.9))
    sure = np.array([0.9], np.float32)
    assert len(match_boxes(reference, half, sure)) == 1
    assert len(match_boxes(reference, less, sure)) == 0


def test_agreement_of_two_pictures() -> None:
    tally = AgreementTally()
    tally.add(
        _found((0, 0, 10, 20, 0.9), (50, 0, 60, 20, 0.8)),
        _found((0, 0, 10, 20, 0.7), (90, 0, 99, 20, 0.6), (70, 0, 79, 20, 0.6)),
    )
    tally.add(_found((0, 0, 10, 20, 0.5), (50, 0, 60, 20, 0.5)), _found((50, 0, 60, 20, 0.6)))
    found = tally.result()
    assert (found.frames, found.reference_boxes, found.candidate_boxes, found.matched) == (
        2, 4, 4, 2,
    )  # fmt: skip
    assert found.precision == found.recall == found.f1 == 0.5
    assert found.loss == 0.5
    assert found.count_bias == 0.0, "one too many, one too few"
    assert found.count_mae == 1.0
    assert found.count_error == 0.0
    assert found.confidence_shift == pytest.approx((-0.2 + 0.1) / 2, abs=1e-6)


def test_a_systematic_count_error_is_a_share_of_the_mean_count() -> None:
    tally = AgreementTally()
    for _ in range(4):
        tally.add(_found((0, 0, 9, 9, 0.9), (20, 0, 29, 9, 0.9)), _found((0, 0, 9, 9, 0.9)))
    found = tally.result()
    assert (found.count_bias, found.count_mae, found.count_error) == (-1.0, 1.0, 0.5)
    assert (found.precision, found.recall) == (1.0, 0.5)
    assert found.f1 == pytest.approx(2 / 3)


def test_nobody_anywhere_agrees_and_somebody_out_of_nothing_does_not() -> None:
    tally = AgreementTally()
    assert tally.result().f1 == 1.0 and tally.result().count_error == 0.0
    tally.add(Detections.empty(), Detections.empty())
    assert tally.result().f1 == 1.0
    tally.add(Detections.empty(), _found((0, 0, 9, 9, 0.9)))
    assert tally.result().f1 == 0.0
    assert tally.result().count_error == float("inf")

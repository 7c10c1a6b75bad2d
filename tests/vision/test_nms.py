"""Suppression against hand-computed overlaps and a brute-force reference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.nms import compute_iou, compute_overlap_of_smaller, suppress
from tests.builders import boxes


def test_iou_of_a_third() -> None:
    result = compute_iou(boxes((0, 0, 2, 2)), boxes((1, 0, 3, 2), (5, 5, 6, 6)))
    assert result == pytest.approx(np.array([[1 / 3, 0.0]]))


def test_overlap_of_smaller_sees_a_box_inside_another() -> None:
    inside = compute_overlap_of_smaller(boxes((2, 2, 4, 4)), boxes((0, 0, 10, 10)))
    assert inside == pytest.approx(np.array([[1.0]]))


def test_boxes_without_area_overlap_nothing() -> None:
    flat = boxes((1, 1, 1, 5))
    assert compute_iou(flat, flat)[0, 0] == 0.0
    assert compute_overlap_of_smaller(flat, boxes((0, 0, 9, 9)))[0, 0] == 0.0


def test_keeps_the_surest_of_overlapping_boxes() -> None:
    found = boxes((0, 0, 10, 20), (1, 0, 11, 20), (50, 0, 60, 20))
    kept = suppress(found, np.array([0.5, 0.9, 0.3], np.float32), iou=0.5)
    assert kept.tolist() == [1, 2]


def test_nobody_stays_nobody() -> None:
    assert suppress(boxes(), np.zeros(0, np.float32), iou=0.5).size == 0


def _brute_force(
    found: npt.NDArray[np.float32], scores: npt.NDArray[np.float32], iou: float
) -> list[int]:
    kept: list[int] = []
    for candidate in sorted(range(len(scores)), key=lambda index: (-scores[index], index)):
        overlaps = compute_iou(found[[candidate]], found[kept]) if kept else np.zeros((1, 0))
        if (overlaps <= iou).all():
            kept.append(candidate)
    return kept


@given(st.integers(0, 40), st.integers(0, 2**31), st.sampled_from([0.3, 0.5, 0.7]))
def test_agrees_with_brute_force(count: int, seed: int, iou: float) -> None:
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 60, (count, 2))
    found = np.concatenate([corner, corner + random.uniform(5, 40, (count, 2))], axis=1)
    scores = random.permutation(count).astype(np.float32)
    kept = suppress(found.astype(np.float32), scores, iou=iou)
    assert kept.tolist() == _brute_force(found.astype(np.float32), scores, iou)

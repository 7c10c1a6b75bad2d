"""Suppression against hand-computed overlaps and a brute-force reference."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.nms import MAX_CANDIDATES, compute_iou, compute_overlap_of_smaller, suppress
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


def test_boxes_without_area_are_nobody() -> None:
    found = boxes((1, 1, 1, 5), (0, 0, 10, 20), (3, 3, 3, 3), (4, 9, 8, 9), (7, 7, np.inf, 9))
    kept = suppress(found, np.full(5, 0.9, np.float32), iou=0.5)
    assert kept.tolist() == [1]


def test_only_the_surest_of_very_many_are_looked_at() -> None:
    count = MAX_CANDIDATES + 5
    left = np.arange(count, dtype=np.float32) * 10
    found = np.stack([left, left * 0, left + 5, left * 0 + 5], axis=1).astype(np.float32)
    kept = suppress(found, np.linspace(0.1, 0.9, count, dtype=np.float32), iou=0.5)
    assert kept.tolist() == list(range(count - 1, 4, -1))


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
    scores = random.integers(1, 20, count).astype(np.float32)  # many of them equal
    kept = suppress(found.astype(np.float32), scores, iou=iou)
    assert kept.tolist() == _brute_force(found.astype(np.float32), scores, iou)

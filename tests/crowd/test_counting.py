from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.box_grid import overlap_candidates
from backend.crowd.counting import (
    FALLBACK_RECALL,
    PERFECT_RECALL,
    YOLO_RECALL,
    CountEstimate,
    RecallTable,
    covered_share,
    estimate_count,
    people_weights,
)


def _count(n: int, *, table: RecallTable = YOLO_RECALL, height: float = 60) -> CountEstimate:
    return estimate_count(np.full(n, 0.8), np.full(n, height), np.zeros(n, np.bool_), table=table)


@given(n=st.integers(0, 300), height=st.floats(1, 400))
def test_every_person_adds_the_same_and_the_interval_holds_the_count(n: int, height: float) -> None:
    one, many = _count(1, height=height), _count(n, height=height)
    assert many.count == pytest.approx(n * one.count)
    assert 0 <= many.low <= many.count <= many.high


def test_nobody_is_zero() -> None:
    assert _count(0) == CountEstimate(0.0, 0.0, 0.0)


def test_small_crowded_and_reduced_accuracy_people_stand_for_more() -> None:
    assert _count(10, height=20).count > _count(10).count
    crowded = estimate_count(
        np.full(10, 0.8), np.full(10, 60.0), np.ones(10, np.bool_), table=YOLO_RECALL
    )
    assert crowded.count > _count(10).count
    fallback = _count(10, table=FALLBACK_RECALL)
    assert fallback.count > _count(10).count
    assert fallback.high - fallback.low > _count(10).high - _count(10).low


def test_the_error_of_recall_does_not_average_out() -> None:
    wide = _count(1000)
    assert (wide.high - wide.count) / wide.count > 1.6449 * 0.08


def test_interval_covers_the_truth_when_the_table_is_right() -> None:
    table = RecallTable((10.0,), (0.7,), (0.7,), 0.0, (0.0, 1.0), (1.0, 1.0), "simulated")
    seen = np.random.default_rng(1).binomial(60, 0.7, size=2000)
    covered = [(estimate := _count(int(n), table=table)).low <= 60 <= estimate.high for n in seen]
    assert 0.86 <= np.mean(covered) <= 0.94


def test_boxes_without_area_are_not_covered() -> None:
    boxes = np.array([[0, 0, 0, 10], [0, 0, 10, 10], [100, 0, 110, 10]], np.float64)
    assert covered_share(boxes).tolist() == [0, 0, 0]
    assert covered_share(boxes[:1]).tolist() == [0]


def test_a_table_must_make_sense() -> None:
    with pytest.raises(ValueError, match="equally long"):
        RecallTable((1.0, 2.0), (0.5,), (0.5,), 0.1, (0.5,), (0.5,), "")
    with pytest.raises(ValueError, match="recall"):
        RecallTable((1.0,), (0.0,), (0.5,), 0.1, (0.5,), (0.5,), "")
    with pytest.raises(ValueError, match="precision"):
        RecallTable((1.0,), (0.5,), (0.5,), 0.1, (0.5, 0.6), (0.5,), "")


@given(st.lists(st.tuples(*[st.integers(0, 200)] * 2, *[st.integers(0, 90)] * 2), max_size=40))
def test_the_grid_finds_every_overlap(corners: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in corners], np.float64).reshape(-1, 4)
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    np.fill_diagonal(shared, 0)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    expected = [row.max() / size if size else 0.0 for row, size in zip(shared, area, strict=True)]
    assert covered_share(boxes).tolist() == pytest.approx(expected)


def test_pairs_to_look_at_grow_with_people_and_not_with_their_square() -> None:
    looked = []
    for n in (500, 5000):
        corner = np.random.default_rng(2).uniform(0, 30 * n**0.5, (n, 2))
        looked.append(
            len(overlap_candidates(np.hstack([corner, corner + np.array([40, 100])]))[0]) / n
        )
    assert looked[1] < 1.3 * looked[0]


def test_a_perfect_detector_counts_what_it_sees() -> None:
    assert _count(7, table=PERFECT_RECALL) == CountEstimate(7.0, 7.0, 7.0)


def test_weights_of_a_part_add_up_to_the_whole() -> None:
    confidence = np.array([0.3, 0.6, 0.9, 0.9])
    weights = people_weights(
        confidence, np.full(4, 20.0), np.array([True, False, False, True]), table=YOLO_RECALL
    )
    chosen = np.array([True, False, True, False])
    assert weights.of(chosen).people.sum() + weights.of(~chosen).people.sum() == pytest.approx(
        weights.total().count
    )

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.calibration.hidden_feet import feet_hidden


@given(seed=st.integers(0, 10_000), count=st.integers(1, 60), side=st.floats(20, 800))
def test_agrees_with_asking_each_about_each(seed: int, count: int, side: float) -> None:
    random = np.random.default_rng(seed)
    corner = random.uniform(-50, side, (count, 2))
    boxes = np.hstack([corner, corner + random.uniform(0.5, [40, 120], (count, 2))])
    foot = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
    suspects = np.flatnonzero(random.random(count) < 0.7)
    x, y = foot[suspects, 0, None], foot[suspects, 1, None]
    left, top, right, bottom = boxes.T
    expected = ((left <= x) & (x <= right) & (top <= y) & (y < bottom)).any(axis=1)
    assert feet_hidden(boxes, foot, suspects).tolist() == expected.tolist()


def test_one_huge_box_among_small_ones() -> None:
    boxes = np.array([[100.0, 100, 104, 110]] * 20 + [[0.0, 0, 4000, 3000]])
    foot = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]])
    assert feet_hidden(boxes, foot, np.arange(21)).tolist() == [True] * 20 + [False]


def test_nobody_asked() -> None:
    assert feet_hidden(np.ones((1, 4)), np.ones((1, 2)), np.zeros(0, np.int64)).shape == (0,)

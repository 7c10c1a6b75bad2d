"""Minimum area and maximum aspect ratio of a person's box."""

from __future__ import annotations

import numpy as np
import pytest

from backend.vision.filters import BoxFilterParams, compute_plausible
from tests.builders import boxes

PARAMS = BoxFilterParams(min_area_px=100.0, max_aspect_ratio=4.0)


@pytest.mark.parametrize(
    ("box", "passes"),
    [
        ((50, 50, 60, 60), True),  # 100 px², exactly the limit
        ((50, 50, 59, 60), False),  # 90 px²
        ((50, 50, 60, 95), False),  # ratio 4.5: a pole
        ((50, 50, 95, 60), False),  # a rail
        ((50, 50, 90, 60), True),  # ratio 4: somebody lying down
        ((50, 50, 50, 90), False),  # no width
        ((50, 50, np.nan, 90), False),
    ],
)
def test_limits(box: tuple[float, float, float, float], passes: bool) -> None:
    assert compute_plausible(boxes(box), PARAMS).tolist() == [passes]


def test_people_cut_off_by_the_edge_are_not_judged_by_shape() -> None:
    slim = boxes((0, 50, 10, 110), (50, 50, 60, 110))
    assert compute_plausible(slim, PARAMS, picture_wh=(200, 200)).tolist() == [True, False]


def test_nobody() -> None:
    assert compute_plausible(boxes(), PARAMS).shape == (0,)


def test_senseless_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="max_aspect_ratio"):
        BoxFilterParams(max_aspect_ratio=0.5)
    with pytest.raises(ValueError, match="min_area_px"):
        BoxFilterParams(min_area_px=-1)

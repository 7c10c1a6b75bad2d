from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.calibration import HeightModel


@given(slope=st.floats(-0.5, 0.9), foot=st.floats(200, 2000))
def test_feet_are_found_again_from_the_head(slope: float, foot: float) -> None:
    model = HeightModel(slope, 100 - slope * 200)
    tall = model.height_px(np.array([foot]))
    if tall[0] > 0:
        assert model.foot_y_from_head(foot - tall) == pytest.approx([foot])


def test_above_the_horizon_nobody_has_a_height() -> None:
    model = HeightModel(0.4, -80.0)
    assert model.horizon_y_px == 200
    assert model.height_px(np.array([100.0, 200.0, 300.0])).tolist() == pytest.approx([0, 0, 40])
    assert model.foot_y_from_head(np.array([50.0])).tolist() == [50.0]


def test_constant_height_has_no_horizon() -> None:
    assert HeightModel(0.0, 50.0).horizon_y_px == float("-inf")


def test_nobody() -> None:
    model = HeightModel(0.4, -80.0)
    assert model.height_px(np.zeros(0)).shape == model.foot_y_from_head(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (np.nan, 0.0), (0.5, np.inf)])
def test_impossible_models(slope: float, intercept: float) -> None:
    with pytest.raises(ValueError, match="slope < 1"):
        HeightModel(slope, intercept)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.calibration.height_line import fit_height_line

ROWS = np.random.default_rng(0).uniform(100, 700, 300)


@given(slope=st.floats(0.05, 0.9), intercept=st.floats(-40, 200))
def test_an_exact_line_is_found(slope: float, intercept: float) -> None:
    line = fit_height_line(ROWS, slope * ROWS + intercept)
    assert line.slope == pytest.approx(slope)
    assert line.intercept == pytest.approx(intercept, abs=1e-6)


def test_a_quarter_of_half_hidden_people_hardly_moves_it() -> None:
    random = np.random.default_rng(1)
    tall = (0.3 * ROWS - 10) * random.normal(1, 0.05, 300)
    tall[::4] *= random.uniform(0.4, 0.7, 75)
    line = fit_height_line(ROWS, tall)
    at_500 = line.slope * 500 + line.intercept
    assert at_500 == pytest.approx(140, rel=0.05)
    assert line.slope == pytest.approx(0.3, rel=0.1)


def test_the_same_people_give_the_same_line() -> None:
    tall = 0.3 * ROWS + np.random.default_rng(2).normal(0, 9, 300)
    assert fit_height_line(ROWS, tall) == fit_height_line(ROWS, tall)

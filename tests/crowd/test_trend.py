from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.trend import Trend


@given(rate=st.integers(1, 60), alpha=st.floats(0.01, 1.0))
def test_does_not_depend_on_the_frame_rate(rate: int, alpha: float) -> None:
    trend = Trend()
    trend.update(0.0, alpha_per_s=alpha, elapsed_s=0.0)
    for _ in range(3 * rate):
        value = trend.update(8.0, alpha_per_s=alpha, elapsed_s=1 / rate)
    assert value == pytest.approx(8.0 * (1 - (1 - alpha) ** 3), abs=1e-9)


def test_undefined_values_leave_it_and_their_time_counts_later() -> None:
    trend = Trend()
    assert trend.update(None, alpha_per_s=0.3, elapsed_s=1.0) is None
    assert trend.update(4.0, alpha_per_s=0.3, elapsed_s=1.0) == 4.0
    assert trend.update(None, alpha_per_s=0.3, elapsed_s=1.0) == 4.0
    assert trend.update(8.0, alpha_per_s=0.3, elapsed_s=1.0) == pytest.approx(4 + 0.51 * 4)

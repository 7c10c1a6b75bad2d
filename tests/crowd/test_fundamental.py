from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.crowd.fundamental import speed_ratio, speed_ratio_interval, weidmann_speed


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 10), st.floats(0, 10))
def test_denser_is_never_faster(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 1.34 >= weidmann_speed(low) >= weidmann_speed(high) >= 0


def test_weidmanns_curve() -> None:
    assert weidmann_speed(1e-9) == pytest.approx(1.34)
    assert weidmann_speed(5.4) == 0
    # Published worked value: capacity of about 1.22 /(m·s) near 1.75 /m².
    assert 1.75 * weidmann_speed(1.75) == pytest.approx(1.22, abs=0.01)
    for wrong in (-0.1, float("nan")):
        with pytest.raises(ValueError, match="density"):
            weidmann_speed(wrong)


def test_ratio_is_one_on_the_curve_and_undefined_where_it_means_nothing() -> None:
    assert speed_ratio(weidmann_speed(2.5), 2.5) == pytest.approx(1)
    assert speed_ratio(0.0, 4.0) == 0
    for speed, density in [(0.1, 4.01), (1.3, 0.0), (None, 2.0), (1.3, None), (1.3, -1.0)]:
        assert speed_ratio(speed, density) is None


def test_interval_of_the_ratio() -> None:
    low, high = speed_ratio_interval((0.5, 0.7), (1.8, 2.2))
    assert low is not None
    assert high is not None
    middle = speed_ratio(0.6, 2.0)
    assert middle is not None
    assert low < middle < high
    assert speed_ratio_interval((0.5, 0.7), (3.5, 4.5))[1] is None
    assert speed_ratio_interval((0.5, 0.7), (3.5, None))[1] is None
    assert speed_ratio_interval(None, (1.0, 2.0)) == (None, None)

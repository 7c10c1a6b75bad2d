from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.pressure import pressure_index


@given(rho=st.floats(0, 20), more=st.floats(0, 5), spread=st.none() | st.floats(0, 3))
def test_lies_in_bounds_and_never_falls_with_density(
    rho: float, more: float, spread: float | None
) -> None:
    index = pressure_index(rho, spread)
    denser = pressure_index(rho + more, spread)
    assert index is not None
    assert denser is not None
    assert 0 <= index <= denser <= 1


def test_none_without_density_and_motion_does_not_count_where_it_is_sparse() -> None:
    assert pressure_index(None, 1.0) is None
    assert pressure_index(1.4, 2.0) == pressure_index(1.4, 0.0)

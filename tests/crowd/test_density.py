from __future__ import annotations

import pytest

from backend.crowd.density import density_by_area


@pytest.mark.parametrize(("count", "area"), [(1, 0), (1, -3), (-1, 10), (1, float("nan"))])
def test_refuses_what_is_no_area_or_count(count: float, area: float) -> None:
    with pytest.raises(ValueError, match=r"area_m2|count"):
        density_by_area(count, area)


def test_nobody_is_zero() -> None:
    assert density_by_area(0, 12) == 0

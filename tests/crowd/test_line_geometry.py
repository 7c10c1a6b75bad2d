from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.line_geometry import MeasurementLine


def test_distances_from_a_slanted_line() -> None:
    line = MeasurementLine.of(np.array([[1.0, 1.0], [4.0, 5.0]]))
    points = np.array([[1.0, 1.0], [4.0, 5.0], [5.0, -2.0], [2.5, 3.0]])
    assert line.length == pytest.approx(5)
    assert line.distance_right(points) == pytest.approx([0, 0, 5, 0])
    assert line.distance_along(points) == pytest.approx([0, 5, 0, 2.5])


def test_its_ends_are_part_of_it_in_spite_of_rounding() -> None:
    line = MeasurementLine.of(np.array([[1e6, 1e6], [1e6 + 0.3, 1e6 + 0.1]]))
    ends = np.array([[1e6, 1e6], [1e6 + 0.3, 1e6 + 0.1]])
    assert line.is_on_segment(line.distance_along(ends)).all()
    assert (np.abs(line.distance_right(ends)) <= line.tolerance).all()
    beyond = np.array([[1e6 - 0.003, 1e6 - 0.001], [1e6 + 0.303, 1e6 + 0.101]])
    assert not line.is_on_segment(line.distance_along(beyond)).any()


def test_refuses_what_is_no_line() -> None:
    with pytest.raises(ValueError, match="some length"):
        MeasurementLine.of(np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"\(2, 2\)"):
        MeasurementLine.of(np.ones((2, 3)))
    with pytest.raises(ValueError, match="some length"):
        MeasurementLine.of(np.full((2, 2), np.nan))

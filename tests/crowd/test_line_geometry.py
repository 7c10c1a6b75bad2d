from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.line_geometry import LineStack, MeasurementLine


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


def test_many_lines_at_once_are_as_exact_as_each() -> None:
    rng = np.random.default_rng(3)
    ends = rng.uniform(-1, 1, (20, 2, 2)) + 1e6
    points = rng.uniform(-3, 3, (30, 2)) + 1e6
    stack = LineStack.of(ends)
    away = stack.distances_right(points)
    assert len(stack) == 20
    on_it = 0
    for row, line in enumerate(map(MeasurementLine.of, ends)):
        rows = np.full(30, row)
        assert away[:, row] == pytest.approx(line.distance_right(points), abs=1e-9)
        assert stack.distance_right(rows, points) == pytest.approx(away[:, row], abs=1e-9)
        foot = line.start + line.distance_along(points)[:, None] * line.along
        is_on = line.is_on_segment(line.distance_along(foot))
        assert stack.is_on_segment(rows, foot).tolist() == is_on.tolist()
        on_it += int(is_on.sum())
    assert 0 < on_it < 20 * 30


def test_no_lines_are_fine() -> None:
    stack = LineStack.of(np.zeros((0, 2, 2)))
    assert stack.distances_right(np.zeros((4, 2))).shape == (4, 0)
    with pytest.raises(ValueError, match=r"\(L, 2, 2\)"):
        LineStack.of(np.zeros((2, 2)))

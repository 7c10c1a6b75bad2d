from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.kernel_sums import grid_over
from backend.crowd.velocity_field import velocity_field

GRID = grid_over((0, 0, 8, 8), 0.5, max_nodes=1000)


def test_one_person_alone_gives_their_velocity_to_the_ground_around() -> None:
    field = velocity_field(np.array([[2.25, 2.25]]), np.array([[0.7, -0.2]]), grid=GRID)
    known = np.isfinite(field.noise_share)
    assert field.velocity_mps[known] == pytest.approx(
        np.broadcast_to([0.7, -0.2], field.velocity_mps[known].shape)
    )
    assert field.noise_share[known] == pytest.approx(1.0)
    # Undefined beyond about 1 m, where the kernel falls under 0.1 /m².
    assert 9 <= known.sum() <= 21


def test_a_linear_field_is_kept() -> None:
    at = np.stack(np.meshgrid(np.arange(-3, 11, 0.4), np.arange(-3, 11, 0.4)), -1).reshape(-1, 2)
    field = velocity_field(at, at @ np.array([[0.1, 0.0], [0.05, -0.2]]), grid=GRID)
    assert field.velocity_mps == pytest.approx(
        GRID.nodes().reshape(16, 16, 2) @ np.array([[0.1, 0.0], [0.05, -0.2]]), abs=2e-3
    )


def test_people_without_place_or_velocity_are_left_out() -> None:
    at = np.array([[4.0, 4.0], [4.2, 4.0], [np.nan, 4.0]])
    moved = np.array([[1.0, 0.0], [np.nan, 0.0], [5.0, 5.0]])
    field = velocity_field(at, moved, grid=GRID)
    assert np.nanmax(field.velocity_mps) == pytest.approx(1.0)


def test_nobody_gives_no_velocity_anywhere() -> None:
    field = velocity_field(np.zeros((0, 2)), np.zeros((0, 2)), grid=GRID)
    assert np.isnan(field.velocity_mps).all()
    assert np.isnan(field.noise_share).all()


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="expected"):
        velocity_field(np.zeros((3, 2)), np.zeros((2, 2)), grid=GRID)

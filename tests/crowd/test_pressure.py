from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.density_kernel import DensityKernel
from backend.crowd.motion import velocities
from backend.crowd.pressure import PressureWindow, crowd_pressure_field, pressure_index
from tests.reference.moving_crowds import lattice, square, turbulent

TIMES_S = np.arange(0, 4.01, 0.1)


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


def test_a_stream_gives_what_the_whole_trajectories_give() -> None:
    paths = turbulent(lattice(4.5, 4.0), TIMES_S, seed=2)
    window = PressureWindow(DensityKernel(square(4.0)))
    for k in range(TIMES_S.size):
        window.update(
            paths[:, k],
            velocities(TIMES_S[: k + 1], paths[:, : k + 1]),
            elapsed_s=0.1 if k else 0.0,
            track_ids=np.arange(len(paths)),
        )
    streamed, whole = window.field(), crowd_pressure_field(TIMES_S, paths, square(4.0))
    assert streamed is not None
    assert streamed.values_per_s2 == pytest.approx(whole.values_per_s2, rel=1e-4, abs=1e-6)
    assert streamed.density == pytest.approx(whole.density, rel=1e-5)


def test_nobody_there_is_undefined_everywhere() -> None:
    field = crowd_pressure_field(TIMES_S, np.zeros((0, TIMES_S.size, 2)), square(4.0))
    assert np.isnan(field.values_per_s2).all()
    assert field.reading() is None


def test_people_seen_for_too_short_a_time_leave_it_undefined() -> None:
    paths = turbulent(lattice(4.5, 4.0), TIMES_S, seed=2)
    paths[:, :-10] = np.nan
    assert np.isnan(crowd_pressure_field(TIMES_S, paths, square(4.0)).values_per_s2).all()


@pytest.mark.parametrize(
    ("times_s", "shape"), [(TIMES_S, (3, 5, 2)), (np.arange(0, 1.0, 0.1), (3, 10, 2))]
)
def test_refuses_shapes_that_disagree_and_less_than_a_window(
    times_s: np.ndarray, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="expected"):
        crowd_pressure_field(times_s, np.zeros(shape), square(4.0))

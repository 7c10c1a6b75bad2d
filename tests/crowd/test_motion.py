from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.crowd.motion import flow_order, robust_z, speed_anomalies, velocities


def _line(times: FloatArray, velocity: tuple[float, float]) -> FloatArray:
    return (np.array([500.0, 300.0]) + times[:, None] * np.array(velocity))[None]


@given(
    rate=st.floats(1.01, 120),
    velocity=st.tuples(st.floats(-900, 900), st.floats(-900, 900)),
    start=st.floats(0, 1e6),
)
def test_exact_for_uniform_motion_at_any_frame_rate(
    rate: float, velocity: tuple[float, float], start: float
) -> None:
    times = np.arange(0, 2.5, 1 / rate)
    found = velocities(start + times, _line(times, velocity))
    assert found[0] == pytest.approx(velocity, abs=1e-3)


def test_a_dropped_frame_changes_no_speed() -> None:
    times = np.delete(np.arange(0, 2, 0.04), [10, 33, 40, 41, 42])
    assert velocities(times, _line(times, (60, 0)))[0] == pytest.approx((60, 0))


def test_needs_the_longer_of_span_and_frames() -> None:
    young = np.arange(0, 0.79, 0.04)
    assert np.isnan(velocities(young, _line(young, (60, 0)))).all()
    two_frames = np.array([0.0, 1.0])
    assert np.isnan(velocities(two_frames, _line(two_frames, (60, 0)))).all()
    slow = np.array([0.0, 1.0, 2.0])
    assert velocities(slow, _line(slow, (60, 0)))[0] == pytest.approx((60, 0))
    too_slow = np.array([0.0, 1.1, 2.2])
    assert np.isnan(velocities(too_slow, _line(too_slow, (60, 0)))).all()


def test_uses_the_newest_samples_only() -> None:
    times = np.arange(0, 2.001, 0.04)
    bent = np.where(times < 1.0, 0.0, (times - 1.0) * 100)
    path = np.stack([bent, np.zeros_like(bent)], axis=1)[None]
    assert velocities(times, path)[0] == pytest.approx((100, 0))


def test_undefined_for_who_is_not_seen_now_and_for_nobody() -> None:
    times = np.arange(0, 2, 0.1)
    path = _line(times, (10, 0))
    path[0, -1] = np.nan
    assert np.isnan(velocities(times, path)).all()
    assert velocities(times, np.zeros((0, times.size, 2))).shape == (0, 2)


def test_refuses_shapes_that_do_not_agree() -> None:
    with pytest.raises(ValueError, match=r"expected positions \(N, 3, 2\)"):
        velocities(np.arange(3.0), np.zeros((4, 2, 2)))


def _headings(angles: FloatArray) -> FloatArray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@given(
    angles=st.lists(st.floats(-3, 3), min_size=5, max_size=40),
    turn=st.floats(-3, 3),
    scale=st.floats(0.1, 100),
)
def test_flow_order_ignores_rotation_order_and_unit(
    angles: list[float], turn: float, scale: float
) -> None:
    one = flow_order(_headings(np.array(angles)))
    two = flow_order(scale * _headings(np.array(angles[::-1]) + turn))
    assert one is not None
    assert two is not None
    assert two.coherence == pytest.approx(one.coherence, abs=1e-9)
    assert two.bidirectionality == pytest.approx(one.bidirectionality, abs=1e-9)
    for value in (one.coherence, one.bidirectionality, one.disorder):
        assert 0 <= value <= 1


def test_flow_order_of_known_flows() -> None:
    one_way = flow_order(_headings(np.zeros(8)))
    assert one_way is not None
    assert (one_way.coherence, one_way.disorder) == (1.0, 0.0)
    panic = flow_order(_headings(np.arange(12) * np.pi / 6))
    assert panic is not None
    assert panic.disorder == pytest.approx(1.0)
    assert flow_order(_headings(np.zeros(4))) is None


def test_anomalies_need_people_and_see_through_equal_speeds() -> None:
    assert not speed_anomalies(np.array([1.0, 1.0, 9.0]), z_limit=2.0).any()
    assert speed_anomalies(np.array([0.0] * 9 + [1.5]), z_limit=2.0).tolist() == [False] * 9 + [
        True
    ]
    with_unknown = np.array([0.5, np.nan, 0.5, 0.5, 0.5, 0.5, 2.0])
    assert speed_anomalies(with_unknown, z_limit=2.0).nonzero()[0].tolist() == [6]
    assert robust_z(np.zeros(0), resolution=0.1).size == 0


def test_the_z_limit_matters() -> None:
    speeds = np.array([0.5, 0.55, 0.6, 0.65, 0.7, 0.9])
    assert speed_anomalies(speeds, z_limit=2.0).sum() == 1
    assert speed_anomalies(speeds, z_limit=5.0).sum() == 0

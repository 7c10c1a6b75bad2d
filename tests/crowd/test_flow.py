from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.crowd.flow import (
    Crossings,
    cumulative_count,
    flow_between_crossings,
    flow_rate,
    line_crossings,
    specific_flow,
)

LINE = np.array([[0.0, 0.0], [0.0, 2.0]])
"""Directed along +y: its left is x < 0, its right x > 0."""


def _path(*points: tuple[float, float]) -> FloatArray:
    return np.array([points], np.float64)


def _directions(path: FloatArray, line: FloatArray = LINE) -> list[int]:
    return line_crossings(np.arange(float(path.shape[1])), path, line).direction.tolist()


def test_from_left_to_right_is_plus_one() -> None:
    assert _directions(_path((-1, 1), (1, 1))) == [1]
    assert _directions(_path((1, 1), (-1, 1))) == [-1]
    assert _directions(_path((-1, 1), (1, 1)), LINE[::-1]) == [-1]


def test_touching_is_no_crossing_and_stopping_on_the_line_is_none_either() -> None:
    assert _directions(_path((-1, 1), (0, 1), (-1, 1))) == []
    assert _directions(_path((-1, 1), (0, 1), (0, 1.2), (0, 0.8), (-1, 1))) == []
    assert _directions(_path((-1, 1), (0, 1))) == []
    assert _directions(_path((0, 1), (1, 1))) == []


def test_through_the_line_with_a_stop_on_it_counts_when_it_is_left() -> None:
    path = _path((-1, 1), (0, 1), (0, 1.5), (1, 1))
    found = line_crossings(np.arange(4.0), path, LINE)
    assert found.direction.tolist() == [1]
    assert found.frame.tolist() == [3]
    assert found.times_s.tolist() == [2.0]


def test_end_points_belong_to_the_line_and_beyond_them_is_not_it() -> None:
    assert _directions(_path((-1, 0), (1, 0))) == [1]
    assert _directions(_path((-1, 2), (1, 2))) == [1]
    assert _directions(_path((-1, -0.01), (1, -0.01))) == []
    assert _directions(_path((-1, 3), (1, 3))) == []
    # Through the end point aslant, and to the line's extension only.
    assert _directions(_path((-1, 1), (1, 3))) == [1]
    assert _directions(_path((-1, 1.02), (1, 3.02))) == []


def test_round_the_end_and_back_through_is_one_crossing_back() -> None:
    assert _directions(_path((-1, 1), (-1, 3), (1, 3), (1, 1), (-1, 1))) == [-1]


def test_coming_and_going_lists_every_crossing_and_nets_nothing() -> None:
    path = _path((-1, 1), (1, 1), (-1, 1), (1, 1), (-1, 1))
    found = line_crossings(np.arange(5.0), path, LINE)
    assert found.direction.tolist() == [1, -1, 1, -1]
    assert found.times_s.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert len(found.first_per_track()) == 1
    assert len(found.towards(-1)) == 2


def test_unseen_at_the_line_the_straight_way_decides() -> None:
    gone = (np.nan, np.nan)
    path = _path((-1, 1), gone, gone, (2, 1))
    found = line_crossings(np.arange(4.0), path, LINE)
    assert found.times_s.tolist() == [1.0]
    assert found.frame.tolist() == [3]


def _walkers(seed: int, tracks: int = 20) -> tuple[FloatArray, FloatArray]:
    """Straight walks of several tracks through and past the line."""
    rng = np.random.default_rng(seed)
    times = np.arange(0, 8.001, 0.04)
    start = np.stack([rng.uniform(-4, 4, tracks), rng.uniform(-1, 3, tracks)], axis=1)
    velocity = np.stack([-np.sign(start[:, 0]) * rng.uniform(0.6, 1.6, tracks)] * 2, axis=1)
    velocity[:, 1] = rng.uniform(-0.2, 0.2, tracks)
    return times, start[:, None] + times[None, :, None] * velocity[:, None]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 500), every=st.integers(1, 9), lost=st.floats(0, 0.5))
def test_dropped_frames_change_no_crossing_of_a_straight_walk(
    seed: int, every: int, lost: float
) -> None:
    times, walks = _walkers(seed)
    whole = line_crossings(times, walks, LINE)
    rng = np.random.default_rng(seed)
    thinned = walks[:, ::every].copy()
    hidden = rng.random(thinned.shape[:2]) < lost
    hidden[:, [0, -1]] = False
    thinned[hidden] = np.nan
    times = times[::every]
    reached = whole.times_s < times[-1] - 1e-6
    found = line_crossings(times, thinned, LINE)
    assert found.track.tolist() == whole.track[reached].tolist()
    assert found.direction.tolist() == whole.direction[reached].tolist()
    # A sample within a millionth of the line's length of it is on the line: 2 µm at 0.6 m/s.
    assert found.times_s == pytest.approx(whole.times_s[reached], abs=5e-6)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 500),
    turn=st.floats(-3.1, 3.1),
    shift=st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)),
    scale=st.floats(0.01, 100),
)
def test_crossings_ignore_place_orientation_unit_and_order(
    seed: int, turn: float, shift: tuple[float, float], scale: float
) -> None:
    times, walks = _walkers(seed)
    order = np.random.default_rng(seed).permutation(walks.shape[0])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    one = line_crossings(times, walks, LINE)
    two = line_crossings(
        times,
        scale * (walks[order] @ rotation.T + np.array(shift)),
        scale * (LINE @ rotation.T + np.array(shift)),
    )
    assert order[two.track].tolist() == one.track.tolist()
    assert two.direction.tolist() == one.direction.tolist()
    assert two.frame.tolist() == one.frame.tolist()
    assert two.times_s == pytest.approx(one.times_s, abs=1e-6)


def test_counter_flow_lanes() -> None:
    times = np.arange(0, 20, 0.1)
    lanes = []
    for k in range(10):
        along = 1.2 * (times - k)
        lanes += [np.stack([along - 3, np.full_like(times, 0.5)], axis=1)]
        lanes += [np.stack([3 - along, np.full_like(times, 1.5)], axis=1)]
    found = line_crossings(times, np.stack(lanes), LINE)
    assert len(found.towards(1)) == len(found.towards(-1)) == 10
    rate = flow_rate(found.towards(1), start_s=2.5, end_s=11.5)
    assert rate == pytest.approx(1.0)
    assert specific_flow(rate, 2.0) == pytest.approx(0.5)
    assert cumulative_count(found, times)[-1] == 20


def test_each_track_once_or_every_crossing() -> None:
    path = _path((-1, 1), (1, 1), (-1, 1), (1, 1))
    found = line_crossings(np.arange(4.0), path, LINE)
    assert cumulative_count(found, np.arange(4.0)).tolist() == [0, 1, 1, 1]
    every = cumulative_count(found, np.arange(4.0), each_track_once=False)
    assert every.tolist() == [0, 1, 2, 3]


def test_mean_speed_at_the_line() -> None:
    times = np.arange(0, 10, 0.5)
    frames = np.array([2, 5, 9, 14])
    row = np.arange(4)
    found = Crossings(row, times[frames] - 0.1, np.ones(4, int), frames)
    speeds = np.full((4, times.size), np.nan)
    speeds[row[:3], frames[:3]] = [1.0, 2.0, 3.0]
    series = flow_between_crossings(found, times, frame_interval=4, speeds=speeds)
    assert series.mean_speed[:2] == pytest.approx([1.5, 3.0])
    assert np.isnan(series.mean_speed[2])
    assert np.isnan(flow_between_crossings(found, times, frame_interval=4).mean_speed).all()


def test_nobody_and_bad_input() -> None:
    times = np.arange(3.0)
    none = line_crossings(times, np.zeros((0, 3, 2)), LINE)
    assert len(none) == 0
    assert cumulative_count(none, times).tolist() == [0, 0, 0]
    assert flow_rate(none, start_s=0, end_s=1) == 0
    assert flow_between_crossings(none, times, frame_interval=1).flow_per_s.size == 0
    with pytest.raises(ValueError, match="expected positions"):
        line_crossings(times, np.zeros((1, 2, 2)), LINE)
    with pytest.raises(ValueError, match="line of some length"):
        line_crossings(times, np.zeros((1, 3, 2)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"line \(2, 2\)"):
        line_crossings(times, np.zeros((1, 3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="interval"):
        flow_rate(none, start_s=1, end_s=1)
    with pytest.raises(ValueError, match="width"):
        specific_flow(1.0, 0.0)
    with pytest.raises(ValueError, match="1 frame"):
        flow_between_crossings(none, times, frame_interval=0)

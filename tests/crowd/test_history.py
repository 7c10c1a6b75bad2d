from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.history import MAX_FRAMES, TrackHistory, trails


def _append(history: TrackHistory, ids: list[int], t: float, segment: int = 0) -> None:
    positions = np.array([[i + t, t] for i in ids], np.float64).reshape(-1, 2)
    history.append(np.array(ids, np.int64), positions, stream_time_s=t, segment=segment)


def test_keeps_order_of_the_question_and_gaps() -> None:
    history = TrackHistory()
    _append(history, [1, 2], 0.0)
    _append(history, [2], 0.1)
    _append(history, [2, 1], 0.2)
    found = history.of(np.array([1, 2]))
    assert found.times_s.tolist() == [0.0, 0.1, 0.2]
    assert found.positions[0, :, 0].tolist()[::2] == [1.0, 1.2]
    assert np.isnan(found.positions[0, 1]).all()
    assert [len(trail) for trail in trails(found)] == [2, 3]


def test_trails_hold_sixty_frames_and_are_read_only() -> None:
    history = TrackHistory()
    for k in range(100):
        _append(history, [7], k / 25)
    (trail,) = trails(history.of(np.array([7])))
    assert trail.shape == (60, 2)
    assert trail.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        trail[0, 0] = 1


def test_two_seconds_are_kept_at_any_frame_rate_and_memory_is_bounded() -> None:
    history = TrackHistory()
    for k in range(400):
        _append(history, [1], k / 120)
    times = history.of(np.array([1])).times_s
    assert times[-1] - times[0] >= 2.0
    for k in range(2000):
        _append(history, [1], 10 + k / 1000)
    assert history.of(np.array([1])).times_s.size == MAX_FRAMES


def test_forgets_tracks_that_are_gone() -> None:
    history = TrackHistory()
    for k in range(1000):
        _append(history, [k], k / 25)
    assert len(history) <= 60
    with pytest.raises(KeyError):
        history.of(np.array([3]))


def test_a_new_segment_and_a_backward_stamp_start_afresh() -> None:
    history = TrackHistory()
    _append(history, [1], 0.0)
    _append(history, [1], 0.1)
    _append(history, [1], 0.2, segment=1)
    assert history.of(np.array([1])).times_s.tolist() == [0.2]
    _append(history, [1], 0.1, segment=1)
    assert history.of(np.array([1])).times_s.tolist() == [0.1]


def test_an_equal_stamp_replaces_the_frame() -> None:
    history = TrackHistory()
    _append(history, [1], 0.0)
    _append(history, [1, 2], 0.0)
    assert history.of(np.array([1, 2])).positions.shape == (2, 1, 2)


def test_nobody_is_fine() -> None:
    history = TrackHistory()
    _append(history, [], 0.0)
    assert trails(history.of(np.zeros(0, np.int64))) == []

from __future__ import annotations

import numpy as np

from backend.crowd.motion import RAPID_SPEED_MPS, count_rapid, fit_velocities


def test_counts_runners_only() -> None:
    assert count_rapid(np.array([2.4, RAPID_SPEED_MPS, 2.51, 6.0, np.nan])) == 2
    assert count_rapid(np.zeros(0)) == 0


def test_a_speed_hardly_known_is_not_counted_an_unknown_error_is() -> None:
    speeds = np.array([3.0, 3.0, 3.0])
    assert count_rapid(speeds, np.array([0.1, 0.6, np.nan])) == 2


def test_a_walking_crowd_whose_identities_are_shuffled_does_not_run() -> None:
    times = np.arange(0, 1.001, 0.04)
    start = np.random.default_rng(7).uniform(0, 20, size=(40, 1, 2))
    walk = start + times[None, :, None] * np.array([1.3, 0.0])
    shuffled = np.concatenate([walk[:, :12], walk[::-1, 12:]], axis=1)
    naive = fit_velocities(times, shuffled, max_speed=None)
    assert count_rapid(naive.speed) >= 30
    guarded = fit_velocities(times, shuffled)
    assert count_rapid(guarded.speed, guarded.standard_error) <= 2

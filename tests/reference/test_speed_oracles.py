"""Speeds of recorded pedestrians against PedPy's."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pedpy
import pytest

from backend.core.frame import FloatArray
from backend.crowd.motion import SpeedBorder, count_rapid, fit_velocities, frame_step_speeds
from tests.reference.dense_tracks import dense
from tests.reference.trajectories import NAMES, load

pytestmark = pytest.mark.assets

STEP = 10
RELATIVE = 1e-6
BORDERS = {
    SpeedBorder.EXCLUDE: pedpy.SpeedCalculation.BORDER_EXCLUDE,
    SpeedBorder.ADAPTIVE: pedpy.SpeedCalculation.BORDER_ADAPTIVE,
    SpeedBorder.SINGLE_SIDED: pedpy.SpeedCalculation.BORDER_SINGLE_SIDED,
}


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", NAMES)
def test_frame_step_speed(assets: Path, name: str, border: SpeedBorder) -> None:
    run = load(assets, name)
    tracks = dense(run)
    theirs = pedpy.compute_individual_speed(
        traj_data=run.to_pedpy(), frame_step=STEP, speed_calculation=BORDERS[border]
    )
    ours = frame_step_speeds(
        tracks.positions_m, frame_rate_hz=run.frame_rate_hz, frame_step=STEP, border=border
    )
    row = np.searchsorted(tracks.ids, theirs.id)
    column = theirs.frame.to_numpy() - tracks.frames[0]
    assert np.isfinite(ours).sum() == len(theirs) > 8000
    np.testing.assert_allclose(ours[row, column], theirs.speed, rtol=RELATIVE, atol=1e-12)


def test_speed_along_a_direction(assets: Path) -> None:
    run = load(assets, "bi-corr")
    tracks = dense(run)
    along = np.array([0.8, 0.6])
    theirs = pedpy.compute_individual_speed(
        traj_data=run.to_pedpy(), frame_step=STEP, movement_direction=along
    )
    ours = frame_step_speeds(
        tracks.positions_m,
        frame_rate_hz=run.frame_rate_hz,
        frame_step=STEP,
        direction=(0.8, 0.6),
    )
    row = np.searchsorted(tracks.ids, theirs.id)
    column = theirs.frame.to_numpy() - tracks.frames[0]
    np.testing.assert_allclose(ours[row, column], theirs.speed, rtol=RELATIVE, atol=1e-12)


def _least_squares_beside_frame_step(assets: Path, name: str) -> tuple[FloatArray, FloatArray]:
    """Speeds by both definitions over the same samples, (M,) each, m/s."""
    run = load(assets, name)
    tracks = dense(run)
    reach = math.ceil(0.4 * run.frame_rate_hz)
    frame_step = frame_step_speeds(
        tracks.positions_m, frame_rate_hz=run.frame_rate_hz, frame_step=reach
    )
    pairs = []
    for now in range(2 * reach, tracks.times_s.size, 10):
        window = slice(now - 2 * reach, now + 1)
        fit = fit_velocities(tracks.times_s[window], tracks.positions_m[:, window])
        assert not fit.is_jump.any()
        assert count_rapid(fit.speed, fit.standard_error) == 0
        pairs.append(np.stack([fit.speed, frame_step[:, now - reach]]))
    both = np.concatenate(pairs, axis=1)
    both = both[:, ~np.isnan(both).any(axis=0)]
    return both[0], both[1]


@pytest.mark.parametrize("name", NAMES)
def test_least_squares_speed_is_close_to_the_frame_step_speed(assets: Path, name: str) -> None:
    """Different by definition: the fit uses every sample of its 0.8 s, the other two of them."""
    ours, theirs = _least_squares_beside_frame_step(assets, name)
    difference = ours - theirs
    assert ours.size > 500
    assert abs(difference.mean()) < 0.015
    assert np.sqrt((difference**2).mean()) < 0.035

"""Crossings, N–t and flow of recorded pedestrians against PedPy's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pedpy
import pytest
from pedpy.methods.method_utils import compute_crossing_frames

from backend.crowd.flow import (
    Crossings,
    LineCounter,
    cumulative_count,
    flow_between_crossings,
    flow_rate,
    line_crossings,
    specific_flow,
)
from backend.crowd.motion import SpeedBorder, frame_step_speeds
from tests.reference.dense_tracks import DenseTracks, dense
from tests.reference.trajectories import NAMES, Trajectory, load

pytestmark = pytest.mark.assets

RELATIVE = 1e-6
INTERVAL_FRAMES = 100


@cache
def _crossings(assets: Path, name: str) -> tuple[Trajectory, DenseTracks, Crossings]:
    run = load(assets, name)
    tracks = dense(run)
    return run, tracks, line_crossings(tracks.times_s, tracks.positions_m, run.line_m)


@cache
def _pedpy(assets: Path, name: str) -> tuple[Any, Any, Any, Any]:
    run = load(assets, name)
    samples = run.to_pedpy()
    line = pedpy.MeasurementLine(run.line_m.tolist())
    n_t, first = pedpy.compute_n_t(traj_data=samples, measurement_line=line)
    every = compute_crossing_frames(traj_data=samples, measurement_line=line)
    speed = pedpy.compute_individual_speed(
        traj_data=samples,
        frame_step=10,
        speed_calculation=pedpy.SpeedCalculation.BORDER_SINGLE_SIDED,
    )
    flow = pedpy.compute_flow(
        nt=n_t,
        crossing_frames=first,
        individual_speed=speed,
        delta_frame=INTERVAL_FRAMES,
        frame_rate=run.frame_rate_hz,
    )
    return n_t, first, every, flow


def _in_frames(tracks: DenseTracks, crossings: Crossings) -> list[tuple[int, int]]:
    ids, frames = tracks.ids[crossings.track], tracks.frames[crossings.frame]
    return sorted(zip(ids.tolist(), frames.tolist(), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_crossing_frames(assets: Path, name: str) -> None:
    _, tracks, ours = _crossings(assets, name)
    _, first, every, _ = _pedpy(assets, name)
    assert _in_frames(tracks, ours) == sorted(zip(every.id, every.frame, strict=True))
    once = _in_frames(tracks, ours.first_per_track())
    assert once == sorted(zip(first.id, first.frame, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_n_t(assets: Path, name: str) -> None:
    _, tracks, ours = _crossings(assets, name)
    n_t, *_ = _pedpy(assets, name)
    np.testing.assert_allclose(tracks.times_s, n_t.time, rtol=RELATIVE)
    assert cumulative_count(ours, tracks.times_s).tolist() == n_t.cumulative_pedestrians.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_flow_and_speed_at_the_line(assets: Path, name: str) -> None:
    run, tracks, ours = _crossings(assets, name)
    flow = _pedpy(assets, name)[3]
    speeds = frame_step_speeds(
        tracks.positions_m,
        frame_rate_hz=run.frame_rate_hz,
        frame_step=10,
        border=SpeedBorder.SINGLE_SIDED,
    )
    series = flow_between_crossings(
        ours, tracks.times_s, frame_interval=INTERVAL_FRAMES, speeds=speeds
    )
    assert len(flow) >= 8
    np.testing.assert_allclose(series.flow_per_s, flow.flow, rtol=RELATIVE)
    np.testing.assert_allclose(series.mean_speed, flow.mean_speed, rtol=RELATIVE)


def test_flow_through_the_bottleneck(assets: Path) -> None:
    run, tracks, ours = _crossings(assets, "bottleneck")
    width_m = float(np.hypot(*(run.line_m[1] - run.line_m[0])))
    first, last = float(ours.times_s[0]), float(ours.times_s[-1])
    flow = flow_rate(ours, start_s=first, end_s=last)
    assert width_m == pytest.approx(0.8)
    assert flow == pytest.approx((len(ours) - 1) / (last - first))
    # Everybody goes one way, and at about the flow planning rules expect of a door (1.37).
    assert set(ours.direction.tolist()) == {-1}
    assert 1.2 < specific_flow(flow, width_m) < 2.2
    assert tracks.ids.size == len(ours) == 75


@pytest.mark.parametrize("name", NAMES)
def test_counting_while_they_walk(assets: Path, name: str) -> None:
    """The streaming counter agrees with the crossings, net of those who sway on the line."""
    run, tracks, ours = _crossings(assets, name)
    counter = LineCounter(run.line_m)
    for column, now_s in enumerate(tracks.times_s.tolist()):
        counter.update(tracks.ids, tracks.positions_m[:, column], stream_time_s=now_s, segment=0)
    swayed = len(ours) - np.unique(ours.track).size
    assert abs(counter.net - int(ours.direction.sum())) <= 2
    assert counter.forward <= len(ours.towards(1)) <= counter.forward + 2
    assert counter.backward <= len(ours.towards(-1)) <= counter.backward + 2
    assert swayed <= 4


def test_counting_survives_changed_identities(assets: Path) -> None:
    """Everybody is renumbered once a second on average and unseen for up to 0.3 s then."""
    run, tracks, ours = _crossings(assets, "bi-corr")
    rng = np.random.default_rng(1)
    counter = LineCounter(run.line_m)
    ids, hidden, fresh = tracks.ids.copy(), np.zeros(tracks.ids.size, np.int64), 10_000
    for column, now_s in enumerate(tracks.times_s.tolist()):
        changed = np.flatnonzero(rng.random(ids.size) < 1 / run.frame_rate_hz)
        ids[changed] = np.arange(fresh, fresh + changed.size)
        hidden[changed] = rng.integers(0, 8, changed.size)
        fresh += changed.size
        seen = hidden == 0
        counter.update(ids[seen], tracks.positions_m[seen, column], stream_time_s=now_s, segment=0)
        hidden = np.maximum(hidden - 1, 0)
    assert counter.forward == pytest.approx(len(ours.towards(1)), rel=0.02)
    assert counter.backward == pytest.approx(len(ours.towards(-1)), rel=0.02)

"""Crowd pressure of crowds whose motion is known (CROWD-SCIENCE section 7)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.crowd.kernel_sums import grid_over
from backend.crowd.pressure import PressureField, PressureReading, crowd_pressure_field
from backend.crowd.velocity_field import velocity_field
from tests.reference.moving_crowds import lattice, square, steady, turbulent
from tests.reference.trajectories import load

TURBULENCE_PER_S2 = 0.02
SIDE_M = 6.0
TIMES_S = np.arange(0, 3.81, 0.1)


def _reading(field: PressureField) -> PressureReading:
    reading = field.reading()
    assert reading is not None
    return reading


def _peak(times_s: FloatArray, paths: FloatArray, *, noise: float | None = None) -> PressureReading:
    return _reading(crowd_pressure_field(times_s, paths, square(SIDE_M), noise_variance=noise))


def test_uniform_translation_has_none() -> None:
    people = lattice(5, SIDE_M, margin_m=5)
    moved = steady(people, TIMES_S, np.array([0.8, 0.3]))
    assert _peak(TIMES_S, moved, noise=0.0).peak_per_s2 < 1e-6


def test_rigid_rotation_has_none() -> None:
    """At a fixed place the velocity of a turning disc does not change."""
    people = lattice(5, SIDE_M, margin_m=5) - SIDE_M / 2
    angle = 0.1 * TIMES_S
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    paths = np.einsum("ijk,nj->nki", turn, people) + SIDE_M / 2
    assert _peak(TIMES_S, paths, noise=0.0).peak_per_s2 < 2e-4


def test_swaying_as_a_body_has_density_times_variance() -> None:
    """x = A sin(2 pi t / 2 s): Var = (A omega g)²/2, g what the fit over 0.8 s leaves of it."""
    amplitude, omega = 0.05, math.pi
    people = lattice(4, SIDE_M, margin_m=3)
    sway = np.stack([amplitude * np.sin(omega * TIMES_S), 0 * TIMES_S], axis=1)
    field = crowd_pressure_field(
        TIMES_S, people[:, None] + sway, square(SIDE_M), noise_variance=0.0
    )
    lag = np.arange(-0.4, 0.41, 0.1)
    g = (lag * np.sin(omega * lag)).sum() / (omega * (lag**2).sum())
    expected = 4.0 * (amplitude * omega * g) ** 2 / 2
    assert field.values_per_s2[6, 6] == pytest.approx(expected, rel=0.01)


def test_two_way_walking_is_large_only_in_the_naive_estimate() -> None:
    people = lattice(1.4, SIDE_M, margin_m=5)
    rng = np.random.default_rng(1)
    step = np.stack([rng.choice([-1.0, 1.0], len(people)), np.zeros(len(people))], axis=1)
    naive = 1.4 * step.var(axis=0).sum()
    found = _peak(TIMES_S, steady(people, TIMES_S, step))
    assert naive == pytest.approx(1.4, rel=0.01)
    assert found.peak_per_s2 < naive / 5
    assert found.density_per_m2 < 2.5


def test_lanes_of_two_way_walking_have_little() -> None:
    people = lattice(1.4, SIDE_M, margin_m=5)
    lane = np.unique(people[:, 1].round(6), return_inverse=True)[1] % 2
    step = np.stack([np.where(lane == 0, -1.0, 1.0), np.zeros(len(people))], axis=1)
    found = _peak(TIMES_S, steady(people, TIMES_S, step))
    assert found.peak_per_s2 < TURBULENCE_PER_S2
    assert found.density_per_m2 == pytest.approx(1.4, rel=0.1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_turbulence_at_five_per_square_metre_is_over_the_line(seed: int) -> None:
    found = _peak(TIMES_S, turbulent(lattice(5, SIDE_M), TIMES_S, seed=seed))
    assert found.peak_per_s2 > 2 * TURBULENCE_PER_S2
    assert found.density_per_m2 >= 4


@pytest.mark.parametrize("rate_hz", [5, 25])
def test_still_people_seen_badly_are_below_the_line(rate_hz: int) -> None:
    """3 cm of jitter in every frame; the subtraction takes most of what it causes."""
    times = np.arange(0, 3.81, 1 / rate_hz)
    people = lattice(5, SIDE_M)
    rng = np.random.default_rng(3)
    seen = people[:, None] + rng.normal(0, 0.03, (len(people), times.size, 2))
    found, raw = _peak(times, seen), _peak(times, seen, noise=0.0)
    assert found.peak_per_s2 < 0.1 * TURBULENCE_PER_S2
    assert found.peak_per_s2 < 0.7 * raw.peak_per_s2
    assert found.noise_variance > 0


def test_a_shaking_mast_over_still_people_is_below_the_line() -> None:
    people = lattice(5, SIDE_M)
    shake = 0.04 * np.stack([np.sin(2 * np.pi * TIMES_S), np.cos(2 * np.pi * TIMES_S)], axis=1)
    rng = np.random.default_rng(3)
    seen = people[:, None] + shake + rng.normal(0, 0.01, (len(people), TIMES_S.size, 2))
    assert _peak(TIMES_S, seen, noise=0.0).peak_per_s2 > TURBULENCE_PER_S2
    assert _peak(TIMES_S, seen).peak_per_s2 < 0.75 * TURBULENCE_PER_S2


def test_frame_rate_does_not_matter() -> None:
    fine = np.arange(0, 3.801, 0.02)
    paths = turbulent(lattice(5, SIDE_M), fine, seed=5)
    peaks = [
        _reading(
            crowd_pressure_field(fine[::n], paths[:, ::n], square(SIDE_M), noise_variance=0.0)
        ).peak_per_s2
        for n in (1, 2, 5, 10)
    ]
    assert peaks == pytest.approx([peaks[0]] * 4, rel=0.1)


def test_smoothing_divides_noise_by_the_effective_number() -> None:
    """``sum w² / (sum w)²`` of an even crowd is ``1 / (2 pi R² rho)``."""
    people = lattice(5, SIDE_M, margin_m=3)
    grid = grid_over((0, 0, SIDE_M, SIDE_M), 0.5, max_nodes=1000)
    rng = np.random.default_rng(8)
    field = velocity_field(people, rng.normal(0, 0.1, people.shape), grid=grid)
    assert field.noise_share == pytest.approx(1 / (2 * math.pi * 5), rel=0.02)
    spread = float((field.velocity_mps**2).sum(axis=2).mean())
    assert spread == pytest.approx(2 * 0.1**2 / (2 * math.pi * 5), rel=0.35)


@settings(max_examples=15, deadline=None)
@given(
    quarter_turns=st.integers(0, 3),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    seed=st.integers(0, 5),
)
def test_does_not_depend_on_where_north_is_or_who_is_first(
    quarter_turns: int, shift: tuple[float, float], seed: int
) -> None:
    times = np.arange(0, 3.01, 0.2)
    room = square(3.0)
    paths = turbulent(lattice(4.5, 3.0), times, seed=seed)
    turn = np.linalg.matrix_power(np.array([[0.0, -1.0], [1.0, 0.0]]), quarter_turns)
    order = np.random.default_rng(seed).permutation(len(paths))
    found = _reading(crowd_pressure_field(times, paths, room))
    other = _reading(
        crowd_pressure_field(times, (paths @ turn.T + shift)[order], room @ turn.T + shift)
    )
    assert other.peak_per_s2 == pytest.approx(found.peak_per_s2, rel=1e-3, abs=1e-6)
    assert other.density_per_m2 == pytest.approx(found.density_per_m2, rel=1e-4)


@pytest.mark.assets
def test_a_dense_bottleneck_without_turbulence_is_below_the_line(assets: Path) -> None:
    """75 people pass a door 0.5 m wide, up to 6.6 people/m² before it, and nobody is moved
    against their will; the variance of their velocities alone would read five times the line."""
    run = load(assets, "bottleneck").inside().thinned(5)
    frames = [int(frame) for frame in run.frame_numbers if frame < 25 * 25]
    everybody = np.unique(run.ids)
    paths = np.full((len(everybody), len(frames), 2), np.nan)
    for k, frame in enumerate(frames):
        ids, at = run.at(frame)
        paths[np.searchsorted(everybody, ids), k] = at
    times = np.array(frames) / run.frame_rate_hz
    readings = [
        _reading(crowd_pressure_field(times[:k], paths[:, :k], run.walkable_area))
        for k in range(30, len(frames), 10)
    ]
    dense = [one for one in readings if one.density_per_m2 >= 4]
    assert len(dense) >= 8
    assert max(one.density_per_m2 for one in dense) > 5
    assert max(one.peak_per_s2 for one in dense) < TURBULENCE_PER_S2
    assert 0.001 < np.median([one.noise_variance for one in dense]) < 0.01

"""Figures of crowd pressure: crowds whose motion is known, and two recorded experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from backend.core.frame import FloatArray
from backend.crowd.density_kernel import DensityKernel
from backend.crowd.motion import velocities
from backend.crowd.pressure import PressureField, PressureReading, PressureWindow, pressure_index
from backend.crowd.pressure_field import GATE_DENSITY_PER_M2
from figures.style import BLUE, GREEN, GREY, ORANGE, RED, figure_file
from tests.reference.moving_crowds import lattice, square, steady, turbulent
from tests.reference.trajectories import Trajectory, load

TURBULENCE_PER_S2 = 0.02
SIDE_M = 8.0
RATE_HZ = 10.0
TIMES_S = np.arange(0, 8.01, 1 / RATE_HZ)


@dataclass(frozen=True, slots=True, eq=False)
class _Instant:
    """One sample of a run."""

    at_s: float
    reading: PressureReading
    naive_per_s2: float
    field: PressureField


def draw(folder: Path, assets: Path) -> None:
    """Draw the figures of crowd-pressure.md and pressure-index.md."""
    _draw_scenes(folder / "crowd-pressure-scenes.svg")
    _draw_experiments(folder / "crowd-pressure-experiments.svg", assets)
    _draw_index(folder / "pressure-index.svg")


def _draw_scenes(path: Path) -> None:
    rng = np.random.default_rng(1)
    dense = lattice(5, SIDE_M)
    wide = lattice(5, SIDE_M, margin_m=6)
    sparse = lattice(1.4, SIDE_M, margin_m=9)
    still = dense[:, None] + rng.normal(0, 0.03, (len(dense), TIMES_S.size, 2))
    walk = np.array([0.5, 0.0]) + rng.normal(0, 0.1, wide.shape)
    both_ways = np.stack([rng.choice([-1.0, 1.0], len(sparse)), np.zeros(len(sparse))], axis=1)
    runs = {
        "turbulence, 5 /m²": (RED, turbulent(dense, TIMES_S, seed=2)),
        "one way at 0.5 ± 0.1 m/s, 5 /m²": (BLUE, steady(wide, TIMES_S, walk)),
        "standing, seen ± 3 cm, 5 /m²": (GREEN, still),
        "two-way, 1.4 /m²": (ORANGE, steady(sparse, TIMES_S, both_ways)),
    }
    with figure_file(path, width=7.4, height=3.4) as figure:
        over_time, on_map = figure.subplots(1, 2, width_ratios=(1.6, 1))
        for name, (colour, paths) in runs.items():
            kernel = DensityKernel(square(SIDE_M))
            instants = list(_play(TIMES_S, partial(_all_of, paths), kernel))
            at_s = [one.at_s for one in instants]
            peak = [max(one.reading.peak_per_s2, 1e-5) for one in instants]
            over_time.semilogy(at_s, peak, color=colour, label=name)
            if colour == ORANGE:
                naive = [one.naive_per_s2 for one in instants]
                over_time.semilogy(at_s, naive, "--", color=colour, label="the same, naive")
            if colour == RED:
                _draw_map(on_map, instants[-1].field)
        over_time.axhline(TURBULENCE_PER_S2, color=GREY, linewidth=1)
        over_time.set(xlabel="time [s]", ylabel="highest crowd pressure [1/s²]", ylim=(1e-5, 60))
        over_time.legend(loc="upper left", fontsize=7, ncols=2)


def _all_of(paths: FloatArray, k: int) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Everybody's number and place at instant k."""
    return np.arange(len(paths)), paths[:, k]


def _draw_map(axes: Axes, field: PressureField) -> None:
    mesh = axes.pcolormesh(
        field.x_m, field.y_m, field.values_per_s2, cmap="magma", shading="nearest", vmin=0
    )
    bar = axes.figure.colorbar(mesh, ax=axes, location="bottom", shrink=0.9)
    bar.set_label("crowd pressure [1/s²]")
    axes.contour(
        field.x_m, field.y_m, field.values_per_s2, [TURBULENCE_PER_S2], colors="white", linewidths=1
    )
    axes.set(title="turbulence, t = 8 s", xlabel="x [m]", ylabel="y [m]", aspect="equal")
    axes.grid(visible=False)


def _draw_experiments(path: Path, assets: Path) -> None:
    with figure_file(path, width=7.4, height=4.2) as figure:
        for column, (name, title, until_s) in enumerate(
            (("bottleneck", "bottleneck, one way", 45.0), ("bi-corr", "corridor, two-way", 60.0))
        ):
            run = load(assets, name).inside()
            instants = [one for one in _play_recorded(run) if one.at_s <= until_s]
            at_s = [one.at_s for one in instants]
            above, below = (
                figure.add_subplot(2, 2, column + 1),
                figure.add_subplot(2, 2, column + 3),
            )
            peak = np.array([one.reading.peak_per_s2 for one in instants])
            above.semilogy(
                at_s, [one.naive_per_s2 for one in instants], "--", color=ORANGE, label="naive"
            )
            above.semilogy(at_s, np.maximum(peak, 1e-4), color=BLUE, label="smoothed field")
            above.axhline(TURBULENCE_PER_S2, color=GREY, linewidth=1)
            above.set(title=title, ylim=(8e-5, 8))
            below.plot(at_s, [one.reading.density_per_m2 for one in instants], color=BLUE)
            below.axhline(GATE_DENSITY_PER_M2, color=GREY, linewidth=1)
            below.set(xlabel="time [s]", ylim=(0, 7.5))
            if column == 0:
                above.set_ylabel("crowd pressure [1/s²]")
                above.legend(loc="upper right", fontsize=7, ncols=2)
                below.set_ylabel("density there [1/m²]")


def _draw_index(path: Path) -> None:
    density, spread = np.linspace(0, 8, 161), np.linspace(0, 0.8, 81)
    value = np.array([[pressure_index(rho, sigma) for rho in density] for sigma in spread])
    with figure_file(path, width=5.0, height=3.0) as figure:
        axes = figure.subplots()
        filled = axes.contourf(density, spread, value, np.linspace(0, 1, 11), cmap="YlOrRd")
        figure.colorbar(filled, label="pressure index")
        axes.set(xlabel="density [1/m²]", ylabel="spread of speeds [m/s]")


def _play(
    times_s: FloatArray,
    seen: Callable[[int], tuple[npt.NDArray[np.int64], FloatArray]],
    kernel: DensityKernel,
) -> Iterator[_Instant]:
    """Follow everybody through a run as a camera would and measure five times a second."""
    window = PressureWindow(kernel)
    row_of: dict[int, int] = {}
    history: list[tuple[npt.NDArray[np.int64], FloatArray]] = []
    span = round(2.0 / float(times_s[1] - times_s[0])) + 1
    for k, at_s in enumerate(times_s):
        ids, at = seen(k)
        history = [*history, (ids, at)][-span:]
        row_of = {int(one): row for row, one in enumerate(ids)}
        paths = np.full((len(ids), len(history), 2), np.nan)
        for column, (who, where) in enumerate(history):
            there = [(row_of[int(i)], n) for n, i in enumerate(who) if int(i) in row_of]
            if there:
                rows, numbers = np.array(there).T
                paths[rows, column] = where[numbers]
        velocity = velocities(times_s[k + 1 - len(history) : k + 1], paths)
        before = window.field()
        elapsed_s = float(at_s - times_s[k - 1]) if k else 0.0
        reading = window.update(at, velocity, elapsed_s=elapsed_s, track_ids=ids)
        field = window.field()
        if reading is None or field is None or field is before:
            continue
        known = velocity[np.isfinite(velocity).all(axis=1)]
        naive = reading.density_per_m2 * float(known.var(axis=0).sum())
        yield _Instant(float(at_s), reading, naive, field)


def _play_recorded(run: Trajectory) -> list[_Instant]:
    thinned = run.thinned(2)
    frames = thinned.frame_numbers
    times_s = (frames - frames[0]) / run.frame_rate_hz
    kernel = DensityKernel(run.walkable_area)
    return list(_play(times_s, lambda k: thinned.at(int(frames[k])), kernel))

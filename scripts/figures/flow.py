"""Line flow, fundamental diagram, speeds, inflow and egress of the recorded experiments."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pedpy  # type: ignore[import-untyped]
from shapely import contains_xy

from backend.core.calibration import Exit
from backend.core.frame import FloatArray
from backend.crowd.capacity import InflowWindow, NetInflow, egress_time
from backend.crowd.flow import Crossings, cumulative_count, line_crossings
from backend.crowd.fundamental import MAX_RATIO_DENSITY_PER_M2, weidmann_speed
from backend.crowd.motion import frame_step_speeds, velocities
from backend.crowd.voronoi import VoronoiArea
from figures.style import BLUE, GREEN, GREY, ORANGE, RED, figure_file
from tests.reference.dense_tracks import DenseTracks, dense
from tests.reference.trajectories import Trajectory, load

RUNS = {
    "bottleneck": ("bottleneck, 0.8 m door", RED),
    "uo-050": ("corridor 1.8 m, entrance 0.5 m", GREEN),
    "uo-100": ("corridor 1.8 m, entrance 1.0 m", BLUE),
    "uo-180": ("corridor 1.8 m, exit 0.7 m", ORANGE),
}


def draw(folder: Path, assets: Path) -> None:
    """Draw all figures of this topic."""
    runs = {name: _load(assets, name) for name in RUNS}
    _draw_n_t(folder / "line-flow-n-t.svg", *runs["bottleneck"])
    _draw_diagram(folder / "speed-ratio-fundamental-diagram.svg", runs)
    _draw_speeds(folder / "velocity-distribution.svg", runs)
    _draw_inflow(folder / "capacity-inflow.svg", *runs["uo-180"])
    _draw_egress(folder / "egress-bottleneck.svg", *runs["bottleneck"])


def _load(assets: Path, name: str) -> tuple[Trajectory, DenseTracks]:
    run = load(assets, name)
    return run, dense(run)


def _crossings(run: Trajectory, tracks: DenseTracks) -> Crossings:
    return line_crossings(tracks.times_s, tracks.positions_m, run.line_m)


def _draw_n_t(path: Path, run: Trajectory, tracks: DenseTracks) -> None:
    through = cumulative_count(_crossings(run, tracks), tracks.times_s)
    theirs, _ = pedpy.compute_n_t(
        traj_data=run.to_pedpy(), measurement_line=pedpy.MeasurementLine(run.line_m.tolist())
    )
    with figure_file(path) as figure:
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [2, 1]})
        for axes in (left, right):
            axes.step(
                theirs.time,
                theirs.cumulative_pedestrians,
                where="post",
                color=ORANGE,
                lw=3.5,
                alpha=0.6,
                label="PedPy",
            )
            axes.step(tracks.times_s, through, where="post", color=BLUE, lw=1.2, label="CrowdSafe")
            axes.set_xlabel("time (s)")
        left.set_ylabel("people through the door")
        left.legend(loc="upper left")
        right.set_xlim(20, 26)
        right.set_ylim(24, 34)
        right.set_title("six seconds of it", fontsize=9)


def _sampled(
    run: Trajectory, tracks: DenseTracks, every_s: float = 2.0
) -> tuple[FloatArray, FloatArray]:
    """Voronoi density and mean speed in the measurement area, one pair every ``every_s``."""
    reach = math.ceil(0.4 * run.frame_rate_hz)
    area = VoronoiArea(run.walkable_area, run.measurement_area)
    pairs = []
    for now in range(2 * reach, tracks.times_s.size, round(every_s * run.frame_rate_hz)):
        window = slice(now - 2 * reach, now + 1)
        speed = np.hypot(*velocities(tracks.times_s[window], tracks.positions_m[:, window]).T)
        # The fit describes the middle of its window.
        there = tracks.positions_m[:, now - reach]
        seen = ~np.isnan(there[:, 0])
        inside = np.zeros(seen.shape, np.bool_)
        inside[seen] = contains_xy(run.measurement_area, there[seen])
        speed = speed[inside & ~np.isnan(speed)]
        if speed.size:
            pairs.append((area.density(there[seen]), float(speed.mean())))
    found = np.array(pairs)
    return found[:, 0], found[:, 1]


def _draw_diagram(path: Path, runs: dict[str, tuple[Trajectory, DenseTracks]]) -> None:
    densities = np.linspace(0.01, 6.5, 300)
    curve = np.array([weidmann_speed(float(density)) for density in densities])
    with figure_file(path, height=4.0) as figure:
        axes = figure.subplots()
        usual = densities <= MAX_RATIO_DENSITY_PER_M2
        axes.plot(densities[usual], curve[usual], color="black", label="Weidmann 1993")
        axes.plot(
            densities[~usual], curve[~usual], color="black", ls=":", label="no ratio above 4 /m²"
        )
        for name, (label, colour) in RUNS.items():
            density, speed = _sampled(*runs[name])
            axes.scatter(density, speed, s=14, color=colour, label=label, alpha=0.8, linewidths=0)
        axes.set_xlabel("Voronoi density (1/m²)")
        axes.set_ylabel("mean speed (m/s)")
        axes.set_ylim(0, 1.8)
        axes.legend()


def _draw_speeds(path: Path, runs: dict[str, tuple[Trajectory, DenseTracks]]) -> None:
    with figure_file(path) as figure:
        axes = figure.subplots()
        bins = np.linspace(0, 2.2, 67).tolist()
        for name, (label, colour) in RUNS.items():
            run, tracks = runs[name]
            reach = math.ceil(0.4 * run.frame_rate_hz)
            theirs = frame_step_speeds(
                tracks.positions_m, frame_rate_hz=run.frame_rate_hz, frame_step=reach
            )
            ours = []
            for now in range(2 * reach, tracks.times_s.size, 4):
                window = slice(now - 2 * reach, now + 1)
                fitted = velocities(tracks.times_s[window], tracks.positions_m[:, window])
                ours.append(np.hypot(fitted[:, 0], fitted[:, 1]))
            speeds = np.concatenate(ours)
            axes.hist(
                speeds[~np.isnan(speeds)],
                bins,
                density=True,
                histtype="step",
                color=colour,
                lw=1.4,
                label=label,
            )
            axes.hist(
                theirs[~np.isnan(theirs)],
                bins,
                density=True,
                histtype="step",
                color=colour,
                lw=0.9,
                ls=":",
            )
        axes.plot([], [], color=GREY, lw=1.4, label="least squares")
        axes.plot([], [], color=GREY, lw=0.9, ls=":", label="frame step (PedPy)")
        axes.set_xlabel("individual speed (m/s)")
        axes.set_ylabel("share per m/s")
        axes.set_xlim(0, 2.2)
        axes.legend()


def _draw_inflow(path: Path, run: Trajectory, tracks: DenseTracks) -> None:
    window = InflowWindow()
    since = tracks.times_s - tracks.times_s[0]
    count = (~np.isnan(tracks.positions_m[:, :, 0])).sum(axis=0)
    found: list[tuple[float, NetInflow]] = []
    for now_s, people in zip(since.tolist(), count.tolist(), strict=True):
        inflow = window.update(float(people), 0.1 * people, now_s)
        if inflow is not None and (not found or now_s - found[-1][0] > 0.99):
            found.append((now_s, inflow))
    at = np.array([now_s for now_s, _ in found])
    per_s = np.array([inflow.per_s for _, inflow in found])
    ends = np.array([(inflow.low, inflow.high) for _, inflow in found])
    with figure_file(path, height=4.2) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True)
        upper.plot(since, count, color=BLUE)
        upper.set_ylabel("people in the corridor")
        lower.fill_between(at, ends[:, 0], ends[:, 1], color=ORANGE, alpha=0.25, lw=0)
        lower.plot(at, per_s, color=ORANGE, label="net inflow, last minute, 90 % interval")
        later = np.interp(since + 5, since, count)
        earlier = np.interp(since - 5, since, count)
        lower.plot(
            since, (later - earlier) / 10, color=GREY, lw=0.9, label="change over 10 s about now"
        )
        lower.axhline(0, color="black", lw=0.6)
        lower.set_xlabel("time (s)")
        lower.set_ylabel("people per second")
        lower.legend()


def _draw_egress(path: Path, run: Trajectory, tracks: DenseTracks) -> None:
    crossings = _crossings(run, tracks)
    times = tracks.times_s
    left = tracks.ids.size - cumulative_count(crossings, times)
    width_m = float(np.hypot(*(run.line_m[1] - run.line_m[0])))
    predicted = []
    for people in left.tolist():
        span = egress_time(people, people, people, [Exit(width_m)])
        predicted.append(np.nan if span is None else span.value_s)
    remaining = crossings.times_s[-1] - times
    shown = remaining >= 0
    with figure_file(path) as figure:
        axes = figure.subplots()
        axes.plot(times[shown], remaining[shown], color=GREY, label="what it really took")
        axes.step(
            times[shown],
            np.array(predicted)[shown],
            where="post",
            color=BLUE,
            label="people left / (0.8 m · 1.37 /(m·s))",
        )
        axes.set_xlabel("time (s)")
        axes.set_ylabel("seconds until all are out")
        axes.legend()

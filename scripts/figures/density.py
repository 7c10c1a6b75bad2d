"""Figures of the density pages, from a recorded bottleneck experiment and from a full passage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedpy  # type: ignore[import-untyped]
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize

from backend.core.frame import FloatArray
from backend.crowd.density import DensityKernel, VoronoiArea, classic_density
from figures.style import BLUE, GREY, ORANGE, RED, figure_file
from tests.reference.trajectories import Trajectory, load

FRAME = 500
EVERY = 5
"""Frames between two points of the time series (0.2 s)."""
PASSAGE_WIDTH_M = 1.2
PASSAGE_PER_M2 = 7.0


def draw(folder: Path, assets: Path) -> None:
    """Draw all figures of this topic."""
    run = load(assets, "bottleneck")
    _draw_series(folder / "density-series.svg", run)
    _draw_maps(folder / "density-maps.svg", run)
    _draw_passage(folder / "density-passage.svg")


def _draw_series(path: Path, run: Trajectory) -> None:
    thin = run.thinned(EVERY)
    frames = thin.frame_numbers
    seconds = frames / run.frame_rate_hz
    people = [thin.at(frame)[1] for frame in frames]
    kernel = DensityKernel(run.walkable_area)
    area = VoronoiArea(run.walkable_area, run.measurement_area)
    middle = shapely.get_coordinates(run.measurement_area.centroid)
    classic = np.array([classic_density(each, run.measurement_area) for each in people])
    voronoi = np.array([area.density(each) for each in people])
    gaussian = np.array([kernel.at(middle, each)[0] for each in people])
    reference_classic, reference_voronoi = _pedpy(thin)
    print(
        f"largest difference to PedPy: classic {_apart(classic, reference_classic):.1e}, ", end=""
    )
    print(f"Voronoi {_apart(voronoi, reference_voronoi):.1e} of the value")
    with figure_file(path, height=3.4) as figure:
        axes = figure.add_subplot()
        axes.step(seconds, classic, color=GREY, lw=0.7, where="mid", label="classic")
        axes.plot(seconds, voronoi, color=BLUE, lw=1.6, label="Voronoi")
        axes.plot(
            seconds[::10], reference_voronoi[::10], "o", ms=3, mfc="none", color=RED, label="PedPy"
        )
        axes.plot(seconds[::10], reference_classic[::10], "s", ms=3, mfc="none", color=RED)
        axes.plot(seconds, gaussian, color=ORANGE, lw=1.6, label="Gaussian, in the middle")
        axes.set_xlabel("time (s)")
        axes.set_ylabel("density (1/m²)")
        axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.14))


def _pedpy(run: Trajectory) -> tuple[FloatArray, FloatArray]:
    """Classic and Voronoi density of each frame with anybody in it, by PedPy."""
    table = run.to_pedpy()
    measured = pedpy.MeasurementArea(run.measurement_area)
    classic = pedpy.compute_classic_density(traj_data=table, measurement_area=measured)
    cells = pedpy.compute_individual_voronoi_polygons(
        traj_data=table, walkable_area=pedpy.WalkableArea(run.walkable_area)
    )
    voronoi, _ = pedpy.compute_voronoi_density(
        individual_voronoi_data=cells, measurement_area=measured
    )
    one, other = (
        each.set_index("frame").density.loc[run.frame_numbers].to_numpy()
        for each in (classic, voronoi)
    )
    return one, other


def _apart(ours: FloatArray, theirs: FloatArray) -> float:
    known = theirs > 0
    return float((np.abs(ours - theirs)[known] / theirs[known]).max())


def _draw_maps(path: Path, run: Trajectory) -> None:
    people = run.at(FRAME)[1]
    area = VoronoiArea(run.walkable_area, run.measurement_area)
    field = DensityKernel(run.walkable_area, cell_m=0.1).field(people)
    cells = area.cells(people)
    scale = Normalize(0, 10)
    with figure_file(path, height=4.0) as figure:
        left, right = figure.subplots(1, 2, sharex=True, sharey=True)
        edge = field.cell_m / 2
        extent = (
            field.x_m[0] - edge,
            field.x_m[-1] + edge,
            field.y_m[0] - edge,
            field.y_m[-1] + edge,
        )
        picture = left.imshow(
            field.values_per_m2, origin="lower", extent=extent, norm=scale, cmap="viridis"
        )
        right.add_collection(
            PolyCollection(
                [shapely.get_coordinates(cell.exterior) for cell in cells.polygons],
                array=1 / cells.area_m2,
                norm=scale,
                cmap="viridis",
                edgecolors="white",
                linewidths=0.6,
            )
        )
        for axes, title in ((left, "Gaussian, R = 1 m"), (right, "Voronoi cells, 1 / cell")):
            _draw_place(axes, run, people)
            axes.set_title(title, fontsize=9)
        left.set_ylabel("y (m)")
        figure.colorbar(picture, ax=[left, right], label="density (1/m²)", extend="max")


def _draw_place(axes: Axes, run: Trajectory, people: FloatArray) -> None:
    for barrier in run.walkable_area.interiors:
        axes.fill(*np.array(barrier.coords).T, color="white", ec=GREY, lw=0.8, zorder=3)
    axes.plot(*people.T, ".", color=RED, ms=3, zorder=4)
    axes.plot(*np.array(run.measurement_area.exterior.coords).T, color="white", lw=1.6, zorder=4)
    axes.set_aspect("equal")
    axes.set_xlim(-3.2, 3.2)
    axes.set_ylim(-1.2, 5.2)
    axes.set_xlabel("x (m)")
    axes.grid(visible=False)


def _draw_passage(path: Path) -> None:
    spacing = 0.05
    x = np.arange(spacing / 2, PASSAGE_WIDTH_M, spacing)
    y = np.arange(spacing / 2, 12, spacing)
    people = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    weights = np.full(len(people), PASSAGE_PER_M2 * spacing**2)
    across = np.linspace(0.001, PASSAGE_WIDTH_M - 0.001, 60)
    at = np.column_stack([across, np.full(len(across), 6.0)])
    passage = DensityKernel(shapely.box(0, 0, PASSAGE_WIDTH_M, 12))
    open_ground = DensityKernel(shapely.box(-10, -10, 12, 22))
    corrected = passage.at(at, people, weights)
    plain = open_ground.at(at, people, weights)
    with figure_file(path, width=5.0, height=2.8) as figure:
        axes = figure.add_subplot()
        axes.plot(across, corrected, color=BLUE, lw=1.8, label="with wall correction")
        axes.plot(across, plain, color=ORANGE, lw=1.8, label="without")
        axes.axhline(PASSAGE_PER_M2, color=GREY, lw=0.8, ls="--")
        axes.set_xlabel("across the passage (m)")
        axes.set_ylabel("density (1/m²)")
        axes.set_ylim(0, 8)
        axes.legend(loc="lower center", ncols=2)

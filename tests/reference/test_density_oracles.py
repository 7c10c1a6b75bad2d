"""Densities of recorded experiments against PedPy, and the Gaussian one against its definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedpy
import pytest
import shapely

from backend.crowd.density import VoronoiArea, classic_density, local_density
from tests.reference.trajectories import NAMES, load

pytestmark = pytest.mark.assets


@pytest.mark.parametrize("name", NAMES)
def test_classic_density_is_pedpys_in_every_frame(assets: Path, name: str) -> None:
    run = load(assets, name)
    table = pedpy.compute_classic_density(
        traj_data=run.to_pedpy(), measurement_area=pedpy.MeasurementArea(run.measurement_area)
    )
    expected = table.set_index("frame").density.loc[run.frame_numbers].to_numpy()
    ours = [classic_density(run.at(frame)[1], run.measurement_area) for frame in run.frame_numbers]
    assert expected.max() > 0.5
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("name", NAMES)
def test_voronoi_density_and_cells_are_pedpys(assets: Path, name: str) -> None:
    # Heads that lean over a wall are dropped for both: whose cell that is, is not defined.
    run = load(assets, name).inside().thinned(10)
    table = pedpy.compute_individual_voronoi_polygons(
        traj_data=run.to_pedpy(), walkable_area=pedpy.WalkableArea(run.walkable_area)
    )
    density, _ = pedpy.compute_voronoi_density(
        individual_voronoi_data=table,
        measurement_area=pedpy.MeasurementArea(run.measurement_area),
    )
    expected = density.set_index("frame").density.loc[run.frame_numbers].to_numpy()
    area = VoronoiArea(run.walkable_area, run.measurement_area)
    people = [run.at(frame)[1] for frame in run.frame_numbers]
    assert len(people) > 90
    np.testing.assert_allclose([area.density(each) for each in people], expected, rtol=1e-6)
    of_cells = shapely.area(table.sort_values("frame", kind="stable").polygon.to_numpy())
    ours = np.concatenate([area.cells(each).area_m2 for each in people])
    np.testing.assert_allclose(ours, of_cells, rtol=1e-6)


def test_gaussian_density_between_barriers_is_its_definition(assets: Path) -> None:
    """Sums written out and walls rasterised to 2 cm, at places all over the bottleneck."""
    run = load(assets, "bottleneck")
    people = run.at(500)[1]
    at = people[::4]
    step = 0.02
    offset = np.arange(-4, 4, step) + step / 2
    dx, dy = np.meshgrid(offset, offset)
    kernel = np.exp(-(dx**2) - dy**2) / np.pi
    shapely.prepare(run.walkable_area)
    expected = []
    for x, y in at:
        ground = shapely.contains_xy(run.walkable_area, x + dx, y + dy)
        away = ((people - (x, y)) ** 2).sum(axis=1)
        expected.append((np.exp(-away) / np.pi).sum() / (kernel[ground].sum() * step**2))
    read = local_density(people, at, run.walkable_area)
    assert max(expected) > 5
    np.testing.assert_allclose(read, expected, rtol=0.01)

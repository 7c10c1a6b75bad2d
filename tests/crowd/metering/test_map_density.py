from __future__ import annotations

import time

import numpy as np
import pytest

from backend.core.observation import CountError
from backend.crowd.counting import PeopleWeights
from backend.crowd.density_kernel import DensityField, DensityKernel
from backend.crowd.metering.density_meter import DensityMeter, GroundCrowd
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd
from backend.crowd.metering.map_density import MapDensity, density_at
from tests.ground_camera import GroundCamera, rectangle

PLACE = rectangle(0, 0, 30, 40)
CAMERA = GroundCamera.over(PLACE)
VIEW = GroundView.of(CAMERA.calibration(PLACE), CAMERA.picture_wh)
GROUND = VIEW.map_ground((54, 96), (20.0, 20.0))


@pytest.mark.parametrize("cell_m", [0.5, 1.2, 2.0])
def test_the_fine_grid_gives_the_sum_over_all_sub_points(cell_m: float) -> None:
    kernel = DensityKernel(PLACE, cell_m=cell_m)
    people = np.random.default_rng(1).gamma(1.0, 1.0, 54 * 96)
    found = MapDensity(GROUND, kernel).field(people)
    exact = kernel.field(GROUND.points_m, people[GROUND.cell] * GROUND.part).values_per_m2
    assert found == pytest.approx(exact, rel=0.02, nan_ok=True)


def test_a_lonely_cell_reads_as_one_person_would() -> None:
    people = np.zeros(54 * 96)
    people[GROUND.cell[len(GROUND.cell) // 2]] = 1.0
    found = MapDensity(GROUND, VIEW.kernel).sums(people)
    assert found.max() < 1.03 / np.pi
    assert found.sum() * VIEW.kernel.cell_m**2 == pytest.approx(1.0, rel=0.01)


def test_between_the_nodes_density_is_linear() -> None:
    x, y = np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5])
    values = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, np.nan]])
    field = DensityField(values, x, y, 0.5)
    points = np.array([[0.0, 0.0], [0.25, 0.25], [0.75, 0.0], [1.0, 0.0], [5.0, 0.0]])
    assert density_at(field, points) == pytest.approx([1.0, 2.5, 2.0, np.nan, np.nan], nan_ok=True)
    assert density_at(field, np.array([[np.nan, 0.0]])) == pytest.approx([np.nan], nan_ok=True)
    assert density_at(field, np.zeros((0, 2))).shape == (0,)


def test_a_beat_costs_a_few_milliseconds_at_most() -> None:
    people = np.nan_to_num(GROUND.ground_m2).ravel() * 3.0
    mapped = MapCrowd(GROUND, people, people, CountError(0.5, 0.1, 1.0))
    at = np.random.default_rng(4).uniform(0, 30, (150, 2))
    weights = PeopleWeights(np.ones(150), np.ones(150), 0.0)
    crowd = GroundCrowd(np.arange(150), at, np.ones(150, np.bool_), weights, np.full(150, 0.5))
    meter = DensityMeter(VIEW)
    meter.measure(crowd, elapsed_s=0.0, mapped=mapped)
    times = []
    for _ in range(9):
        begin = time.thread_time()
        meter.measure(crowd, elapsed_s=0.05, mapped=mapped)
        times.append(time.thread_time() - begin)
    assert min(times) < 0.012  # 2 ms on a quiet core

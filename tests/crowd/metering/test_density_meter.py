from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.counting import PeopleWeights
from backend.crowd.density_kernel import DensityKernel, PeakDensity
from backend.crowd.metering.density_meter import DensityMeter, GroundCrowd, peak_error
from backend.crowd.metering.ground_view import GroundView
from tests.ground_camera import GroundCamera, rectangle

PLACE, AROUND = rectangle(0, 0, 10, 10), rectangle(-3, -3, 13, 13)
CAMERA = GroundCamera.over(AROUND)
VIEW = GroundView.of(CAMERA.calibration(PLACE, walkable=AROUND), CAMERA.picture_wh)


def _crowd(
    at: FloatArray, *, chance: float = 1.0, recall: float = 1.0, uncertainty: float = 0.0
) -> GroundCrowd:
    n = len(at)
    weights = PeopleWeights(np.full(n, chance), np.full(n, recall), uncertainty)
    return GroundCrowd(np.arange(n), at, VIEW.ground.contains(at), weights)


def _blob(x: float, y: float, n: int) -> FloatArray:
    return np.random.default_rng(n).uniform(-0.6, 0.6, (n, 2)) + np.array([x, y])


def test_the_peak_is_looked_for_in_the_monitored_area_only() -> None:
    inside, outside = _blob(4, 4, 6), _blob(-2, 5, 40)
    found = DensityMeter(VIEW).measure(_crowd(np.concatenate([inside, outside])), elapsed_s=0.0)
    alone = DensityKernel(AROUND).peak(inside)
    assert found.peak.value_per_m2 == pytest.approx(alone.value_per_m2, rel=0.02)
    assert found.peak.at_m is not None
    assert found.peak.at_m == pytest.approx((4, 4), abs=0.7)
    assert np.nanmax(found.field.values_per_m2) > 8


def test_people_beyond_the_border_press_on_those_within() -> None:
    edge = np.array([[0.2, 5.0]])
    alone = DensityMeter(VIEW).measure(_crowd(edge), elapsed_s=0.0)
    crowd = np.concatenate([edge, _blob(-0.7, 5.0, 5)])
    beside = DensityMeter(VIEW).measure(_crowd(crowd), elapsed_s=0.0)
    assert beside.peak.value_per_m2 > 2 * alone.peak.value_per_m2


def test_every_person_counts_for_those_who_were_missed() -> None:
    at = np.random.default_rng(2).uniform(-3, 13, (300, 2))
    sure = DensityMeter(VIEW).measure(_crowd(at), elapsed_s=0.0)
    unsure = DensityMeter(VIEW).measure(_crowd(at, recall=0.5), elapsed_s=0.0)
    assert unsure.peak.value_per_m2 == pytest.approx(2 * sure.peak.value_per_m2)
    assert unsure.voronoi_per_m2 == pytest.approx(2 * sure.voronoi_per_m2)
    assert unsure.own_per_m2 == pytest.approx(2 * sure.own_per_m2)


def test_nobody_has_no_peak() -> None:
    found = DensityMeter(VIEW).measure(_crowd(np.zeros((0, 2))), elapsed_s=0.0)
    assert found.peak == PeakDensity(0.0, None)
    assert (found.peak_error_per_m2, found.voronoi_per_m2) == (0.0, 0.0)
    assert np.nanmax(found.drawn.values_per_m2) == 0


def test_a_crowd_outside_only_is_no_peak() -> None:
    found = DensityMeter(VIEW).measure(_crowd(np.array([[-2.9, -2.9]])), elapsed_s=0.0)
    assert found.peak.value_per_m2 < 0.01


def test_the_voronoi_density_is_at_most_a_second_old() -> None:
    meter = DensityMeter(VIEW)
    first = meter.measure(_crowd(_blob(5, 5, 10)), elapsed_s=0.0).voronoi_per_m2
    more = _crowd(_blob(5, 5, 40))
    seen = [meter.measure(more, elapsed_s=0.2).voronoi_per_m2 for _ in range(5)]
    assert seen[:4] == [first] * 4
    assert seen[4] > 2 * first


def test_the_error_of_the_peak_is_what_missing_people_make_of_it() -> None:
    rng = np.random.default_rng(1)
    there = rng.uniform(0, 10, (400, 2))
    at = np.array([5.0, 5.0])
    values, errors = [], []
    for _ in range(400):
        crowd = _crowd(there[rng.random(400) < 0.7], recall=0.7)
        value = float(VIEW.kernel.at(at[None], crowd.world_m, crowd.weights.people)[0])
        values.append(value)
        errors.append(peak_error(PeakDensity(value, (5.0, 5.0)), crowd, radius_m=1.0))
    assert np.mean(errors) == pytest.approx(1.6449 * np.std(values), rel=0.1)


def test_the_error_of_recall_is_shared_by_all() -> None:
    at = np.random.default_rng(1).uniform(0, 10, (400, 2))
    crowd = _crowd(at, recall=1.0, uncertainty=0.1)
    error = peak_error(PeakDensity(5.0, (5.0, 5.0)), crowd, radius_m=1.0)
    assert error == pytest.approx(1.6449 * 0.1 * 5.0)


def test_the_map_lies_where_the_people_are() -> None:
    drawn = DensityMeter(VIEW).measure(_crowd(_blob(7, 2, 9)), elapsed_s=0.0).drawn
    row, column = np.unravel_index(np.nanargmax(drawn.values_per_m2), drawn.values_per_m2.shape)
    at = np.array(drawn.origin_m) + drawn.cell_m * np.array([column, row])
    assert at == pytest.approx([7, 2], abs=0.7)
    to_image = np.array(drawn.ground_to_image).reshape(3, 3)
    seen = to_image @ [*at, 1.0]
    assert seen[:2] / seen[2] == pytest.approx(CAMERA.feet_px(at[None])[0], abs=1e-3)
    assert not drawn.values_per_m2.flags.writeable

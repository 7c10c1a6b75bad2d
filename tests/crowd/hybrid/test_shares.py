"""How far the map should count: the bands, their hysteresis, and who is no crowd."""

from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.hybrid.shares import (
    GROUND_BAND_PER_M2,
    PICTURE_BAND,
    RELEASE,
    Crowding,
    ShareMap,
    measure_crowding,
    wanted_shares,
)
from tests.crowd.hybrid.scene import MAP_HW, block, crowd_map, people_per_cell

SCALE = 0.5
"""A detector of 640 px on a picture of 1280."""
NOBODY = np.zeros(MAP_HW, np.float32)


def _want(
    people: ShareMap,
    boxes: ShareMap = NOBODY,
    *,
    before: ShareMap = NOBODY,
    ground_m2: float | None = None,
) -> ShareMap:
    ground = None if ground_m2 is None else np.full(MAP_HW, ground_m2)
    crowding = measure_crowding(
        crowd_map(people, 0.0), boxes, network_scale=SCALE, ground_m2=ground
    )
    return wanted_shares(crowding, before)


def _crowding(in_window: float, *, explained: float = 0.0, people: float = 100.0) -> Crowding:
    def even(value: float) -> ShareMap:
        return np.full((2, 2), value, np.float32)

    return Crowding(even(in_window), even(explained), None, people)


def test_a_window_counts_people_as_the_detector_sees_them() -> None:
    crowd = people_per_cell(block(400, spacing_px=30.0, left=300, top=60))
    fine = measure_crowding(crowd_map(crowd, 0.0), NOBODY, network_scale=1.0)
    coarse = measure_crowding(crowd_map(crowd, 0.0), NOBODY, network_scale=0.5)
    # 60 px of the input are 120 px of the picture, 16 heads 30 px apart; twice as fine: 60 px, 4
    assert coarse.in_window[27, 45] == pytest.approx(16, rel=0.05)
    assert fine.in_window[27, 45] == pytest.approx(4, rel=0.05)


def test_a_dense_crowd_is_left_to_the_map_and_an_open_scene_is_not() -> None:
    dense = _want(people_per_cell(block(100, spacing_px=15.0)))
    assert dense[20, 20] == 1
    assert dense[50, 90] == 0
    assert not _want(people_per_cell(block(9, spacing_px=300.0, left=100, top=50))).any()
    assert not _want(NOBODY).any()


@pytest.mark.parametrize("people", [1, 3, 4])
def test_a_handful_is_no_crowd_however_close(people: int) -> None:
    assert not _want(people_per_cell(block(people, spacing_px=5.0))).any()
    assert not _want(people_per_cell(block(people, spacing_px=5.0)), ground_m2=0.05).any()


def test_where_boxes_find_them_the_boxes_count() -> None:
    crowd = people_per_cell(block(36, spacing_px=40.0))
    assert _want(crowd).max() > 0.9
    assert not _want(crowd, 0.85 * crowd).any()
    half_told = _want(crowd, 0.65 * crowd).max()
    assert 0.3 < half_told < 0.7


def test_density_on_the_ground_hands_over_between_one_and_two_per_m2() -> None:
    found = {}
    for per_m2 in (0.9, 1.5, 2.1):
        people = np.full(MAP_HW, per_m2 * 0.01, np.float32)
        # all of them found by the boxes: only the ground decides
        found[per_m2] = float(_want(people, people, ground_m2=0.01).max())
    assert found == {0.9: 0, 1.5: pytest.approx(0.5, abs=0.01), 2.1: 1}


def test_ground_density_is_taken_over_some_square_metres() -> None:
    """Near the camera one person fills many cells of little ground."""
    crowding = measure_crowding(
        crowd_map(people_per_cell(block(1, spacing_px=1.0)), 0.0),
        NOBODY,
        network_scale=SCALE,
        ground_m2=np.full(MAP_HW, 0.02),
    )
    assert crowding.per_m2 is not None
    assert crowding.per_m2.max() < 0.3


def test_where_no_ground_is_the_picture_decides() -> None:
    ground = np.full(MAP_HW, np.nan)
    crowding = measure_crowding(
        crowd_map(people_per_cell(block(100, spacing_px=15.0)), 0.0),
        NOBODY,
        network_scale=SCALE,
        ground_m2=ground,
    )
    assert crowding.per_m2 is not None
    assert not crowding.per_m2.any()
    assert wanted_shares(crowding, NOBODY).max() == 1


def test_within_the_hysteresis_everything_stays() -> None:
    middle = sum(PICTURE_BAND) / 2
    some = np.full((2, 2), 0.6, np.float32)
    assert wanted_shares(_crowding(middle), some)[0, 0] == pytest.approx(0.6)
    low = PICTURE_BAND[0] - 0.01
    assert wanted_shares(_crowding(low), some)[0, 0] == 0
    assert wanted_shares(_crowding(PICTURE_BAND[1]), some)[0, 0] == 1
    between = RELEASE * PICTURE_BAND[1] + 0.01
    assert wanted_shares(_crowding(between), np.ones((2, 2), np.float32))[0, 0] == 1
    assert wanted_shares(_crowding(9.0, people=5.5), some)[0, 0] == pytest.approx(0.7 / 4.8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (3, 2)])
def test_the_smallest_maps_are_no_error(shape: tuple[int, int]) -> None:
    crowding = measure_crowding(
        crowd_map(np.ones(shape, np.float32), 0.0),
        np.zeros(shape, np.float32),
        network_scale=SCALE,
        ground_m2=np.full(shape, 0.1),
    )
    found = wanted_shares(crowding, np.zeros(shape, np.float32))
    assert found.shape == shape
    assert np.isfinite(found).all()


def test_the_bands_are_in_order() -> None:
    assert RELEASE * PICTURE_BAND[1] > PICTURE_BAND[0]
    assert RELEASE * GROUND_BAND_PER_M2[1] > GROUND_BAND_PER_M2[0]

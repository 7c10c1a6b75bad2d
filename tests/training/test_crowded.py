"""Up to which density a counter may be believed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.counted import counted_picture
from training.counters import CountedPicture
from training.crowded import DensityClass, choose_crowded_per_cell, class_densities


def pictures(saturation: float) -> list[CountedPicture]:
    """Ten pictures of 400 blocks of up to 3 people a cell; no more than so many are counted."""
    rng = np.random.default_rng(2)
    found = []
    for each in range(10):
        true = rng.uniform(0.05, 3.0, 400)
        counted = np.minimum(true, saturation) * rng.uniform(0.95, 1.05, 400)
        found.append(counted_picture(1, 1, name=str(each), blocks=np.stack([counted, true], 1)))
    return found


def test_a_counter_that_runs_out_of_resolution_is_believed_up_to_there() -> None:
    classes = class_densities(pictures(saturation=1.0))
    assert choose_crowded_per_cell(classes) == pytest.approx(0.8)
    densest = classes[-1]
    assert not densest.is_in_line and densest.bias < -0.4


def test_a_counter_that_never_saturates_is_believed_as_far_as_was_seen() -> None:
    classes = class_densities(pictures(saturation=9.0))
    assert all(each.is_in_line for each in classes)
    assert choose_crowded_per_cell(classes) == pytest.approx(classes[-1].high)
    assert 2.5 < classes[-1].high < 4.6


def test_the_error_of_a_class_by_hand() -> None:
    # 50 blocks in five pictures: 1 counted, in every other one 0.8 there, else 1.2
    blocks = [(1.0, 0.8), (1.0, 1.2)] * 5
    classes = class_densities([counted_picture(1, 1, blocks=blocks) for _ in range(5)])
    assert len(classes) == 1
    assert (classes[0].blocks, classes[0].pictures) == (50, 5)
    assert classes[0].low <= 1.0 < classes[0].high
    assert classes[0].bias == pytest.approx(0, abs=1e-6)
    assert classes[0].spread == pytest.approx(0.2)


def test_one_picture_decides_nothing() -> None:
    assert class_densities([counted_picture(1, 1, blocks=[(1.0, 1.0)] * 500)]) == []
    assert class_densities([]) == []


def test_people_counted_where_nobody_is_are_out_of_line() -> None:
    counted = [counted_picture(1, 1, blocks=[(1.0, 0.0)] * 20) for _ in range(5)]
    classes = class_densities(counted)
    assert classes[0].bias == np.inf and not classes[0].is_in_line


def test_the_run_in_line_ends_the_first_time_it_breaks() -> None:
    def each(low: float, bias: float) -> DensityClass:
        return DensityClass(low, 2 * low, 100, 10, bias, 0.3)

    rows = [each(0.1, 0.9), each(0.2, 0.2), each(0.4, -0.25), each(0.8, -0.26), each(1.6, 0.0)]
    assert choose_crowded_per_cell(rows) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="no density is counted"):
        choose_crowded_per_cell(rows[:1])

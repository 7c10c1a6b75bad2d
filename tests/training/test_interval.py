"""The interval: it holds nine in ten of errors drawn from the model it assumes, and of others."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from backend.core.observation import CountError
from tests.training.counted import counted_picture
from training.counters import CountedPicture
from training.interval import (
    SIZES,
    CoverageRow,
    compute_interval,
    compute_standard_error,
    cut_parts,
    fit_interval,
)

TRUE_OWN, TRUE_COMMON, TRUE_LEAST = 0.6, 0.12, 0.3


def draw_pictures(number: int, *, seed: int, heavy: bool = False) -> list[CountedPicture]:
    """Pictures of 15 to 2000 people whose counts err by the model: own, common, least."""
    rng = np.random.default_rng(seed)
    pictures = []
    for each in range(number):
        mean = np.exp(rng.uniform(np.log(15), np.log(2000)))
        counted = rng.gamma(1.5, mean / 64 / 1.5, (8, 8))
        common = TRUE_COMMON * (rng.standard_t(3) if heavy else rng.standard_normal())
        own = TRUE_OWN * np.sqrt(counted) * rng.standard_normal((8, 8))
        least = TRUE_LEAST / 8 * rng.standard_normal((8, 8))
        true = np.maximum(counted * (1 + common) + own + least, 0)
        dataset = "shanghaitech-a" if each % 2 else "shanghaitech-b"
        pictures.append(counted_picture(counted, true, name=str(each), dataset=dataset))
    return pictures


@cache
def fit(*, heavy: bool = False) -> dict[str, CoverageRow]:
    found = fit_interval(draw_pictures(80, seed=3, heavy=heavy), folds=4)
    assert (found.pictures, found.folds) == (80, 4)
    return {each.group: each for each in found.coverage}


def test_the_standard_error_by_hand() -> None:
    error = CountError(own=1, common=0.1, least=2)
    found = compute_standard_error(error, np.array([0, 100, -5]))
    assert found == pytest.approx([2, np.sqrt(204), 2])
    low, high = compute_interval(error, np.array([100.0, 0.0]))
    assert low == pytest.approx([100 - 1.6449 * np.sqrt(204), 0])
    assert high == pytest.approx([100 + 1.6449 * np.sqrt(204), 2 * 1.6449])


def test_a_picture_is_cut_into_all_its_parts() -> None:
    parts = cut_parts([counted_picture(np.full((8, 8), 2.0), np.full((8, 8), 1.0))])
    assert [int((parts.size == each).sum()) for each in range(len(SIZES))] == [1, 4, 4, 16]
    assert [set(parts.counted[parts.size == each]) for each in range(4)] == [{128}, {64}, {32}, {8}]
    assert parts.true == pytest.approx(parts.counted / 2)
    by_size = [parts.weight[parts.size == each].sum() for each in range(4)]
    assert by_size == pytest.approx([0.25] * 4)


@pytest.mark.parametrize("heavy", [False, True])
def test_the_interval_holds_nine_in_ten_wholes_and_more_or_less_of_parts(heavy: bool) -> None:
    found = fit(heavy=heavy)
    assert 0.85 <= found["whole pictures"].coverage <= 0.97
    for size in ("halves", "quarters", "sixteenths"):
        assert 0.85 <= found[size].coverage <= 0.98, size


def test_the_coverage_promised_is_kept_on_new_pictures() -> None:
    error = fit_interval(draw_pictures(80, seed=3), folds=2).error
    parts = cut_parts(draw_pictures(200, seed=4))
    low, high = compute_interval(error, parts.counted)
    inside = (parts.true >= low) & (parts.true <= high)
    assert 0.86 <= inside[parts.size == 0].mean() <= 0.97
    # The model is found again: what a crowd has in common, what single people add.
    assert error.common == pytest.approx(TRUE_COMMON, rel=0.5)
    assert error.own == pytest.approx(TRUE_OWN, rel=0.6)


def test_rows_of_sizes_datasets_and_bands() -> None:
    found = fit()
    assert found["whole pictures"].parts == 80
    assert found["whole pictures, shanghaitech-a"].parts == 40
    assert found["sixteenths"].parts == 80 * 16
    bands = [each for each in found if each.startswith("whole pictures") and "people" in each]
    assert sum(found[each].parts for each in bands) == 80


def test_the_order_of_the_pictures_changes_nothing() -> None:
    pictures = draw_pictures(24, seed=5)
    forth, back = fit_interval(pictures, folds=3), fit_interval(pictures[::-1], folds=3)
    assert forth.error == back.error
    assert forth.coverage[0].coverage == pytest.approx(back.coverage[0].coverage)


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 20 validation pictures at least, got 3"):
        fit_interval(draw_pictures(3, seed=1))
    with pytest.raises(ValueError, match="folds must be at least 2"):
        fit_interval(draw_pictures(20, seed=1), folds=1)
    with pytest.raises(ValueError, match="got none"):
        cut_parts([])

"""The numbers of the tables, against sums done by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.core.observation import CountError
from tests.training.counted import counted_picture
from training.evaluate import GAME_LEVELS, compute_game, summarise


def test_the_errors_of_three_pictures_by_hand() -> None:
    # off by +4, -6 and +2 of 40, 60 and 300 people
    counted = [counted_picture(44, 40), counted_picture(54, 60), counted_picture(302, 300)]
    row = summarise(counted, None)[0]
    assert (row.group, row.pictures) == ("all", 3)
    assert row.mean_true == pytest.approx(400 / 3)
    assert row.mae == pytest.approx(4)
    assert row.rmse == pytest.approx(math.sqrt((16 + 36 + 4) / 3))
    assert row.bias == pytest.approx(0)
    assert row.relative == pytest.approx(12 / 400)
    assert row.game == pytest.approx((4, 4, 4))  # everybody in one region
    assert row.coverage is None and row.width is None


def test_every_band_that_holds_a_picture_has_a_row() -> None:
    counted = [counted_picture(1, each) for each in (0, 49, 50, 100, 499, 1000, 5000)]
    rows = summarise(counted, None)
    assert [(row.group, row.pictures) for row in rows] == [
        ("all", 7),
        ("0–50", 2),
        ("50–100", 1),
        ("100–250", 1),
        ("250–500", 1),
        ("1000 and more", 2),
    ]


def test_the_coverage_of_the_interval_by_hand() -> None:
    # standard error 10 everywhere: the interval reaches 16.449 to either side
    error = CountError(own=0, common=0, least=10)
    counted = [counted_picture(100, true) for true in (84, 116, 83, 117)]
    row = summarise(counted, error)[0]
    assert row.coverage == pytest.approx(0.5)
    assert row.width == pytest.approx(2 * 16.449)


def test_the_interval_never_reaches_below_nobody() -> None:
    row = summarise([counted_picture(0, 0)], CountError(own=0, common=0, least=10))[0]
    assert row.width == pytest.approx(16.449)
    assert row.coverage == 1
    assert row.relative is None


def test_game_of_a_crowd_put_in_the_wrong_half() -> None:
    # 10 counted in the upper left of 64 regions; 4 are there, 6 in the lower right
    true = np.zeros((8, 8))
    true[0, 0], true[7, 7] = 4, 6
    counted = counted_picture(10, true)
    assert compute_game(counted, 0) == 0
    assert [compute_game(counted, level) for level in GAME_LEVELS] == [12, 12, 12]


def test_game_sees_finer_with_every_level() -> None:
    # one person moved by one region of the finest grid, across no coarser border
    found, true = np.zeros((8, 8)), np.zeros((8, 8))
    found[0, 0], true[0, 1] = 1, 1
    counted = counted_picture(found, true)
    assert [compute_game(counted, level) for level in (0, *GAME_LEVELS)] == [0, 0, 0, 2]


def test_no_picture_no_table() -> None:
    with pytest.raises(ValueError, match="no picture"):
        summarise([], None)

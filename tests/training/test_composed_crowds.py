"""A crowd that grows step by step, put together from labelled pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.composed_crowds import Composition, compose_ramp
from training.datasets.base import DatasetError, LabelledPicture

HOW = Composition(grid=(3, 2), place_wh=(64, 48), stride_px=16)
WH = (320, 240)


def labelled(folder: Path, number: int, heads: np.ndarray) -> LabelledPicture:
    """A picture in which every head is one white pixel on a grey of its own."""
    picture = np.full((WH[1], WH[0], 3), 40 + 10 * number, np.uint8)
    picture[heads[:, 1].astype(int), heads[:, 0].astype(int)] = 255
    path = folder / f"IMG_{number}.png"
    cv2.imwrite(str(path), picture)
    return LabelledPicture(f"IMG_{number}", path, heads.astype(np.float32))


@pytest.fixture
def pictures(tmp_path: Path) -> list[LabelledPicture]:
    """Crowds of 60 in the right half, each a little elsewhere; nobody in the left half."""
    rng = np.random.default_rng(3)
    found = []
    for number in range(6):
        cells = rng.permutation(160 * 240)[:60]
        heads = np.column_stack([160 + cells % 160, cells // 160])
        found.append(labelled(tmp_path, number, heads))
    return found


def test_every_step_has_the_people_asked_for_and_labels_where_they_are(
    pictures: list[LabelledPicture],
) -> None:
    counts = [0, 1, 5, 12, 20]
    steps = list(compose_ramp(pictures, counts, HOW))
    assert [step.count for step in steps] == counts
    for step in steps:
        assert step.picture.shape == (96, 192, 3)
        assert step.picture.dtype == np.uint8
        columns, rows = step.heads_px.astype(int).T
        assert (step.picture[rows, columns] == 255).all(), "a label without a head"
        assert (step.picture == 255).all(axis=2).sum() == step.count, "a head without a label"


def test_the_same_seed_composes_the_same_crowd(pictures: list[LabelledPicture]) -> None:
    once, again = (list(compose_ramp(pictures, [3, 9], HOW)) for _ in range(2))
    other = list(
        compose_ramp(
            pictures, [3, 9], Composition(grid=(3, 2), place_wh=(64, 48), stride_px=16, seed=2)
        )
    )
    for one, two in zip(once, again, strict=True):
        assert np.array_equal(one.picture, two.picture)
        assert np.array_equal(one.heads_px, two.heads_px)
    assert not np.array_equal(once[1].picture, other[1].picture)


def test_a_place_whose_number_stays_keeps_its_crop(pictures: list[LabelledPicture]) -> None:
    before, after = compose_ramp(pictures, [8, 9], HOW)
    changed = [
        not np.array_equal(
            before.picture[row : row + 48, column : column + 64],
            after.picture[row : row + 48, column : column + 64],
        )
        for row in (0, 48)
        for column in (0, 64, 128)
    ]
    assert 1 <= sum(changed) < 6


def test_a_crowd_that_no_crops_can_make_is_refused(
    pictures: list[LabelledPicture], tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="people do not fit into 6 places"):
        list(compose_ramp(pictures, [600], HOW))
    rows, columns = np.mgrid[5:240:10, 5:320:10]
    everywhere = np.column_stack([columns.ravel(), rows.ravel()])
    with pytest.raises(DatasetError, match="none of the 1 pictures has an empty part"):
        list(compose_ramp([labelled(tmp_path, 9, everywhere)], [5], HOW))

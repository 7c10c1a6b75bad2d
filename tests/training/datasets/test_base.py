"""Labelled pictures, their checks, and the regions people were labelled in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.dataset_files import save_picture
from training.datasets.base import (
    Dataset,
    DatasetError,
    HeadArray,
    LabelledPicture,
    Problem,
    check_heads,
    find_inside,
    read_picture_wh,
    region_mask,
)

LEFT_HALF = np.array([[0, 0], [15, 0], [15, 31], [0, 31]], np.float32)


def heads(*points: tuple[float, float]) -> HeadArray:
    return np.array(points, np.float32).reshape(-1, 2)


def labelled(path: Path, **changes: object) -> LabelledPicture:
    return LabelledPicture(**{"name": "a/1", "path": path, "heads_px": heads((3, 4)), **changes})


def test_a_picture_is_loaded_in_bgr(tmp_path: Path) -> None:
    picture = labelled(save_picture(tmp_path / "1.jpg", wh=(64, 48), value=90))
    loaded = picture.load()
    assert (loaded.shape, loaded.dtype) == ((48, 64, 3), np.uint8)
    assert loaded[40, 40] == pytest.approx([90, 90, 90], abs=2)
    assert picture.count == 1


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"nothing")
    with pytest.raises(DatasetError, match=r"broken\.jpg"):
        labelled(path).load()
    assert read_picture_wh(path) is None
    assert read_picture_wh(tmp_path / "missing.jpg") is None


def test_what_was_not_labelled_is_painted_over(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "1.jpg", wh=(32, 32), value=200)
    loaded = labelled(path, region_px=LEFT_HALF).load()
    assert loaded[20, 15] == pytest.approx([200] * 3, abs=3)
    assert (loaded[:, 16:] == 114).all()


def test_selecting_keeps_the_problems() -> None:
    problem = Problem("x", "broken")
    pictures = tuple(labelled(Path("p"), name=name) for name in ("a", "b"))
    chosen = Dataset("d", pictures, (problem,)).select(lambda name: name == "b")
    assert [each.name for each in chosen.pictures] == ["b"]
    assert (chosen.name, chosen.problems) == ("d", (problem,))


def test_heads_within_the_picture_are_right() -> None:
    assert check_heads(heads((0, 0), (64, 48), (64.9, 48.9)), (64, 48)) == ("", False)
    assert check_heads(heads(), (64, 48)) == ("", False)


@pytest.mark.parametrize(
    ("labels", "reason", "is_useless"),
    [
        (heads((1, 1), (2, 2), (70, 3)), "1 of 3 heads lie outside the picture of 64 x 48", False),
        (heads((1, 1), (70, 2), (70, 3)), "labels of another picture", True),
        (heads((1, np.nan)), "not finite", True),
        (np.zeros((2, 3), np.float32), "must be N x 2", True),
    ],
)
def test_wrong_heads(labels: HeadArray, reason: str, is_useless: bool) -> None:
    fault, found = check_heads(labels, (64, 48))
    assert reason in fault
    assert found is is_useless


def test_heads_inside_a_region() -> None:
    found = find_inside(heads((5, 5), (15.8, 5), (17, 5), (5, 40)), LEFT_HALF)
    assert found.tolist() == [True, True, False, False]
    assert find_inside(heads(), LEFT_HALF).shape == (0,)


def test_everything_counts_where_there_is_no_region() -> None:
    assert (region_mask((2, 3), 8, None) == 1).all()


def test_a_cell_counts_by_the_share_inside() -> None:
    outline = np.array([[0, 0], [11, 0], [11, 31], [0, 31]], np.float32)
    mask = region_mask((4, 4), 8, outline)
    assert mask.shape == (4, 4)
    assert (mask == [1.0, 0.5, 0.0, 0.0]).all()


def test_the_region_grows_with_the_picture() -> None:
    mask = region_mask((8, 8), 8, LEFT_HALF, scale=2.0)
    assert mask.sum() == pytest.approx(8 * 4, rel=0.05)
    assert (mask[:7, :3] == 1).all()
    assert (mask[:, 4:] == 0).all()


def test_a_region_beyond_the_map_is_cut_at_its_border() -> None:
    outline = np.array([[-50, -50], [500, -50], [500, 500], [-50, 500]], np.float32)
    assert (region_mask((2, 2), 8, outline) == 1).all()

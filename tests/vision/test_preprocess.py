"""Letterbox geometry: worked examples, and boxes that come back where they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.preprocess import (
    PAD_VALUE,
    compute_input_hw,
    compute_letterbox,
    compute_stretch,
)
from tests.builders import boxes, image


def test_full_hd_on_a_square() -> None:
    placement = compute_letterbox((0, 0, 1920, 1080), (640, 640))
    assert placement.size_wh == (640, 360)
    assert placement.offset_xy == (0, 140)


def test_boxes_come_back_in_picture_pixels_and_clipped() -> None:
    placement = compute_letterbox((0, 0, 1920, 1080), (640, 640))
    back = placement.to_picture(boxes((0, 140, 640, 500), (-50, 100, 100, 240)))
    assert back[0] == pytest.approx([0, 0, 1920, 1080])
    assert back[1] == pytest.approx([0, 0, 300, 300])


def test_a_region_comes_back_at_its_place() -> None:
    placement = compute_letterbox((100, 200, 420, 520), (640, 640))
    assert placement.to_picture(boxes((0, 0, 640, 640)))[0] == pytest.approx([100, 200, 420, 520])


def test_stretch_fills_the_canvas() -> None:
    placement = compute_stretch((0, 0, 600, 300), (300, 300))
    assert placement.to_picture(boxes((150, 150, 300, 300)))[0] == pytest.approx(
        [300, 150, 600, 300]
    )


def test_picture_and_margins_on_the_canvas() -> None:
    placement = compute_letterbox((0, 0, 200, 100), (64, 64))
    canvas = np.zeros((64, 64, 3), np.uint8)
    placement.clear_margins(canvas)
    placement.render(image(width=200, height=100, value=(10, 20, 30)), canvas)
    assert (canvas[16:48] == (10, 20, 30)).all()
    assert (canvas[:16] == PAD_VALUE).all() and (canvas[48:] == PAD_VALUE).all()


def test_equal_size_is_copied_untouched() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    canvas = np.zeros_like(picture)
    compute_letterbox((0, 0, 64, 64), (64, 64)).render(picture, canvas)
    assert (canvas == picture).all()


@given(
    st.integers(1, 4000),
    st.integers(1, 4000),
    st.sampled_from([(640, 640), (544, 960), (960, 544)]),
)
def test_the_whole_region_fits_the_canvas(width: int, height: int, hw: tuple[int, int]) -> None:
    placement = compute_letterbox((0, 0, width, height), hw)
    left, top = placement.offset_xy
    assert left >= 0 and top >= 0
    assert left + placement.size_wh[0] <= hw[1] and top + placement.size_wh[1] <= hw[0]
    corners = boxes((left, top, left + placement.size_wh[0], top + placement.size_wh[1]))
    assert placement.to_picture(corners)[0] == pytest.approx([0, 0, width, height], abs=1e-2)


@pytest.mark.parametrize(
    ("picture_hw", "size", "expected"),
    [
        ((1080, 1920), 960, (544, 960)),
        ((1920, 1080), 960, (960, 544)),
        ((500, 500), 640, (640, 640)),
        ((3, 4000), 640, (32, 640)),
    ],
)
def test_input_follows_the_picture_in_whole_strides(
    picture_hw: tuple[int, int], size: int, expected: tuple[int, int]
) -> None:
    assert compute_input_hw(picture_hw, size) == expected


def test_an_empty_region_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        compute_letterbox((5, 5, 5, 9), (64, 64))

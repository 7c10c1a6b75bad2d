"""How pictures are laid on the input."""

from __future__ import annotations

import numpy as np
import pytest

from backend.vision.adapters.openvino_network import MAX_SHAPES
from backend.vision.density.scaling import MULTIPLE, compute_scaling
from backend.vision.inference.shared_network import MAX_SIZES


@pytest.mark.parametrize(
    ("picture_wh", "long_px", "scaled_wh", "input_hw"),
    [
        ((1920, 1080), 768, (768, 432), (448, 768)),
        ((720, 1280), 768, (432, 768), (768, 448)),
        ((1000, 700), 768, (768, 538), (576, 768)),
        ((8000, 6000), 768, (768, 576), (576, 768)),
        ((1000, 999), 768, (768, 767), (768, 768)),
        ((3840, 1080), 768, (768, 216), (288, 768)),
        ((1920, 1080), 1000, (1000, 562), (592, 1008)),
        ((320, 240), 768, (640, 480), (576, 768)),  # twice as large at most
        ((5000, 1), 768, (768, 1), (288, 768)),
        ((1, 1), 768, (2, 2), (288, 768)),
    ],
)
def test_pictures_keep_their_shape(
    picture_wh: tuple[int, int],
    long_px: int,
    scaled_wh: tuple[int, int],
    input_hw: tuple[int, int],
) -> None:
    scaling = compute_scaling(picture_wh, long_px)

    assert scaling.scaled_wh == scaled_wh
    assert scaling.input_hw == input_hw
    assert all(side % MULTIPLE == 0 for side in scaling.input_hw)


@pytest.mark.parametrize("long_px", [128, 500, 768, 1024, 4096])
def test_pictures_of_every_shape_share_few_canvases(long_px: int) -> None:
    canvases = set()
    for short in range(1, 2001, 3):
        for picture_wh in ((2000, short), (short, 2000)):
            scaling = compute_scaling(picture_wh, long_px)
            canvases.add(scaling.input_hw)
            width, height = scaling.scaled_wh
            assert height <= scaling.input_hw[0] and width <= scaling.input_hw[1]

    assert len(canvases) == 7
    # One more for the picture a network is tried with when it is opened.
    assert len(canvases) < min(MAX_SHAPES, MAX_SIZES)


@pytest.mark.parametrize(
    ("picture_wh", "added"),
    [
        ((1920, 1080), 0.04),
        ((1920, 1088), 0.03),
        ((2688, 1520), 0.04),
        ((848, 480), 0.04),
        ((1024, 768), 0.0),
        ((1600, 1600), 0.0),
        ((3072, 2048), 0.13),
        ((1280, 800), 0.20),
        ((704, 576), 0.23),
        ((1280, 1024), 0.26),
        ((3840, 1080), 0.34),
        ((2560, 1080), 0.39),
    ],
)
def test_canvases_of_usual_cameras_add_little(picture_wh: tuple[int, int], added: float) -> None:
    scaling = compute_scaling(picture_wh, 768)
    canvas, picture = np.prod(scaling.input_hw), np.prod(scaling.scaled_wh)

    assert 0.0 <= canvas / picture - 1.0 <= added


def test_cells_are_exact_in_pixels_of_the_full_frame() -> None:
    scaling = compute_scaling((1000, 700), 768)

    width, height = scaling.cell_wh_px(8)
    assert width == 8 * 1000 / 768
    assert height == 8 * 700 / 538
    rows, columns = scaling.map_hw(8)
    assert (rows, columns) == (68, 96)  # of 72 x 96 on the input
    assert columns * width == pytest.approx(1000)
    assert (rows - 1) * height < 700 <= rows * height


def test_what_lies_beyond_the_picture_continues_its_border() -> None:
    scaling = compute_scaling((18, 17), 18)
    image = np.random.default_rng(1).integers(0, 256, (17, 18, 3), np.uint8)
    canvas = np.full((*scaling.input_hw, 3), 77, np.uint8)

    scaling.paint(scaling.resize(image), canvas)

    assert scaling.input_hw == (32, 32)
    np.testing.assert_array_equal(canvas[:17, :18], image)
    np.testing.assert_array_equal(canvas[:17, 18:], np.repeat(image[:, -1:], 14, axis=1))
    np.testing.assert_array_equal(canvas[17:], np.repeat(canvas[16:17], 15, axis=0))


def test_shrinking_averages() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, ::2] = 200

    small = compute_scaling((64, 64), 32).resize(image)

    assert small.shape == (32, 32, 3)
    np.testing.assert_array_equal(small, 100)


@pytest.mark.parametrize(("picture_wh", "long_px"), [((0, 10), 768), ((10, 0), 768), ((10, 10), 8)])
def test_what_has_no_size_is_refused(picture_wh: tuple[int, int], long_px: int) -> None:
    with pytest.raises(ValueError, match="at least 1 × 1 pixels"):
        compute_scaling(picture_wh, long_px)

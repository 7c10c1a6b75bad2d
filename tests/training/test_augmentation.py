"""Random crops: heads stay on the pixels they were labelled on."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from backend.core.frame import Image
from tests.builders import image
from training.augmentation import AugmentationParams, Crop, cut_crop, cut_texture, join_crops
from training.datasets.base import HeadArray

SIDE = 128
NOBODY = np.zeros((0, 2), np.float32)
_LEAST_DISC_PX = 1.5
"""Radius of a drawn head after the strongest reduction; labels are exact to a pixel."""


def only_geometry(**changes: float) -> AugmentationParams:
    still = {
        "light": 0.0,
        "gamma": 1.0,
        "colour": 0.0,
        "noise": 0.0,
        "grey_share": 0.0,
        "blur_share": 0.0,
        "jpeg_share": 0.0,
    }
    return AugmentationParams(crop_px=SIDE, **{**still, **changes})  # type: ignore[arg-type]


def dotted(width: int = 320, height: int = 240) -> tuple[Image, HeadArray]:
    """A dark picture with a white disc on every head, on a grid that is nowhere symmetric."""
    picture = image(width=width, height=height, value=10)
    points = [(x + y / 7, y) for x in range(11, width - 20, 31) for y in range(13, height - 8, 29)]
    heads = np.rint(points).astype(np.float32)
    for x, y in heads:
        cv2.circle(picture, (int(x), int(y)), 4, (255, 255, 255), -1)
    return picture, heads


def crops(params: AugmentationParams, count: int = 25) -> Iterator[Crop]:
    picture, heads = dotted()
    for seed in range(count):
        yield cut_crop(picture, heads, params, np.random.default_rng(seed))


def find_discs(picture: Image) -> HeadArray:
    """Centres of the bright discs that lie wholly in the picture, (N, 2)."""
    bright = (picture.min(axis=2) > 130).astype(np.uint8)
    _, _, boxes, centres = cv2.connectedComponentsWithStats(bright)
    side = picture.shape[0]
    inner = [
        centre
        for (x, y, w, h, _), centre in zip(boxes[1:], centres[1:], strict=True)
        if x > 0 and y > 0 and x + w < side and y + h < side
    ]
    return np.array(inner, np.float32).reshape(-1, 2)


@pytest.mark.parametrize("mirror_share", [0.0, 1.0])
@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (0.6, 0.7), (1.4, 1.5)])
def test_heads_follow_the_pixels(mirror_share: float, low: float, high: float) -> None:
    params = only_geometry(mirror_share=mirror_share, scale_low=low, scale_high=high)
    seen = 0
    for crop in crops(params):
        assert crop.picture.shape == (SIDE, SIDE, 3)
        for disc in find_discs(crop.picture):
            nearest = np.abs(crop.heads_px - disc).max(axis=1).min()
            assert nearest < _LEAST_DISC_PX
            seen += 1
        within = ((crop.heads_px > 8) & (crop.heads_px < SIDE - 8)).all(axis=1)
        for x, y in np.rint(crop.heads_px[within]).astype(int):
            assert crop.picture[y - 1 : y + 2, x - 1 : x + 2].max() > 130
    assert seen > 100


def test_every_head_lies_in_its_crop() -> None:
    for crop in crops(AugmentationParams(crop_px=SIDE), 40):
        assert (crop.heads_px.dtype, crop.picture.dtype) == (np.float32, np.uint8)
        assert ((crop.heads_px >= 0) & (crop.heads_px < SIDE)).all()
        assert crop.picture.flags.c_contiguous


def test_a_head_on_the_left_border_stays_inside_when_mirrored() -> None:
    picture = image(width=SIDE, height=SIDE)
    params = only_geometry(mirror_share=1.0, scale_low=1.0, scale_high=1.0)
    crop = cut_crop(picture, np.array([[0, 5]], np.float32), params, np.random.default_rng(0))
    assert crop.heads_px.shape == (1, 2)
    assert crop.heads_px[0, 0] < SIDE


def test_the_mirror_image_is_the_other_way_round() -> None:
    picture, heads = dotted()
    plain, mirrored = (
        cut_crop(picture, heads, only_geometry(mirror_share=share), np.random.default_rng(5))
        for share in (0.0, 1.0)
    )
    assert (mirrored.picture == plain.picture[:, ::-1]).all()
    expected = plain.heads_px * [-1, 1] + [SIDE - 1, 0]
    assert mirrored.heads_px == pytest.approx(expected, abs=1e-2)


def test_a_small_picture_lies_within_its_crop() -> None:
    picture, heads = dotted(width=80, height=60)
    params = only_geometry(scale_low=1.0, scale_high=1.0)
    for seed in range(10):
        crop = cut_crop(picture, heads, params, np.random.default_rng(seed))
        assert len(crop.heads_px) == len(heads)
        assert (crop.picture == 114).all(axis=2).sum() > SIDE * SIDE - 81 * 61 - 300


def test_chance_is_the_generator_alone() -> None:
    params = AugmentationParams(crop_px=SIDE)
    picture, heads = dotted()
    first, again, other = (
        cut_crop(picture, heads, params, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert (first.picture == again.picture).all()
    assert (first.heads_px == again.heads_px).all()
    assert (first.picture != other.picture).any()


def test_the_picture_itself_is_not_changed() -> None:
    picture, heads = dotted()
    before = (picture.copy(), heads.copy())
    cut_crop(picture, heads, AugmentationParams(crop_px=SIDE), np.random.default_rng(1))
    assert (picture == before[0]).all()
    assert (heads == before[1]).all()


def test_monochrome_crops_have_no_colour() -> None:
    colourful = image(width=200, height=200, value=(20, 120, 220))
    params = AugmentationParams(crop_px=SIDE, grey_share=1.0, noise=0.0, jpeg_share=0.0)
    crop = cut_crop(colourful, NOBODY, params, np.random.default_rng(2))
    assert (crop.picture[..., 0] == crop.picture[..., 2]).all()
    assert crop.heads_px.shape == (0, 2)


def test_colours_vary_one_by_one() -> None:
    params = only_geometry(colour=0.2)
    grey = image(width=200, height=200, value=100)
    crop = cut_crop(grey, NOBODY, params, np.random.default_rng(2))
    blue, green, red = crop.picture[0, 0].tolist()
    assert len({blue, green, red}) == 3
    assert all(80 <= each <= 120 for each in (blue, green, red))


def test_noise_has_at_most_the_deviation_asked_for() -> None:
    grey = image(width=200, height=200, value=100)
    deviations = [
        float(
            cut_crop(
                grey, NOBODY, only_geometry(noise=8.0), np.random.default_rng(seed)
            ).picture.std()
        )
        for seed in range(40)
    ]
    assert max(deviations) == pytest.approx(8.0, abs=1.0)
    assert sum(each == 0.0 for each in deviations) in range(10, 31)  # half of the crops has none


def test_compression_leaves_its_blocks() -> None:
    picture, heads = dotted()
    plain, packed = (
        cut_crop(picture, heads, only_geometry(jpeg_share=share), np.random.default_rng(5)).picture
        for share in (0.0, 1.0)
    )
    off = np.abs(plain.astype(int) - packed)
    assert 0.2 < off.mean() < 10


def test_a_joined_crop_holds_a_quarter_of_each() -> None:
    rng = np.random.default_rng(1)
    heads = rng.uniform(0, SIDE, (4, 200, 2)).astype(np.float32)
    parts = [
        Crop(image(width=SIDE, height=SIDE, value=50 * (number + 1)), heads[number])
        for number in range(4)
    ]
    for seed in range(10):
        joined = join_crops(parts, np.random.default_rng(seed))
        assert joined.picture.shape == (SIDE, SIDE, 3)
        corners = joined.picture[[0, 0, -1, -1], [0, -1, 0, -1], 0]
        assert corners.tolist() == [50, 100, 150, 200]
        seen = 0
        for number, own in enumerate(heads):
            values = joined.picture[own[:, 1].astype(int), own[:, 0].astype(int), 0]
            expected = own[values == 50 * (number + 1)]
            assert len(expected) > 0
            found = (joined.heads_px[:, None] == expected).all(axis=2).any(axis=0)
            assert found.all()
            seen += len(expected)
        assert len(joined.heads_px) == seen


def test_a_texture_is_lit_and_spoilt_as_pictures_are_and_holds_nobody() -> None:
    still = cut_texture(only_geometry(), np.random.default_rng(6))
    varied = cut_texture(only_geometry(grey_share=1.0, light=0.25), np.random.default_rng(6))
    assert still.picture.shape == varied.picture.shape == (SIDE, SIDE, 3)
    assert len(still.heads_px) == len(varied.heads_px) == 0
    assert np.ptp(still.picture.astype(int), axis=2).max() > 20
    assert np.ptp(varied.picture.astype(int), axis=2).max() == 0


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"crop_px": 100}, "multiple of 16"),
        ({"crop_px": 48}, "at least 64"),
        ({"scale_low": 0.0}, "scale_low"),
        ({"scale_low": 3.0}, "scale_low"),
        ({"mosaic_share": 1.1}, "mosaic_share must be"),
        ({"texture_share": -0.1}, "texture_share must be"),
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        AugmentationParams(**wrong)  # type: ignore[arg-type]

"""Which pictures may be counted, and how flat ones are spread."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.density.picture_fit import (
    USUAL_SPREAD,
    Exposure,
    find_doubt,
    measure_exposure,
    spread_levels,
)

Picture = npt.NDArray[np.uint8]
HW = (240, 320)


def noisy(level: float, noise: float) -> Picture:
    drawn = np.random.default_rng(3).normal(level, noise, (*HW, 3))
    return np.clip(drawn, 0, 255).astype(np.uint8)


def street(*, gain: float = 1.0, offset: float = 0.0) -> Picture:
    """Return a dark ground with bright figures, darkened and lifted."""
    drawn = np.full((*HW, 3), 30.0)
    for column in range(10, 310, 30):
        drawn[60:200, column : column + 12] = 220.0
    return np.clip(drawn * gain + offset, 0, 255).astype(np.uint8)


def doubt_of(picture: Picture) -> str:
    picture_wh = (picture.shape[1], picture.shape[0])
    return find_doubt(measure_exposure(picture), picture_wh, scaled_wh=picture_wh)


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (np.zeros((*HW, 3), np.uint8), "too dark"),
        (noisy(10, 6), "too dark"),
        (np.full((*HW, 3), 128, np.uint8), "too little contrast"),
        (np.full((*HW, 3), 255, np.uint8), "too little contrast"),
        (noisy(120, 12), "too little contrast"),
        (street(gain=0.1), "too dark"),
        (street(gain=0.1, offset=100), "too little contrast"),
        (np.zeros((40, 800, 3), np.uint8), "too small to count people in: 800 × 40 pixels"),
    ],
)
def test_pictures_that_say_nothing_are_doubted(picture: Picture, told: str) -> None:
    assert told in doubt_of(picture)


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.5, 0.0), (0.25, 0.0), (0.3, 120.0)])
def test_dark_and_pale_pictures_that_show_people_are_not(gain: float, offset: float) -> None:
    assert doubt_of(street(gain=gain, offset=offset)) == ""


def test_a_usual_picture_stays_as_it_is() -> None:
    picture = street()

    assert spread_levels(picture, measure_exposure(picture)) is picture


@pytest.mark.parametrize(("gain", "offset"), [(0.25, 0.0), (0.3, 120.0), (0.3, 180.0)])
def test_flat_pictures_are_spread_without_losing_an_end(gain: float, offset: float) -> None:
    picture = street(gain=gain, offset=offset)

    spread = spread_levels(picture, measure_exposure(picture))

    assert measure_exposure(spread).spread == pytest.approx(USUAL_SPREAD, abs=6)
    assert spread.min() > 0
    assert spread.max() < 255


def test_spreading_begins_without_a_jump() -> None:
    picture = street()
    exposure = Exposure(10.0, 10.0 + USUAL_SPREAD - 0.2)

    spread = spread_levels(picture, exposure)

    assert np.abs(spread.astype(int) - picture).max() <= 1


def test_a_picture_of_one_pixel_is_measured() -> None:
    exposure = measure_exposure(np.full((1, 1, 3), 50, np.uint8))

    assert exposure == Exposure(50.0, 50.0)
    assert "too small" in find_doubt(exposure, (1, 1), scaled_wh=(2, 2))


@pytest.mark.parametrize(
    ("picture_wh", "scaled_wh", "told"),
    [
        ((20000, 64), (768, 2), "too narrow to count people in: 20000 × 64 pixels become 768 × 2"),
        ((150, 1920), (60, 768), "too narrow"),
        ((768, 64), (768, 64), ""),
        ((40, 80), (80, 160), "too small"),  # enlarging adds nothing
    ],
)
def test_a_strip_must_be_wide_enough_for_the_network_too(
    picture_wh: tuple[int, int], scaled_wh: tuple[int, int], told: str
) -> None:
    doubt = find_doubt(Exposure(30.0, 220.0), picture_wh, scaled_wh=scaled_wh)

    assert doubt.startswith("The picture is " + told) if told else doubt == ""


@pytest.mark.assets
@pytest.mark.parametrize(
    "clip",
    [
        "street-night-dense.mp4",
        "stadium-stand-dense.mp4",
        "atrium-escalator.mp4",
        "town-centre.mp4",
        "concourse-high.mp4",
        "mall-door.mp4",
    ],
)
def test_no_clip_is_doubted_and_the_dense_ones_stay_as_they_are(assets: Path, clip: str) -> None:
    video = cv2.VideoCapture(str(assets / "videos" / clip))
    try:
        is_read, picture = video.read()
    finally:
        video.release()

    assert is_read
    exposure = measure_exposure(np.asarray(picture, np.uint8))
    assert doubt_of(np.asarray(picture, np.uint8)) == ""
    assert exposure.spread > USUAL_SPREAD

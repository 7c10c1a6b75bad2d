"""Pictures from strangers: read right, or refused with a sentence before they cost anything."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from backend.core.errors import InvalidInputError, TooLargeError, UnsupportedFormatError
from backend.vision.picture_header import PictureKind
from backend.vision.still_image import StillLimits, decode_still
from tests.vision import still_pictures as given

STATUS = {UnsupportedFormatError: 415, TooLargeError: 413, InvalidInputError: 422}
BLUE_CORNER, BLUE_REST = given.CORNER[::-1], given.REST[::-1]


def near(pixel: np.ndarray, colour: tuple[int, ...], *, within: int = 12) -> bool:
    return bool((np.abs(pixel.astype(int) - colour) <= within).all())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (given.jpeg(), PictureKind.JPEG),
        (given.jpeg(progressive=True), PictureKind.JPEG),
        (given.encode(given.picture().convert("CMYK"), "JPEG", quality=95), PictureKind.JPEG),
        (given.jpeg() + b"a film behind it \xff\xda\xff\xda" * 50, PictureKind.JPEG),
        (given.png(), PictureKind.PNG),
        (given.encode(given.picture().convert("P", palette=1, colors=8), "PNG"), PictureKind.PNG),
        (given.encode(given.picture().convert("RGBA"), "PNG"), PictureKind.PNG),
        (given.encode(given.picture(), "WEBP", quality=95), PictureKind.WEBP),
        (given.encode(given.picture(), "WEBP", lossless=True), PictureKind.WEBP),
        (given.encode(given.picture().convert("RGBA"), "WEBP", quality=95), PictureKind.WEBP),
    ],
    ids=[
        "jpeg", "progressive", "cmyk", "jpeg-with-film", "png", "palette", "png-alpha",
        "webp", "webp-lossless", "webp-alpha",
    ],
)  # fmt: skip
def test_colours_and_sides_are_those_of_the_picture(content: bytes, kind: PictureKind) -> None:
    read = decode_still(content)
    assert (read.kind, read.picture_wh) == (kind, given.WH)
    assert (read.image.dtype, read.image.shape) == (np.uint8, (64, 96, 3))
    assert near(read.image[8, 8], BLUE_CORNER)
    assert near(read.image[8, 80], BLUE_REST)
    assert near(read.image[56, 8], BLUE_REST)


@pytest.mark.parametrize("mode", ["L", "1", "LA"])
def test_greys_become_three_equal_colours(mode: str) -> None:
    read = decode_still(given.encode(given.picture().convert(mode), "PNG"))
    assert (np.ptp(read.image, axis=2) == 0).all()
    assert read.image.max() > read.image.min()


@pytest.mark.parametrize("content", [given.deep_png(), given.deep_grey_png()])
def test_sixteen_bits_are_scaled_not_cut_off(content: bytes) -> None:
    red = decode_still(content).image[20, :, 2].astype(int)
    assert (red[0], red[32], red[-1]) == (0, 130, 255)
    assert (np.diff(red) >= 4).all()


def test_what_is_transparent_shows_grey_and_not_what_was_left_below() -> None:
    pixels = np.zeros((64, 96, 4), np.uint8)
    pixels[:, :48] = (255, 0, 0, 255)
    pixels[:, 48:] = (0, 255, 0, 0)
    read = decode_still(given.encode(Image.fromarray(pixels), "PNG"))
    assert read.image[10, 10].tolist() == [0, 0, 255]
    assert read.image[10, 80].tolist() == [114, 114, 114]


@pytest.mark.parametrize(
    ("orientation", "wh", "corner_yx"),
    [
        (1, (96, 64), (8, 8)),
        (2, (96, 64), (8, 88)),
        (3, (96, 64), (56, 88)),
        (4, (96, 64), (56, 8)),
        (5, (64, 96), (8, 8)),
        (6, (64, 96), (8, 56)),
        (7, (64, 96), (88, 56)),
        (8, (64, 96), (88, 8)),
        (99, (96, 64), (8, 8)),
    ],
)
def test_a_turned_camera_gives_an_upright_picture(
    orientation: int, wh: tuple[int, int], corner_yx: tuple[int, int]
) -> None:
    read = decode_still(given.turned(orientation))
    assert read.picture_wh == wh
    assert near(read.image[corner_yx], BLUE_CORNER)
    opposite = (wh[1] - 1 - corner_yx[0], wh[0] - 1 - corner_yx[1])
    assert near(read.image[opposite], BLUE_REST)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_spoilt_exif_data_spoils_no_picture() -> None:
    read = decode_still(given.jpeg(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff junk"))
    assert near(read.image[8, 8], BLUE_CORNER)


def test_a_picture_may_not_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        decode_still(given.png()).image[0, 0] = 0


@pytest.mark.parametrize("name", given.HOSTILE)
def test_hostile_and_broken_files_are_refused_with_a_sentence(name: str) -> None:
    content, status, word = given.HOSTILE[name]
    with pytest.raises(InvalidInputError) as refused:
        decode_still(content)
    assert STATUS[type(refused.value)] == status
    assert refused.value.field == "image"
    assert word in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    content = given.bomb()
    assert len(content) < 10_000
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            decode_still(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_bytes_and_pixels_have_limits_of_their_own() -> None:
    content = given.png()
    with pytest.raises(TooLargeError, match="MB"):
        decode_still(content, StillLimits(max_bytes=len(content) - 1))
    with pytest.raises(TooLargeError, match="96 × 64"):
        decode_still(content, StillLimits(max_pixels=96 * 64 - 1))
    limits = StillLimits(max_bytes=len(content), max_pixels=96 * 64)
    assert decode_still(content, limits).picture_wh == given.WH


@pytest.mark.filterwarnings("ignore")  # Pillow's own, of what it passes over
def test_every_shortened_and_every_scribbled_file_is_read_or_refused() -> None:
    random = np.random.default_rng(4)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = given.encode(given.picture((40, 40)), kind)
        for cut in range(0, len(whole), 7):
            read_or_refused(whole[:cut])
        for _ in range(150):
            scribbled = np.frombuffer(whole, np.uint8).copy()
            at = random.integers(0, len(whole), 4)
            scribbled[at] = random.integers(0, 256, 4)
            read_or_refused(scribbled.tobytes())


def read_or_refused(content: bytes) -> None:
    try:
        image = decode_still(content, StillLimits(max_pixels=10_000)).image
    except InvalidInputError as refused:
        assert refused.field == "image"
    else:
        assert image.shape[2] == 3
        assert image.size <= 30_000


def test_pictures_of_one_moment_behind_a_jpeg_are_passed_over() -> None:
    file = io.BytesIO()
    given.picture().save(file, "MPO", save_all=True, append_images=[given.picture()])
    assert decode_still(file.getvalue()).picture_wh == given.WH

"""What becomes of the picture of a plan: bounded, drawn anew, nothing hidden in it survives."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from backend.core.errors import InvalidInputError, TooLargeError, UnsupportedFormatError
from backend.services.floor_plans.picture import LONGEST_PX, redraw_plan
from tests.vision import still_pictures as given

WH = (320, 240)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])


def test_lines_stay_sharp_and_photographs_small() -> None:
    drawn, photographed = redraw_plan(given.png(WH)), redraw_plan(given.jpeg(WH))
    assert (drawn.suffix, drawn.width, drawn.height) == (".png", *WH)
    assert opened(drawn.content).convert("RGB").getpixel((0, 0)) == given.CORNER
    assert photographed.suffix == ".jpg"
    assert opened(photographed.content).size == WH


def test_a_large_plan_is_scaled_down_with_its_aspect() -> None:
    plan = redraw_plan(given.encode(Image.new("L", (6000, 1500), 255), "PNG"))
    assert (plan.width, plan.height) == (LONGEST_PX, 1024)
    assert opened(plan.content).size == (LONGEST_PX, 1024)


def test_a_plan_that_png_cannot_make_small_becomes_a_jpeg() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1700, 1700, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "WEBP", quality=80)
    assert redraw_plan(file.getvalue()).suffix == ".jpg"


def test_transparent_plans_lie_on_white_paper() -> None:
    plan = redraw_plan(given.encode(Image.new("RGBA", WH, (0, 0, 0, 0)), "PNG"))
    assert opened(plan.content).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_where_it_was_taken_and_what_is_hidden_in_it_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker of secrets"
    plan = redraw_plan(given.jpeg(WH, exif=exif, comment=b"<script>alert(1)</script>") + b"PK\3\4")
    for hidden in (b"Maker of secrets", b"<script>", b"PK\3\4", b"Exif"):
        assert hidden not in plan.content


@pytest.mark.parametrize("name", given.HOSTILE)
def test_what_is_no_plan_is_refused_naming_the_field(name: str) -> None:
    content, status, _ = given.HOSTILE[name]
    with pytest.raises(InvalidInputError) as caught:
        redraw_plan(content)
    assert caught.value.field == "plan"
    assert isinstance(caught.value, TooLargeError) == (status == 413)
    assert isinstance(caught.value, UnsupportedFormatError) == (status == 415)


@pytest.mark.parametrize("name", ["svg", "pdf"])
def test_drawings_are_told_what_to_do(name: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=r"Export a drawing .* as PNG"):
        redraw_plan(given.HOSTILE[name][0])


def test_too_few_pixels_and_too_many() -> None:
    with pytest.raises(InvalidInputError, match="99 × 240"):
        redraw_plan(given.png((99, 240)))
    with pytest.raises(TooLargeError, match="40 million"):
        redraw_plan(given.raw_png((8000, 5001), bits=1, colours=0, rows=b""))

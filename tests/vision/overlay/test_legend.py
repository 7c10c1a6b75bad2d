"""The legend stays inside the picture and out of the labels' way."""

from __future__ import annotations

import numpy as np
import pytest

from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.legend import Legend, draw_legend
from tests import builders


@pytest.mark.parametrize("wh", [(1920, 1080), (480, 270), (120, 90), (17, 9)])
def test_it_reserves_what_it_covers_at_the_lower_right(wh: tuple[int, int]) -> None:
    canvas = Canvas.over(builders.image(width=wh[0], height=wh[1], value=90), wh)
    draw_legend(canvas, Legend("people", ((0.0, "0"), (0.5, "5"), (1.0, "10")), "counted"))
    ((x0, y0, x1, y1),) = canvas.reserved
    assert x1 <= wh[0]
    assert y1 <= wh[1]
    changed = (canvas.image != 90).any(axis=2)
    changed[max(y0, 0) : y1, max(x0, 0) : x1] = False
    assert not changed.any()


def test_a_note_makes_it_taller() -> None:
    heights = []
    for note in ("", "counted on the density map"):
        canvas = Canvas.over(builders.image(width=960, height=540), (960, 540))
        draw_legend(canvas, Legend("people/m²", ((0.0, "0"),), note))
        heights.append(canvas.reserved[0][3] - canvas.reserved[0][1])
    assert heights[1] > heights[0]


def test_a_tick_stands_at_its_place() -> None:
    pictures = []
    for place in (0.25, 0.75):
        canvas = Canvas.over(builders.image(width=960, height=540), (960, 540))
        draw_legend(canvas, Legend("people", ((place, "5"),)))
        pictures.append(canvas.image.astype(int))
    x0, _, x1, _ = canvas.reserved[0]
    differs = np.abs(pictures[0] - pictures[1]).max(axis=(0, 2))
    columns = np.flatnonzero(differs)
    assert columns.min() == pytest.approx(x0 + 0.25 * (x1 - x0), abs=14)
    assert columns.max() == pytest.approx(x0 + 0.75 * (x1 - x0), abs=14)

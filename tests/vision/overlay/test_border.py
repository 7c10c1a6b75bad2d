"""The picture somebody counts: as it came, with the border of what is counted."""

from __future__ import annotations

import numpy as np

from backend.vision.overlay.border import LARGEST_WIDTH_PX, render_bordered
from tests import builders

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def test_without_a_place_it_is_the_picture() -> None:
    picture = builders.scenery(320, 240)
    shown = render_bordered(picture)
    assert np.array_equal(shown, picture)
    assert shown is not picture


def test_a_border_is_all_that_is_drawn() -> None:
    picture = builders.image(value=90)
    shown = render_bordered(picture, SQUARE, colour=(0, 0, 255))
    changed = (shown != 90).any(axis=2)
    assert (picture == 90).all(), "the picture is nobody's to draw on"
    assert tuple(shown[60, 160]) == (0, 0, 255)
    assert changed[60, 90:230].all() and changed[70:170, 80].all()
    assert not changed[70:170, 90:230].any() and not changed[:50].any()


def test_a_huge_picture_is_made_smaller() -> None:
    shown = render_bordered(np.zeros((40, 2 * LARGEST_WIDTH_PX, 3), np.uint8), SQUARE)
    assert shown.shape == (20, LARGEST_WIDTH_PX, 3)

"""The map colours density as the video does: the page's stops are those of the overlay's ramp."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from backend.vision.overlay.ground_heat import BAND_EDGES_PER_M2, FULL_SCALE_PER_M2
from backend.vision.overlay.heat_colours import draw_ramp

SCALE = Path(__file__).parents[3] / "frontend" / "static" / "js" / "lib" / "heat_scale.js"


def test_the_stops_of_the_page_lie_on_the_ramp_of_the_video() -> None:
    text = SCALE.read_text(encoding="utf-8")
    stops = [bytes.fromhex(code) for code in re.findall(r'"#([0-9a-f]{6})"', text)]
    image = np.zeros((1, 256, 3), np.uint8)
    draw_ramp(image, (0, 0, 256, 1))
    ramp = image[0, :, ::-1].astype(float)
    places = np.linspace(0, 255, len(stops))
    given = np.array([list(stop) for stop in stops], float)
    mixed = np.stack([np.interp(range(256), places, given[:, i]) for i in range(3)], axis=1)
    assert np.abs(mixed - ramp).max() < 4  # of 255: nobody sees that


def test_top_and_marks_of_the_scale_are_the_same() -> None:
    text = SCALE.read_text(encoding="utf-8")
    ticks = ", ".join(f"{edge:g}" for edge in (0.0, *BAND_EDGES_PER_M2))
    assert f"FULL_SCALE_PER_M2 = {FULL_SCALE_PER_M2:g};" in text
    assert f"TICKS_PER_M2 = [{ticks}];" in text

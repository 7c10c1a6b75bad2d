from __future__ import annotations

import numpy as np
import pytest

from backend.vision.flow_cells import (
    FlowArray,
    GreyArray,
    cell_medians,
    measure_texture,
    refine,
)
from tests.vision.moving_pictures import Scenery

SIZE = 8


def _grey(seed: int, shift: tuple[float, float] = (0.0, 0.0)) -> GreyArray:
    seen = Scenery(seed, grain_px=1.5).seen(np.array(shift))[:272, :480]
    return np.clip(seen.round(), 0, 255).astype(np.uint8)


def _start(x: float, y: float) -> FlowArray:
    return np.tile(np.array([x, y], np.float32), (34, 60, 1))


def test_refinement_finds_what_the_search_missed_by_up_to_a_pixel() -> None:
    found = refine(measure_texture(_grey(1), SIZE), _grey(1, (1.5, -0.75)), _start(1.0, -1.25))
    inner = found.moved[2:-2, 2:-2]
    assert np.median(inner, axis=(0, 1)) == pytest.approx([1.5, -0.75], abs=0.06)
    assert np.median(found.mismatch[2:-2, 2:-2]) < 0.02


def test_refinement_never_leaves_the_search_by_more_than_a_pixel() -> None:
    found = refine(measure_texture(_grey(1), SIZE), _grey(1, (6.0, 0.0)), _start(0.0, 0.0))
    assert np.abs(found.moved).max() <= 1.0 + 1e-6


def test_another_picture_does_not_match() -> None:
    found = refine(measure_texture(_grey(1), SIZE), _grey(2), _start(0.0, 0.0))
    assert np.median(found.mismatch) > 0.5


def test_a_flat_picture_stays_finite_and_has_no_texture() -> None:
    flat = np.full((272, 480), 90, np.uint8)
    texture = measure_texture(flat, SIZE)
    found = refine(texture, flat, _start(0.5, 0.5))
    assert texture.strength == pytest.approx(0.0, abs=1e-4)
    assert np.isfinite(found.moved).all()


def test_texture_counts_in_its_weaker_direction() -> None:
    x = np.arange(480) * np.ones((272, 1))
    stripes = (128 + 60 * np.sin(x / 3)).astype(np.uint8)
    texture = measure_texture(stripes, SIZE)
    assert np.median(texture.xx) > 50
    assert np.median(texture.strength) < 1


def test_the_median_of_a_cell_is_not_moved_by_its_corner() -> None:
    flow = np.zeros((16, 24, 2), np.float32)
    flow[:, 8:16] = (2.0, -1.0)
    flow[:3, 8:11] = 50.0
    medians = cell_medians(flow, SIZE)
    assert medians.shape == (2, 3, 2)
    assert medians[0, 1].tolist() == [2.0, -1.0]
    assert (medians[:, 0] == 0).all()

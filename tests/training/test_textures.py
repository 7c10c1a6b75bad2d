"""Made-up textures: varied, never flat, the same for the same chance."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import Image
from training.textures import make_texture

SIDE = 128


def textures(count: int) -> list[Image]:
    return [make_texture(SIDE, np.random.default_rng(seed)) for seed in range(count)]


def test_a_texture_is_a_picture_of_the_size_asked_for() -> None:
    for texture in textures(24):
        assert texture.shape == (SIDE, SIDE, 3)
        assert texture.dtype == np.uint8
        assert texture.flags.c_contiguous


def test_the_same_chance_makes_the_same_texture() -> None:
    again = textures(12)
    for number, texture in enumerate(textures(12)):
        assert (texture == again[number]).all()
        assert all((texture != other).any() for other in again[:number])


def test_hardly_any_is_so_flat_that_nothing_could_be_learned_from_it() -> None:
    deviations = [float(texture.std(axis=(0, 1)).max()) for texture in textures(60)]
    assert np.quantile(deviations, 0.1) > 6


def test_coarse_and_fine_ones_are_made() -> None:
    def turns(texture: Image) -> float:
        """Share of neighbouring pixels that differ by more than a little."""
        return float((np.abs(np.diff(texture.astype(int), axis=1)).max(axis=2) > 12).mean())

    shares = [turns(texture) for texture in textures(60)]
    assert min(shares) < 0.1
    assert max(shares) > 0.6


@pytest.mark.parametrize("side", [64, 160, 384])
def test_any_side_is_filled_to_the_edges(side: int) -> None:
    for seed in range(16):
        texture = make_texture(side, np.random.default_rng(seed))
        for edge in (texture[0], texture[-1], texture[:, 0], texture[:, -1]):
            assert edge.max() > 0

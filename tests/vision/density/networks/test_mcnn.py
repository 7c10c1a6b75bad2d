"""MCNN: size and shape."""

from __future__ import annotations

import pytest
import torch

from backend.vision.density.networks.blocks import count_parameters
from backend.vision.density.networks.mcnn import Mcnn


def test_it_is_as_large_as_published() -> None:
    assert count_parameters(Mcnn()) == pytest.approx(130_000, rel=0.05)


def test_a_cell_is_four_pixels() -> None:
    network = Mcnn().eval()
    with torch.inference_mode():
        found = network(torch.randn(2, 3, 48, 64))
    assert network.stride == 4
    assert (found.shape, found.dtype) == ((2, 1, 12, 16), torch.float32)
    assert (found >= 0).all()

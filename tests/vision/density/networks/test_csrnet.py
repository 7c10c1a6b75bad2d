"""CSRNet: size and shape."""

from __future__ import annotations

import pytest
import torch

from backend.vision.density.networks.blocks import count_parameters
from backend.vision.density.networks.csrnet import CsrNet


def test_size_and_shape_are_as_published() -> None:
    network = CsrNet().eval()
    assert count_parameters(network) == pytest.approx(16_260_000, rel=0.01)
    with torch.inference_mode():
        found = network(torch.randn(1, 3, 32, 48))
    assert network.stride == 8
    assert (found.shape, found.dtype) == ((1, 1, 4, 6), torch.float32)
    assert (found >= 0).all()
    # Trained from nothing it must begin where it learns: near a tenth of a person per cell.
    assert 0.0 < float(found.mean()) < 2.0

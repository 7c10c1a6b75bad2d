"""SANet: size, shape, cells that sum their pixels, and a beginning from which it learns."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from backend.vision.density.networks.blocks import count_parameters
from backend.vision.density.networks.sanet import SaNet, ScaleAggregation


def test_it_is_about_as_large_as_published() -> None:
    assert count_parameters(SaNet()) == pytest.approx(910_000, rel=0.05)


@pytest.mark.parametrize("hw", [(16, 16), (32, 48)])
def test_a_cell_is_eight_pixels(hw: tuple[int, int]) -> None:
    network = SaNet().eval()
    with torch.inference_mode():
        found = network(torch.randn(2, 3, *hw))
    assert network.stride == 8
    assert (found.shape, found.dtype) == ((2, 1, hw[0] // 8, hw[1] // 8), torch.float32)
    assert (found >= 0).all()


def test_a_cell_is_the_sum_of_its_pixels() -> None:
    network = SaNet().eval()
    picture = torch.randn(1, 3, 32, 48)
    with torch.inference_mode():
        pixels = network.density_of_pixels(picture)
        cells = network(picture)
    assert pixels.shape == (1, 1, 32, 48)
    blocks = pixels.reshape(4, 8, 6, 8).sum(dim=(1, 3))
    assert torch.allclose(blocks, cells[0, 0], atol=1e-5)


def test_every_module_joins_four_sizes_of_filters() -> None:
    found = ScaleAggregation(64, 128)(torch.randn(1, 64, 8, 8))
    assert found.shape == (1, 128, 8, 8)
    sizes = [
        [each.kernel_size[0] for each in branch.modules() if isinstance(each, nn.Conv2d)]
        for branch in ScaleAggregation(64, 128).branches
    ]
    assert sizes == [[1], [1, 3], [1, 5], [1, 7]]


@pytest.mark.parametrize("seed", range(5))
def test_it_begins_alive_whatever_the_seed(seed: int) -> None:
    torch.manual_seed(seed)
    network = SaNet()
    found = network(torch.randn(1, 3, 32, 32))
    assert 0.0 < float(found.detach().mean()) < 1.0
    found.sum().backward()
    silent = [
        name
        for name, values in network.named_parameters()
        if values.grad is None or not values.grad.abs().sum() > 0
    ]
    assert silent == []


def test_it_learns_where_people_are() -> None:
    network = SaNet()
    picture = torch.zeros(1, 3, 32, 32)
    picture[..., 10:14, 18:22] = 2.0
    wanted = torch.zeros(1, 1, 4, 4)
    wanted[..., 1, 2] = 1.0
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    first = last = 0.0
    for step in range(12):
        loss = (network(picture) - wanted).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        last = float(loss.detach())
        first = last if step == 0 else first
    assert last < 0.5 * first

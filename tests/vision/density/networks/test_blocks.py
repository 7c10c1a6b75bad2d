"""Building blocks: the folded normalisation gives what the plain one does."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from backend.vision.density.networks.blocks import (
    FoldingSequential,
    InvertedResidual,
    conv_norm,
    conv_relu,
    count_parameters,
    double,
    seed_everything,
)


def with_statistics(network: nn.Module) -> nn.Module:
    """Give every normalisation statistics and weights as training leaves them."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    return network


def plain(layers: nn.Sequential) -> nn.Sequential:
    """The same layers, one after the other."""
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    "block",
    [
        conv_norm(3, 8, 3, stride=2),
        conv_norm(6, 6, 3, groups=6, dilation=2),
        conv_norm(3, 8, 1, is_linear=True),
        InvertedResidual(8, 8).conv,
        InvertedResidual(8, 12, stride=2, expand=2, dilation=3).conv,
        InvertedResidual(8, 8, expand=1).conv,
    ],
)
def test_folding_changes_nothing_in_evaluation(block: FoldingSequential) -> None:
    with_statistics(block).eval()
    assert isinstance(block, FoldingSequential)
    channels = next(each for each in block.modules() if isinstance(each, nn.Conv2d)).in_channels
    picture = torch.randn(2, channels, 16, 24)
    assert torch.allclose(block(picture), plain(block)(picture), atol=1e-5)


def test_training_uses_the_statistics_of_the_batch() -> None:
    block = conv_norm(3, 4, 3)
    block.train()
    found = block(torch.randn(4, 3, 16, 16) * 5 + 3)
    assert found.min() == 0.0
    norm = block[1]
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.num_batches_tracked == 1


def test_gradients_pass_through_the_folding() -> None:
    block = conv_norm(3, 4, 3)
    block.eval()
    block(torch.randn(1, 3, 8, 8)).sum().backward()
    assert all(each.grad is not None for each in block.parameters())


def gradients(block: nn.Sequential, picture: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(block(picture).square().sum(), list(block.parameters())))


def test_gradients_are_those_of_the_plain_layers() -> None:
    block = conv_norm(3, 4, 3)
    with_statistics(block).eval()
    picture = torch.randn(1, 3, 8, 8)
    pairs = zip(gradients(block, picture), gradients(plain(block), picture), strict=True)
    for folded, wanted in pairs:
        assert torch.allclose(folded, wanted, rtol=1e-3, atol=1e-4)


def test_the_input_is_added_where_the_shapes_allow() -> None:
    picture = torch.randn(1, 8, 8, 8)
    for block, adds in (
        (InvertedResidual(8, 8), True),
        (InvertedResidual(8, 8, stride=2), False),
        (InvertedResidual(8, 6), False),
    ):
        with_statistics(block).eval()
        inner = block.conv(picture)
        assert torch.equal(block(picture), picture + inner if adds else inner)


def test_plain_convolutions_keep_the_size() -> None:
    for size, dilation in ((3, 1), (3, 2), (9, 1)):
        found = conv_relu(2, 3, size, dilation=dilation)(torch.randn(1, 2, 16, 20))
        assert found.shape == (1, 3, 16, 20)
        assert found.min() >= 0


def test_doubling_and_counting() -> None:
    assert double(torch.ones(1, 2, 4, 6), torch.ones(1, 1, 8, 12)).shape == (1, 2, 8, 12)
    assert count_parameters(nn.Conv2d(2, 3, 3)) == 2 * 3 * 9 + 3


def test_chance_is_the_seed_alone() -> None:
    drawn = []
    for seed in (1, 1, 2):
        seed_everything(seed)
        drawn.append(torch.rand(4))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        (conv_norm(8, 8, 3, groups=8, stride=2, is_linear=True), torch.float32),
        (conv_norm(8, 8, 3, groups=8, dilation=2, is_linear=True), torch.float32),
        (conv_norm(8, 8, 3, groups=8, is_linear=True), torch.bfloat16),
        (conv_norm(8, 8, 1, is_linear=True), torch.bfloat16),
    ],
)
def test_slow_filters_keep_single_precision(block: FoldingSequential, kind: torch.dtype) -> None:
    with_statistics(block).eval()
    picture = torch.randn(2, 8, 16, 16)
    whole = block(picture)
    with torch.autocast("cpu", torch.bfloat16):
        narrow = block(picture.bfloat16())
    assert narrow.dtype == kind
    assert torch.allclose(narrow.float(), whole, atol=0.1)
    narrow.float().sum().backward()
    assert all(
        torch.isfinite(each.grad).all() for each in block.parameters() if each.grad is not None
    )

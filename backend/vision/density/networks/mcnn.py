"""MCNN: three columns of large, middle and small filters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from backend.vision.density.networks.blocks import conv_relu

_COLUMNS = ((9, 7, 16), (7, 5, 20), (5, 3, 24))
"""First filter, further filters, and channels of every column."""


class Mcnn(nn.Module):
    """Multi-column network, people per cell of 4 x 4 pixels, 0.13 M parameters.

    References:
        Zhang et al. 2016, Single-Image Crowd Counting via Multi-Column Convolutional Neural
        Network, doi:10.1109/CVPR.2016.70.
    """

    stride = 4

    def __init__(self) -> None:
        super().__init__()
        self.columns = nn.ModuleList(
            nn.Sequential(
                conv_relu(3, channels, first),
                nn.MaxPool2d(2),
                conv_relu(channels, 2 * channels, further),
                nn.MaxPool2d(2),
                conv_relu(2 * channels, channels, further),
                conv_relu(channels, channels // 2, further),
            )
            for first, further, channels in _COLUMNS
        )
        self.to_density = nn.Conv2d(sum(each[2] // 2 for each in _COLUMNS), 1, 1)
        nn.init.constant_(self.to_density.bias, 0.05)

    def forward(self, picture: Tensor) -> Tensor:
        """Count people; (B, 3, H, W) to (B, 1, H / 4, W / 4) float32, see `LightNetwork`."""
        columns = [column(picture) for column in self.columns]
        return torch.relu(self.to_density(torch.cat(columns, dim=1)))

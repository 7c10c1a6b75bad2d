"""CSRNet: VGG-16's first ten convolutions and six dilated ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from backend.vision.density.networks.blocks import conv_relu

_FRONT = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512)
"""Channels of the front end's convolutions; 0 = halve the picture."""

_BACK = (512, 512, 512, 256, 128, 64)


class CsrNet(nn.Module):
    """Congested scene recognition, people per cell of 8 x 8 pixels, 16 M parameters.

    The published results rest on ImageNet weights of VGG-16, which no package carries: trained
    from nothing on a few hundred pictures it stays behind them.

    References:
        Li, Zhang & Chen 2018, CSRNet: Dilated Convolutional Neural Networks for Understanding
        the Highly Congested Scenes, doi:10.1109/CVPR.2018.00120 (back end B).
    """

    stride = 8

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for outputs in _FRONT:
            if outputs == 0:
                layers.append(nn.MaxPool2d(2))
                continue
            layers.append(conv_relu(channels, outputs))
            channels = outputs
        self.front_end = nn.Sequential(*layers)
        self.back_end = nn.Sequential(
            *(
                conv_relu(inputs, outputs, dilation=2)
                for inputs, outputs in zip((512, *_BACK), _BACK, strict=False)
            )
        )
        self.to_density = nn.Conv2d(_BACK[-1], 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.to_density.weight, std=0.01)
        nn.init.constant_(self.to_density.bias, 0.1)

    def forward(self, picture: Tensor) -> Tensor:
        """Count people; (B, 3, H, W) to (B, 1, H / 8, W / 8) float32, see `LightNetwork`."""
        return torch.relu(self.to_density(self.back_end(self.front_end(picture))))

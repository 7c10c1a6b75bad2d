"""From decoded pictures to what the networks take."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from backend.core.frame import Image

MEAN_RGB = (0.485, 0.456, 0.406)
DEVIATION_RGB = (0.229, 0.224, 0.225)
"""Of ImageNet in [0, 1], which the front end was trained on."""

MULTIPLE = 16
"""Pictures are padded to multiples of this many pixels."""


def to_tensor(pictures: list[Image]) -> Tensor:
    """Normalise BGR pictures of one size to (B, 3, H, W) float32 RGB, channels last."""
    stacked = torch.from_numpy(np.stack([each[..., ::-1] for each in pictures]).astype(np.float32))
    scaled = (stacked / 255.0 - torch.tensor(MEAN_RGB)) / torch.tensor(DEVIATION_RGB)
    return scaled.permute(0, 3, 1, 2)


def pad_to_multiple(picture: Image, multiple: int = MULTIPLE) -> Image:
    """Continue the picture's last row and column until both sides are multiples."""
    height, width = picture.shape[:2]
    below, right = -height % multiple, -width % multiple
    return np.pad(picture, ((0, below), (0, right), (0, 0)), mode="edge")

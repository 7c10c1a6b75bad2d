"""Counting whole pictures and what the errors are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from backend.core.frame import Image
from training.datasets.base import HeadArray, LabelledPicture
from training.normalise import pad_to_multiple, to_tensor

SHORT_SIDE_PX = 512
"""Smaller pictures are enlarged to it: in a 400 x 300 picture of a thousand people a head is
smaller than the network's cell."""

LONG_SIDE_PX = 2048
"""Larger ones are reduced to it: no crowd picture needs more, and memory has an end."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Errors over a set of pictures, people.

    Attributes:
        mae: Mean absolute error.
        rmse: Root of the mean squared error (called MSE in the crowd-counting papers).
        bias: Mean signed error, counted minus true.
        mean_count: Mean true count.
        pictures: How many.
    """

    mae: float
    rmse: float
    bias: float
    mean_count: float
    pictures: int


def score_counts(counts: Sequence[float], truth: Sequence[float]) -> Scores:
    """Compare counts with the truth; both as long, at least one."""
    off = np.asarray(counts, float) - np.asarray(truth, float)
    return Scores(
        mae=float(np.abs(off).mean()),
        rmse=float(np.sqrt((off**2).mean())),
        bias=float(off.mean()),
        mean_count=float(np.mean(truth)),
        pictures=len(off),
    )


def choose_scale(picture_wh: tuple[int, int]) -> float:
    """Return the factor a picture is resized by before it is counted."""
    scale = max(1.0, SHORT_SIDE_PX / min(picture_wh))
    return min(scale, LONG_SIDE_PX / max(picture_wh))


def load_for_network(labelled: LabelledPicture) -> tuple[Image, HeadArray]:
    """Decode a picture and resize it, and its heads, as `choose_scale` says."""
    picture = labelled.load()
    scale = choose_scale((picture.shape[1], picture.shape[0]))
    heads_px = labelled.heads_px
    if scale != 1.0:
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        picture = cv2.resize(picture, size, interpolation=method).astype(np.uint8, copy=False)
        heads_px = heads_px * np.float32(scale)
    return picture, heads_px


def predict_map(network: nn.Module, picture: Image) -> npt.NDArray[np.float32]:
    """Count one picture already at its size: (rows, columns) float32, people per cell."""
    with torch.inference_mode():
        tensor = to_tensor([pad_to_multiple(picture)])
        maps = network(tensor.contiguous(memory_format=torch.channels_last))
    return np.asarray(maps[0, 0].float().numpy(), np.float32)


def count_picture(network: nn.Module, labelled: LabelledPicture) -> float:
    """Count one picture of a dataset."""
    picture, _ = load_for_network(labelled)
    return float(predict_map(network, picture).sum())

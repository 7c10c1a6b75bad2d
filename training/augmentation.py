"""Random crops: position, scale, mirror image, light and colour."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from backend.core.frame import Image
from training.datasets.base import HeadArray

_GREY = 114
"""What surrounds a picture smaller than the crop."""


@dataclass(frozen=True, slots=True)
class AugmentationParams:
    """How far pictures are varied.

    Attributes:
        crop_px: Side of the square that is learned from, a multiple of 16.
        scale_low, scale_high: Pictures are resized by a factor between these, evenly on a
            logarithmic scale.
        head_share: Share of crops that hold a head chosen by chance; the others hold any point.
        mirror_share: Share of crops that is mirrored.
        light: Contrast and brightness vary by so much, relative.
        gamma: The exponent lies between its inverse and it.
        grey_share: Share of crops made monochrome: cameras at night are.
        blur_share: Share of crops slightly blurred: cheap lenses, strong compression.
    """

    crop_px: int = 384
    scale_low: float = 0.7
    scale_high: float = 1.4
    head_share: float = 0.5
    mirror_share: float = 0.5
    light: float = 0.25
    gamma: float = 1.4
    grey_share: float = 0.1
    blur_share: float = 0.1

    def __post_init__(self) -> None:
        if self.crop_px < 64 or self.crop_px % 16:
            raise ValueError("crop_px must be a multiple of 16, at least 64")
        if not 0.0 < self.scale_low <= self.scale_high:
            raise ValueError("scale_low must be above 0 and not above scale_high")


@dataclass(frozen=True, slots=True)
class Crop:
    """One example: (S, S, 3) uint8 BGR and the heads in it, pixels of the crop."""

    picture: Image
    heads_px: HeadArray


def cut_crop(
    picture: Image, heads_px: HeadArray, params: AugmentationParams, rng: np.random.Generator
) -> Crop:
    """Cut and vary one crop.

    Args:
        picture: (H, W, 3) uint8 BGR.
        heads_px: Its heads.
        params: How far to vary.
        rng: The only source of chance.
    """
    scale = float(np.exp(rng.uniform(np.log(params.scale_low), np.log(params.scale_high))))
    height, width = picture.shape[:2]
    side = params.crop_px / scale
    at = _choose_point((width, height), heads_px, params, rng)
    left = _place(width, side, at[0], rng)
    top = _place(height, side, at[1], rng)
    matrix = np.array([[scale, 0.0, -left * scale], [0.0, scale, -top * scale]])
    # Reducing without a low-pass filter makes patterns no camera makes.
    source = picture
    if scale < 0.75:
        source = cv2.GaussianBlur(picture, (0, 0), 0.4 / scale).astype(np.uint8, copy=False)
    crop = cv2.warpAffine(
        source,
        matrix,
        (params.crop_px, params.crop_px),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(_GREY, _GREY, _GREY),
    )
    heads = (heads_px - np.array([left, top], np.float32)) * np.float32(scale)
    heads = heads[((heads >= 0) & (heads < params.crop_px)).all(axis=1)]
    if rng.random() < params.mirror_share:
        crop = crop[:, ::-1]
        heads = heads * np.array([-1, 1], np.float32) + np.array(
            [params.crop_px - 1, 0], np.float32
        )
        heads[:, 0] = np.maximum(heads[:, 0], 0)
    return Crop(_relight(np.ascontiguousarray(crop), params, rng), heads.astype(np.float32))


def _choose_point(
    picture_wh: tuple[int, int],
    heads_px: HeadArray,
    params: AugmentationParams,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """A point the crop is to hold: one of the heads, or any."""
    is_head = rng.random() < params.head_share
    if is_head and len(heads_px):
        x, y = heads_px[rng.integers(len(heads_px))].tolist()
        return float(x), float(y)
    return float(rng.uniform(0.0, picture_wh[0])), float(rng.uniform(0.0, picture_wh[1]))


def _place(length: int, side: float, point: float, rng: np.random.Generator) -> float:
    """Where the crop begins along one axis; a picture shorter than it lies within it.

    A crop that begins anywhere in the picture hardly ever shows its border, where a street's far
    and densest end is; one that holds a point and is pushed back into the picture does.
    """
    room = length - side
    if room <= 0:
        return float(rng.uniform(room, 0.0))
    return float(np.clip(point - side * rng.uniform(), 0.0, room))


def _relight(picture: Image, params: AugmentationParams, rng: np.random.Generator) -> Image:
    contrast = rng.uniform(1 - params.light, 1 + params.light)
    shift = rng.uniform(-params.light, params.light) * 128
    gamma = params.gamma ** rng.uniform(-1.0, 1.0)
    is_grey, is_blurred = rng.random() < params.grey_share, rng.random() < params.blur_share
    levels = np.arange(256) / 255.0
    table = np.clip((255 * levels**gamma - 128) * contrast + 128 + shift, 0, 255)
    varied = cv2.LUT(picture, table.astype(np.uint8))
    if is_grey:
        varied = cv2.cvtColor(cv2.cvtColor(varied, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if is_blurred:
        varied = cv2.GaussianBlur(varied, (0, 0), rng.uniform(0.5, 1.2))
    return np.asarray(varied, np.uint8)

"""Random crops: position, scale, mirror image, light and colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np

from backend.core.frame import Image
from training.datasets.base import HeadArray
from training.textures import make_texture

_GREY = 114
"""What surrounds a picture smaller than the crop."""
_GRAIN_DEVIATION = 256 / 12**0.5
"""Standard deviation of bytes drawn evenly."""


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
        colour: The gains of red, green and blue vary by so much, relative.
        noise: Largest standard deviation of noise added to half of the crops, grey levels.
        jpeg_share: Share of crops compressed as JPEG, quality 30 to 80.
        mosaic_share: Share of crops put together from four different pictures.
        texture_share: Share of crops, and of quarters of mosaics, that show a made-up texture.
    """

    crop_px: int = 384
    scale_low: float = 0.7
    scale_high: float = 1.6
    head_share: float = 0.5
    mirror_share: float = 0.5
    light: float = 0.25
    gamma: float = 1.4
    grey_share: float = 0.1
    blur_share: float = 0.1
    colour: float = 0.15
    noise: float = 8.0
    jpeg_share: float = 0.2
    mosaic_share: float = 0.2
    texture_share: float = 0.05

    def __post_init__(self) -> None:
        if self.crop_px < 64 or self.crop_px % 16:
            raise ValueError("crop_px must be a multiple of 16, at least 64")
        if not 0.0 < self.scale_low <= self.scale_high:
            raise ValueError("scale_low must be above 0 and not above scale_high")
        for name in (each.name for each in fields(self) if each.name.endswith("_share")):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} must be from 0 to 1")


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


def cut_texture(params: AugmentationParams, rng: np.random.Generator) -> Crop:
    """Make one crop up that looks like much and holds nobody.

    Args:
        params: Its size, and how far light, colour and noise vary.
        rng: The only source of chance.
    """
    texture = make_texture(params.crop_px, rng)
    return Crop(_relight(texture, params, rng), np.zeros((0, 2), np.float32))


def join_crops(crops: Sequence[Crop], rng: np.random.Generator) -> Crop:
    """Put one crop together from the quarters of four, which meet at a point chosen by chance.

    A network that has seen every picture a hundred times knows a crowd by what stands beside it;
    among quarters of other pictures it has to count (Yun et al. 2019, doi:10.1109/ICCV.2019.00612;
    Bochkovskiy, Wang & Liao 2020, arXiv:2004.10934).

    Args:
        crops: Four of one size: left above, right above, left below, right below.
        rng: The only source of chance.
    """
    side = crops[0].picture.shape[0]
    x, y = (int(each) for each in rng.integers(side // 4, side - side // 4, 2))
    joined = np.empty_like(crops[0].picture)
    heads = []
    spans = [((0, x), (0, y)), ((x, side), (0, y)), ((0, x), (y, side)), ((x, side), (y, side))]
    for crop, ((left, right), (top, bottom)) in zip(crops, spans, strict=True):
        joined[top:bottom, left:right] = crop.picture[top:bottom, left:right]
        of = crop.heads_px
        is_inside = (of >= (left, top)).all(axis=1) & (of < (right, bottom)).all(axis=1)
        heads.append(of[is_inside])
    return Crop(joined, np.concatenate(heads))


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
    gains = 1 + params.colour * rng.uniform(-1.0, 1.0, (1, 3))
    levels = np.arange(256)[:, None] / 255.0 * gains
    table = np.clip((255 * levels**gamma - 128) * contrast + 128 + shift, 0, 255)
    varied = cv2.LUT(picture, table.astype(np.uint8)[:, None])
    if is_grey:
        varied = cv2.cvtColor(cv2.cvtColor(varied, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if is_blurred:
        varied = cv2.GaussianBlur(varied, (0, 0), rng.uniform(0.5, 1.2))
    return _spoil(np.asarray(varied, np.uint8), params, rng)


def _spoil(picture: Image, params: AugmentationParams, rng: np.random.Generator) -> Image:
    """Add the noise of a sensor and the blocks of a strong compression."""
    deviation = params.noise * max(rng.uniform(-1.0, 1.0), 0.0)
    if deviation > 0:
        # Evenly distributed instead of normally: the same to a network, and ten times as fast.
        grain = np.frombuffer(rng.bytes(picture.size), np.int8).reshape(picture.shape)
        noise = grain * np.float32(deviation / _GRAIN_DEVIATION)
        picture = np.asarray(cv2.add(picture, noise, dtype=cv2.CV_8U), np.uint8)
    if rng.random() < params.jpeg_share:
        quality = int(rng.integers(30, 81))
        _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return picture

"""Made-up textures without anybody in them: gravel, foliage, fabric, brickwork, noise.

A counter that learns from pictures of crowds alone takes what is as fine and as irregular as a far
crowd for one. No library of real textures is needed to unlearn that: what matters is that nothing
but the way people look is left to tell the two apart.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image

_TILE_SHAPES = 30
"""A tile of shapes is this many radii wide; the crop is covered with its mirror images."""
_LEAST_TILE_PX = 48
_FINEST_PX, _COARSEST_PX = 2.0, 28.0
_NEAREST = 3.0
"""The near edge of a ground is at most this many times as large as the far one."""


def make_texture(side: int, rng: np.random.Generator) -> Image:
    """Make up one texture, (side, side, 3) uint8 BGR.

    Args:
        side: Side of the square, pixels.
        rng: The only source of chance.
    """
    make = _KINDS[int(rng.integers(len(_KINDS)))]
    size = float(np.exp(rng.uniform(np.log(_FINEST_PX), np.log(_COARSEST_PX))))
    return _tilt(make(side, size, rng), rng)


def _grain(side: int, size: float, rng: np.random.Generator) -> Image:
    """Noise of one coarseness, or of two: asphalt, carpets, water, far foliage."""
    values = _smooth_noise(side, size, rng)
    if rng.random() < 0.5:
        values += rng.uniform(0.3, 1.0) * _smooth_noise(side, size * rng.uniform(2.0, 5.0), rng)
        values /= values.std()
    grey = values.mean(axis=2, keepdims=True)
    colourful = rng.uniform(0.0, 0.6) if rng.random() < 0.7 else 1.0
    values = grey / grey.std() * (1 - colourful) + values * colourful
    return _to_bytes(_base_colour(rng) + rng.uniform(12.0, 60.0) * values)


def _stones(side: int, size: float, rng: np.random.Generator) -> Image:
    """Round shapes of many tones, some with a shadow: gravel, pebbles, fruit, cobbles."""
    return _scatter(side, size, rng, slimness=(0.6, 1.0), has_shadow=rng.random() < 0.6)


def _leaves(side: int, size: float, rng: np.random.Generator) -> Image:
    """Slim shapes in all directions: foliage, grass, straw."""
    return _scatter(side, size, rng, slimness=(0.12, 0.5), has_shadow=rng.random() < 0.3)


def _lattice(side: int, size: float, rng: np.random.Generator) -> Image:
    """One motif over and over: brickwork, tiles, windows, empty seats, fences."""
    height, width = (max(4, int(size * rng.uniform(1.0, 3.0))) for _ in range(2))
    motif = np.full((height, width, 3), _base_colour(rng), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        x0, x1 = sorted(int(each) for each in rng.integers(0, width + 1, 2))
        y0, y1 = sorted(int(each) for each in rng.integers(0, height + 1, 2))
        colour = tuple(float(each) for each in _base_colour(rng))
        if rng.random() < 0.6:
            cv2.rectangle(motif, (x0, y0), (x1, y1), colour, -1)
        else:
            axes = (max(1, (x1 - x0) // 2), max(1, (y1 - y0) // 2))
            cv2.ellipse(motif, ((x0 + x1) // 2, (y0 + y1) // 2), axes, 0, 0, 360, colour, -1)
    rows, columns = -(-side // height), -(-side // width) + 1
    tones = rng.normal(0.0, rng.uniform(0.0, 25.0), (rows, columns, 1)).astype(np.float32)
    tones = tones.repeat(height, axis=0).repeat(width, axis=1)
    field = np.tile(motif, (rows, columns, 1)) + tones
    if rng.random() < 0.5:  # every other row begins half a motif later, as bricks do
        for row in range(1, rows, 2):
            span = slice(row * height, (row + 1) * height)
            field[span] = np.roll(field[span], width // 2, axis=1)
    return _to_bytes(field[:side, :side])


_Maker = Callable[[int, float, np.random.Generator], Image]
_KINDS: tuple[_Maker, ...] = (_grain, _stones, _leaves, _lattice)


def _scatter(
    side: int,
    size: float,
    rng: np.random.Generator,
    *,
    slimness: tuple[float, float],
    has_shadow: bool,
) -> Image:
    tile_px = int(np.clip(size * _TILE_SHAPES, _LEAST_TILE_PX, side))
    base, spread = _base_colour(rng), rng.uniform(10.0, 50.0)
    tile = np.full((tile_px, tile_px, 3), base * rng.uniform(0.3, 1.0), np.float32)
    number = int(1.5 * (tile_px / size) ** 2 / sum(slimness))
    places = rng.uniform(0.0, tile_px, (number, 2))
    radii = size * rng.uniform(0.5, 1.2, number)
    slim = rng.uniform(*slimness, number)
    angles = rng.uniform(0.0, 180.0, number)
    tones = base + rng.normal(0.0, spread, (number, 1)) + rng.normal(0.0, spread / 4, (number, 3))
    for (x, y), radius, share, angle, tone in zip(
        places.tolist(), radii.tolist(), slim.tolist(), angles.tolist(), tones, strict=True
    ):
        axes = (2 * radius, 2 * radius * share)
        if has_shadow:
            shadow = tuple((tone * 0.4).tolist())
            cv2.ellipse(tile, ((x + radius / 4, y + radius / 4), axes, angle), shadow, -1)
        cv2.ellipse(tile, ((x, y), axes, angle), tuple(tone.tolist()), -1)
    beside = side - tile_px
    covered = cv2.copyMakeBorder(tile, 0, beside, 0, beside, cv2.BORDER_REFLECT)
    if rng.random() < 0.5:
        covered = cv2.GaussianBlur(covered, (0, 0), rng.uniform(0.5, 1.5))
    return _to_bytes(np.asarray(covered, np.float32))


def _smooth_noise(side: int, size: float, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Normal values, deviation 1, that change over ``size`` pixels: (side, side, 3)."""
    coarse = max(2, int(np.ceil(side / size)))
    values = rng.standard_normal((coarse, coarse, 3), dtype=np.float32)
    values = np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(values / max(float(values.std()), 1e-6), np.float32)


def _base_colour(rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Mostly greyish, as grounds and walls are, sometimes any colour."""
    grey, any_colour = rng.uniform(40.0, 200.0), rng.uniform(20.0, 220.0, 3)
    share = rng.uniform(0.0, 0.4) if rng.random() < 0.7 else 1.0
    return np.asarray(grey * (1 - share) + any_colour * share, np.float32)


def _tilt(texture: Image, rng: np.random.Generator) -> Image:
    """Turn the texture, and half of the time lay it down as a ground seen in perspective."""
    side = texture.shape[0]
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    target = corners.copy()
    if rng.random() < 0.5:  # the near edge reaches beyond the picture on both sides
        nearer = rng.uniform(1.0, _NEAREST)
        target[2:, 0] = side / 2 + (corners[2:, 0] - side / 2) * nearer
    turned = np.rot90(texture, int(rng.integers(4)))
    matrix = cv2.getPerspectiveTransform(corners, target)
    tilted = cv2.warpPerspective(
        np.ascontiguousarray(turned), matrix, (side, side), borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(tilted, np.uint8)


def _to_bytes(values: npt.NDArray[np.float32]) -> Image:
    return np.asarray(np.clip(values, 0.0, 255.0), np.uint8)

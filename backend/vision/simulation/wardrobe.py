"""What a person looks like: clothes, hair, skin, height. The same number, the same look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray

_SHIRTS = (
    (48, 44, 42), (62, 58, 120), (150, 110, 60), (196, 198, 202), (92, 96, 100), (70, 84, 60),
    (58, 66, 148), (128, 74, 40), (168, 150, 132), (40, 72, 108), (96, 78, 84), (60, 150, 190),
    (120, 130, 90), (36, 36, 44), (210, 206, 196), (90, 120, 170),
)  # fmt: skip
_TROUSERS = (
    (60, 46, 38), (92, 70, 52), (44, 42, 42), (96, 92, 88), (74, 96, 120), (110, 84, 62),
    (56, 60, 58), (132, 134, 138),
)  # fmt: skip
_HAIR = ((24, 26, 30), (30, 44, 66), (44, 70, 108), (80, 124, 160), (120, 122, 126), (18, 20, 24))
_SKIN = ((160, 184, 224), (140, 166, 210), (104, 136, 184), (74, 100, 144), (52, 70, 104))
_BAGS = ((52, 50, 60), (60, 90, 60), (40, 60, 110), (120, 100, 90))
_TINT = 14.0


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How one person is drawn.

    Attributes:
        colours: (6, 3) float32, BGR, one row for each `figure.Part`.
        height_share: Height over that of the mean body.
        has_bag: Wears a rucksack.
        has_skirt: Wears a skirt or long coat, and long hair.
    """

    colours: FloatArray
    height_share: float
    has_bag: bool
    has_skirt: bool


def look_of(number: int, *, seed: int) -> Look:
    """The look of the person with this number.

    Args:
        number: From 1.
        seed: Of the simulation.
    """
    rng = np.random.default_rng([seed, 2, number])
    parts = [
        palette[int(rng.integers(len(palette)))]
        for palette in (_SHIRTS, _TROUSERS, _SKIN, _HAIR, _BAGS)
    ]
    tint = rng.uniform(-_TINT, _TINT, (5, 3))
    tint[2:4] /= 3
    shoes = np.full((1, 3), float(rng.uniform(25, 70)))
    colours = np.vstack([np.array(parts, dtype=np.float64) + tint, shoes]).clip(8, 245)
    wears = float(rng.random())
    return Look(
        colours=colours.astype(np.float32),
        height_share=float(np.clip(rng.normal(1.0, 0.045), 0.88, 1.1)),
        has_bag=wears < 0.22,
        has_skirt=wears > 0.7,
    )

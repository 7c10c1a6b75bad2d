"""Crowds whose motion is known exactly: the places and paths of the analytic scenes."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from backend.core.frame import FloatArray

TURBULENT_SPEED_MPS = 0.4
REACH_M = 0.7
MEMORY_S = 1.0


def lattice(density_per_m2: float, side_m: float, *, margin_m: float = 0.0) -> FloatArray:
    """People on a square lattice over a square room and a margin around it; (N, 2) metres."""
    across = side_m + 2 * margin_m
    per_row = round(across * math.sqrt(density_per_m2))
    along = (np.arange(per_row) + 0.5) * across / per_row - margin_m
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)


def square(side_m: float) -> FloatArray:
    """Corners of a square room with one corner in the origin; (4, 2) metres."""
    return np.array([[0, 0], [side_m, 0], [side_m, side_m], [0, side_m]], dtype=np.float64)


def steady(homes: FloatArray, times_s: FloatArray, velocity: FloatArray) -> FloatArray:
    """Everybody walks straight on; (N, K, 2) metres.

    Args:
        homes: (N, 2) places at time 0.
        times_s: (K,) seconds.
        velocity: (2,) or (N, 2), m/s.
    """
    step = np.broadcast_to(velocity, homes.shape)
    return np.asarray(homes[:, None] + times_s[None, :, None] * step[:, None])


def turbulent(homes: FloatArray, times_s: FloatArray, *, seed: int) -> FloatArray:
    """People carried along by a random field; (N, K, 2) metres.

    The field is divergence-free, 0.4 m/s strong (root mean square), and forgets itself over
    0.7 m (correlation ``exp(-d²/0.7²)``: 13 % at 1 m) and 1 s (``exp(-t²/2)``).
    """
    rng = np.random.default_rng(seed)
    waves = 200
    number = rng.normal(0, math.sqrt(2) / REACH_M, (waves, 2))
    beat = rng.normal(0, 1 / MEMORY_S, waves)
    phase = rng.uniform(0, 2 * math.pi, waves)
    across = np.stack([-number[:, 1], number[:, 0]], axis=1)
    push = across / np.linalg.norm(across, axis=1, keepdims=True)
    push *= TURBULENT_SPEED_MPS * math.sqrt(2 / waves)
    place = homes.copy()
    path = [place]
    for before, after in pairwise(times_s):
        velocity = np.cos(place @ number.T + beat * before + phase) @ push
        place = place + velocity * (after - before)
        path.append(place)
    return np.stack(path, axis=1)

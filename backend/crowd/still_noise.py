"""The tracker's own noise, measured on people who stand still (CROWD-SCIENCE section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

STILL_WITHIN_M = 0.12
"""A person all of whose positions in the window lie this close to their mean stands still.

Wide enough for foot points that jitter by 4 cm. In a turbulent crowd (0.4 m/s changing direction
once a second) a few people do not get further in 2 s; `MIN_STILL_SHARE` is for them."""

MIN_STILL_PEOPLE = 5
MIN_STILL_SHARE = 0.1
"""Below this number, or this share of the people, the noise is not known and the default stands in:
the few who happen to stay in their place in a lively crowd do not stand still."""

DEFAULT_NOISE_VARIANCE = 0.005
"""Velocity noise of one person assumed where nobody stands still, both components, m²/s²
(0.05 m/s each: docs/methods/crowd-pressure.md)."""

MAX_OWN_VARIANCE = 0.05
"""Largest noise of one person that is believed, m²/s². A still person who reads more is not
still, and noise taken too large would hide danger."""

MAX_COMMON_VARIANCE = 0.01
"""Largest motion shared by all still people that is put down to the camera, m²/s²."""

CHANCE = 3.0
"""Motion of the mean of still people, over what their own noise leaves of it, that is chance."""


@dataclass(frozen=True, slots=True)
class VelocityNoise:
    """Variance over the window of the velocities of people who do not move, both components.

    Attributes:
        own: What each person has alone, m²/s² (per squared unit of scale where a scale was
            given); averaging over n people divides it by n.
        common: What all of them have together (a shaking mast), m²/s²; no averaging helps.
        is_measured: False where the default stands in.
    """

    own: float
    common: float
    is_measured: bool


ASSUMED_NOISE = VelocityNoise(DEFAULT_NOISE_VARIANCE, 0.0, is_measured=False)


def still_noise(
    positions: FloatArray, velocity: FloatArray, *, scale: FloatArray | None = None
) -> VelocityNoise:
    """Noise of tracked velocities over a window.

    Still people have zero velocity, so what theirs varies by is noise: ``own`` is the median over
    still people of ``<|v_j − <v_j> − c|²>`` with the common part ``c(t) = mean_j(v_j − <v_j>)``,
    times n/(n − 1); ``common`` is what ``<|c|²>`` has over three times ``own/n``, its own share
    of the noise. The median understates the mean of so few samples by about a tenth: noise is
    rather taken too small than too large.

    Args:
        positions: (N, S, 2) float64, metres, ground plane, of N people at S instants.
        velocity: (N, S, 2) float64, m/s; NaN rows (not seen, not yet known) are allowed in both.
        scale: (N,) float64, noise of each person relative to the others (metres per pixel where
            they stand); None = all alike.

    Returns:
        `ASSUMED_NOISE` with fewer than 5 still people or a tenth of all.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> noise = still_noise(np.zeros((200, 10, 2)), rng.normal(0, 0.05, (200, 10, 2)))
        >>> round(noise.own, 3), round(noise.common, 3)
        (0.004, 0.0)
    """
    known = np.isfinite(positions).all(axis=(1, 2)) & np.isfinite(velocity).all(axis=(1, 2))
    still = known & stays_in_place(positions)
    if int(still.sum()) < max(MIN_STILL_PEOPLE, MIN_STILL_SHARE * int(known.sum())):
        return ASSUMED_NOISE
    size = np.ones(len(still)) if scale is None else scale
    moved = velocity[still] - velocity[still].mean(axis=1, keepdims=True)
    shared = moved.mean(axis=0)
    count = len(moved)
    alone = ((moved - shared) ** 2).sum(axis=2).mean(axis=1) * count / (count - 1)
    own = float(np.median(alone / size[still] ** 2))
    usual = float(np.mean(size[still] ** 2))
    together = float((shared**2).sum(axis=1).mean()) - CHANCE * own * usual / count
    return VelocityNoise(
        own=min(own, MAX_OWN_VARIANCE / usual),
        common=min(max(together, 0.0), MAX_COMMON_VARIANCE),
        is_measured=True,
    )


def stays_in_place(positions: FloatArray) -> npt.NDArray[np.bool_]:
    """Whose positions all lie within 12 cm of their mean.

    Args:
        positions: (N, S, 2) float64, metres.

    Returns:
        (N,) bool; False with a NaN among them.

    Example:
        >>> here, walk = np.zeros((1, 3, 2)), np.array([[[0.0, 0], [0.3, 0], [0.6, 0]]])
        >>> stays_in_place(np.concatenate([here, walk])).tolist()
        [True, False]
    """
    off = positions - positions.mean(axis=1, keepdims=True)
    squared = (off**2).sum(axis=2).max(axis=1, initial=0.0)
    return np.asarray(squared <= STILL_WITHIN_M**2)

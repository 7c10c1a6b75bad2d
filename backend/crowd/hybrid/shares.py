"""How far the density map should count in each of its cells, by how crowded it is there.

Two things take a place from the boxes. On the ground, people stand too close: the band in people
per square metre. In the picture, their heads are too close for the detector: the band in people
per window of the network's input, wherever the boxes do not find them all the same. The larger
of the two counts. Measured bands: docs/methods/dense.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.observation import CrowdMap

ShareMap: TypeAlias = npt.NDArray[np.float32]
"""(R, C) float32, one value for each cell of a density map."""

GROUND_BAND_PER_M2 = (1.0, 2.0)
"""People per square metre between which the map takes over from the boxes."""

GROUND_WINDOW_M2 = 4.0
"""Ground over which that density is taken: large enough that somebody alone is no crowd."""

WINDOW_PX = 60.0
"""Side of the window in which heads are counted, pixels of the detector's input."""

PICTURE_BAND = (1.0, 2.0)
"""People in such a window between which the map takes over: somebody alone is never more than
one, and the more of two the detector misses. Measured (ShanghaiTech B, YOLO11n,
the picture whole and in 2 x 2 tiles, heads within 30 px): of people with nobody else in the
window 60 and 64 % are found, of two 35 and 31 %, of three 15 and 16 %, of four 7 and 8 %."""

EXPLAINED_BAND = (0.5, 0.8)
"""Boxes' people over the map's: where boxes find more than the upper part they count, however
close the heads (people near the camera); below the lower they miss more than half."""

HANDFUL = (6.0, 12.0)
"""People in all crowded cells together below which the map has no say, and from which it has all
it is due: a few close friends, or a few phantoms, are no dense crowd."""

RELEASE = 0.8
"""A band is left downwards at this share of where it is entered (hysteresis); of `PICTURE_BAND`
only the upper end."""

EXPLAINED_RELEASE = 0.1
"""The same of `EXPLAINED_BAND`, which is left upwards: added to it."""

_GROUND_WINDOWS = (3, 5, 9, 17, 33)
"""Sides tried, cells; the smallest that shows `GROUND_WINDOW_M2` counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowding:
    """How crowded it is around every cell of a map, all (R, C) float32.

    Attributes:
        in_window: People of the map in a window of `WINDOW_PX` around the cell; at the border
            those of the part in the picture.
        explained: Boxes' people over the map's around it, in a window twice as large.
        per_m2: People per square metre of ground; None uncalibrated, 0 where no ground is.
        crowded_people: People of the map in all cells that are near one of the bands.
    """

    in_window: ShareMap
    explained: ShareMap
    per_m2: ShareMap | None
    crowded_people: float


def measure_crowding(
    crowd_map: CrowdMap,
    boxes_people: ShareMap,
    *,
    network_scale: float,
    ground_m2: FloatArray | None = None,
) -> Crowding:
    """Look around every cell.

    Args:
        crowd_map: People per cell.
        boxes_people: (R, C) float32, people the boxes count, by the cell of their heads.
        network_scale: Pixels of the detector's input per pixel of the frame.
        ground_m2: (R, C) float64, m² of ground on which the people of each cell stand, NaN
            where there is none; None uncalibrated.
    """
    wide, high = (side * network_scale for side in crowd_map.cell_wh_px)
    window = _odd(WINDOW_PX / wide), _odd(WINDOW_PX / high)
    people = crowd_map.people
    whole = WINDOW_PX**2 / (wide * high * window[0] * window[1])
    in_window = _sum(people, window) * np.float32(min(whole, 1.0))
    twice = 2 * window[0] + 1, 2 * window[1] + 1
    explained: ShareMap = np.divide(
        _sum(boxes_people, twice), np.maximum(_sum(people, twice), 1e-6), dtype=np.float32
    )
    per_m2 = None if ground_m2 is None else _ground_density(people, ground_m2)
    near = in_window >= PICTURE_BAND[0]
    if per_m2 is not None:
        near |= per_m2 >= RELEASE * GROUND_BAND_PER_M2[0]
    return Crowding(in_window, explained, per_m2, float(people[near].sum()))


def wanted_shares(crowding: Crowding, before: ShareMap) -> ShareMap:
    """Share the map should have in every cell.

    Args:
        crowding: As it is now.
        before: (R, C) float32, what was wanted so far: within the hysteresis it stays.

    Returns:
        (R, C) float32 in [0, 1], a new array.
    """
    risen = _shares(crowding, release=1.0, explained_by=0.0)
    fallen = _shares(crowding, release=RELEASE, explained_by=EXPLAINED_RELEASE)
    return np.minimum(np.maximum(before, risen), fallen)


def _shares(crowding: Crowding, *, release: float, explained_by: float) -> ShareMap:
    low, high = PICTURE_BAND
    # its lower end stays: somebody alone holds no share
    share = _ramp(crowding.in_window, low, release * high)
    low, high = EXPLAINED_BAND
    share *= 1 - _ramp(crowding.explained, low + explained_by, high + explained_by)
    if crowding.per_m2 is not None:
        low, high = GROUND_BAND_PER_M2
        share = np.maximum(share, _ramp(crowding.per_m2, release * low, release * high))
    few, enough = (release * people for people in HANDFUL)
    part = min(max((crowding.crowded_people - few) / (enough - few), 0.0), 1.0)
    return np.asarray(share * np.float32(part))


def _ground_density(people: ShareMap, ground_m2: FloatArray) -> ShareMap:
    """People per m² around every cell; 0 where it shows no ground."""
    is_ground = np.isfinite(ground_m2) & (ground_m2 > 0)
    area = np.where(is_ground, ground_m2, 0.0).astype(np.float32)
    counted = np.where(is_ground, people, np.float32(0))
    found = np.zeros_like(counted)
    open_cells = is_ground.copy()
    for side in _GROUND_WINDOWS:
        here = _sum(area, (side, side))
        is_last = side == _GROUND_WINDOWS[-1]
        settled = open_cells & ((here >= GROUND_WINDOW_M2) | is_last)
        if settled.any():
            found[settled] = (_sum(counted, (side, side)) / np.maximum(here, 1e-6))[settled]
            open_cells &= ~settled
        if not open_cells.any():
            break
    return found


def _ramp(values: ShareMap, low: float, high: float) -> ShareMap:
    """0 up to ``low``, 1 from ``high`` on, straight between."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _sum(values: ShareMap, window_wh: tuple[int, int]) -> ShareMap:
    """Sum over a window around each cell, what lies outside the picture being 0."""
    return np.asarray(
        cv2.boxFilter(values, -1, window_wh, normalize=False, borderType=cv2.BORDER_CONSTANT)
    )


def _odd(length: float) -> int:
    """Smallest odd whole number of cells that is ``length`` or more, at least 3."""
    return max(2 * math.ceil((length - 1 - 1e-6) / 2) + 1, 3)

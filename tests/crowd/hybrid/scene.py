"""A crowd drawn as what both counters see of it: boxes of some, a density map of all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray, Tracks
from backend.core.observation import CountError, CrowdMap

PICTURE_WH = (1280, 720)
MAP_HW = (54, 96)
CELL_PX = 1280 / 96
ERROR = CountError(own=0.6, common=0.08, least=1.0)
BODY_PX = (16.0, 40.0)

ShareMap = npt.NDArray[np.float32]


def block(people: int, *, spacing_px: float, left: float = 200.0, top: float = 200.0) -> FloatArray:
    """Heads of a square block of people, row by row, (N, 2) pixels."""
    side = max(int(np.ceil(people**0.5)), 1)
    at = np.arange(people)
    return np.stack([left + spacing_px * (at % side), top + spacing_px * (at // side)], axis=1)


def boxes_at(
    heads_px: FloatArray,
    *,
    confidence: float = 0.9,
    wh: tuple[float, float] = BODY_PX,
    ids: npt.NDArray[np.int64] | None = None,
) -> Tracks:
    """Boxes whose heads (10 % below the upper edge) are there."""
    heads = np.asarray(heads_px, np.float64).reshape(-1, 2)
    top = heads[:, 1] - 0.1 * wh[1]
    boxes = np.stack([heads[:, 0] - wh[0] / 2, top, heads[:, 0] + wh[0] / 2, top + wh[1]], axis=1)
    count = len(heads)
    return Tracks(
        np.arange(count, dtype=np.int64) if ids is None else ids.astype(np.int64),
        boxes.astype(np.float32),
        np.full(count, confidence, np.float32),
    )


def people_per_cell(heads_px: FloatArray) -> ShareMap:
    """Each head spread over the cells around it, (R, C) float32."""
    rows, columns = MAP_HW
    heads = np.asarray(heads_px, np.float64).reshape(-1, 2) / CELL_PX
    across = _spread(heads[:, 0], columns)
    down = _spread(heads[:, 1], rows)
    return (down.T @ across).astype(np.float32)


def _spread(at: FloatArray, length: int) -> FloatArray:
    weight = np.exp(-0.5 * (np.arange(length) + 0.5 - at[:, None]) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def crowd_map(
    people: ShareMap,
    t: float,
    *,
    segment: int = 0,
    doubt: str = "",
    error: CountError = ERROR,
    crowded_per_cell: float = 4.0,
) -> CrowdMap:
    """The map as a counter would hand it over."""
    people = people.copy()
    people.flags.writeable = False
    return CrowdMap(
        stream_time_s=t,
        segment=segment,
        people=people,
        cell_wh_px=(CELL_PX, CELL_PX),
        picture_wh=PICTURE_WH,
        heads_px=np.zeros((0, 2), np.float32),
        error=error,
        crowded_per_cell=crowded_per_cell,
        doubt=doubt,
    )


@dataclass
class TwoCounters:
    """A detector that finds no more than so many, and a map that errs a little in each picture.

    Attributes:
        most: People the boxes saturate at.
        noise: Relative error of a whole map, drawn anew for each; half as much for single cells.
    """

    most: float = 40.0
    noise: float = 0.03
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def boxes(self, heads_px: FloatArray) -> Tracks:
        """Everybody while they are few, at the end ``most`` of however many."""
        count = len(heads_px)
        found = round(self.most * (1 - np.exp(-count / self.most)))
        # the same people stay found as long as they can: who those are is theirs by birth
        chosen = np.argsort(np.random.default_rng(2).permutation(1000)[:count])[:found]
        return boxes_at(heads_px[chosen], ids=chosen)

    def map(self, heads_px: FloatArray, t: float) -> CrowdMap:
        """A new map of everybody."""
        people = people_per_cell(heads_px)
        whole = 1 + self.noise * self.random.standard_normal()
        single = 1 + 0.5 * self.noise * self.random.standard_normal(people.shape)
        return crowd_map((people * np.maximum(whole * single, 0)).astype(np.float32), t)

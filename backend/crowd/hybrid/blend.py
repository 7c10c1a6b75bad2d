"""Boxes and density map share one picture: who counts where, moved slowly, never by a jump."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.observation import CrowdMap, FrameFacts
from backend.crowd.hybrid.reading import HybridReading, MapPeople
from backend.crowd.hybrid.shares import ShareMap, measure_crowding, wanted_shares
from backend.crowd.metering.sighting import Sighting
from backend.crowd.stream_clock import StreamStep

IntArray: TypeAlias = npt.NDArray[np.int64]

SHARE_PER_S = 0.25
"""How fast a share moves, per second of stream time: a hand-over takes four seconds."""

MAP_EXPIRES_S = 5.0
"""A map says nothing of now any more so long after it was counted, seconds of stream time, unless
frames are farther apart: then the map of the frame before holds, for nothing newer can be had."""

GAP_SLACK_S = 0.5
"""How much older than the frame before a map may be then, seconds."""

OUTAGE_HOLDS_S = 30.0
"""Where the map counts is still known after breaks in the stream of so long together, seconds: a
camera that falls silent is given up after 5 s and tried again after 1, 3, 7 and 15 more."""

HEAD_DOWN = 0.1
"""How far below the upper edge of a box its head is, relative to its height."""

GroundOfCells: TypeAlias = Callable[[tuple[int, int], tuple[float, float]], FloatArray]
"""From shape and cell size of a map to the ground on which the people of each cell stand, (R, C)
float64, m², NaN where there is none."""

_MOVING = 1e-4
"""Shares closer to what is wanted than this have arrived."""


class HybridCounter:
    """Keeps the share of the map in every cell of one camera's picture; stream time only.

    A share moves towards what the crowding asks for by at most 0.25 a second, with every frame,
    whatever the frame rate. What is asked for changes with each new map; a map that expired (5 s,
    or the time between two frames if that is longer) or that is in doubt asks for nothing, and
    the shares run down on the last one believed.

    A stream that breaks off and comes back within `OUTAGE_HOLDS_S` shows the same place: of an
    earlier segment no map is counted any more, not even to fade out, but the shares are kept and
    stand still meanwhile, so that with a map of the first frame the count goes on where it
    was. Until there is one, boxes alone count, and the shares run down unseen.
    A longer or unknown break, a map of another shape and a picture of another size start afresh.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget map and shares."""
        self._newest: CrowdMap | None = None
        self._used: CrowdMap | None = None
        self._is_beyond = False
        self._shares: ShareMap = np.zeros((0, 0), np.float32)
        self._wanted = self._shares
        self._people: MapPeople | None = None
        self._cells: _Cells | None = None
        self._away_s = 0.0

    @property
    def crowd_map(self) -> CrowdMap | None:
        """The map of the last reading."""
        return self._used

    def update(
        self,
        seen: Sighting,
        facts: FrameFacts,
        *,
        step: StreamStep,
        ground_m2: GroundOfCells | None = None,
    ) -> HybridReading | None:
        """Take one frame.

        Args:
            seen: The boxes.
            facts: Time of the frame, and the newest map.
            step: Elapsed stream time.
            ground_m2: Gives the ground below the cells; None uncalibrated.

        Returns:
            None where no map of this segment was ever believed, or the last one has run down.
        """
        if step.is_new_segment:
            self._enter_segment(facts.outage_s)
        if self._is_of_another_size(facts):
            self.clear()
        # first the way of the time gone by, then what is wanted from now on: whatever the rate
        self._move(step.elapsed_s)
        holds_s = max(MAP_EXPIRES_S, step.elapsed_s + GAP_SLACK_S)
        self._take(seen, facts, ground_m2, holds_s=holds_s)
        is_live = self._is_live(facts, holds_s=holds_s)
        if not is_live and self._wanted.any():
            self._wanted = _read_only(np.zeros_like(self._shares))
        if self._used is None:
            return None
        if not is_live and not self._shares.any():
            self._used = None
            return None
        if self._people is None:
            self._people = _people_of(self._used, self._shares)
        rows, columns = cells_of_heads(seen.boxes, self._shares.shape, self._used.cell_wh_px)
        return HybridReading(
            track_share=1.0 - self._shares[rows, columns].astype(np.float64),
            map_people=self._people,
            shares=self._shares,
            people=self._used.people,
            wanted=self._wanted,
            track_wanted=1.0 - self._wanted[rows, columns].astype(np.float64),
            is_live=is_live,
            is_beyond=is_live and self._is_beyond,
        )

    def _enter_segment(self, outage_s: float | None) -> None:
        """Keep who counts where after a short break in the stream, and nothing that was counted."""
        self._away_s += math.inf if outage_s is None else outage_s
        if self._away_s > OUTAGE_HOLDS_S:
            self.clear()
        self._newest = self._used = self._people = None
        self._is_beyond = False

    def _is_of_another_size(self, facts: FrameFacts) -> bool:
        return self._cells is not None and self._cells.picture_wh != facts.picture_wh

    def _is_live(self, facts: FrameFacts, *, holds_s: float) -> bool:
        """Whether the newest map is believed and says something of now."""
        if self._used is None or self._newest is not self._used:
            return False
        return facts.stream_time_s - self._used.stream_time_s <= holds_s

    def _take(
        self,
        seen: Sighting,
        facts: FrameFacts,
        ground_m2: GroundOfCells | None,
        *,
        holds_s: float,
    ) -> None:
        """Take a new map, if this frame brings one, and work out what it asks for.

        A live camera is counted after a frame was measured: the map comes with the next frame,
        however late that is.
        """
        found = facts.crowd_map
        if found is None or found is self._newest:
            return
        if (found.segment, found.picture_wh) != (facts.segment, facts.picture_wh):
            return
        if facts.stream_time_s - found.stream_time_s > holds_s:
            return
        cells = _Cells.of(found)
        if cells != self._cells:
            self.clear()
            self._cells = cells
            self._shares = self._wanted = _read_only(np.zeros(cells.map_hw, np.float32))
        self._newest = found
        if found.doubt:
            return
        boxes_people = _boxes_on_map(seen, found)
        crowding = measure_crowding(
            found,
            boxes_people,
            network_scale=seen.network_scale,
            ground_m2=None
            if ground_m2 is None
            else ground_m2(found.people.shape, found.cell_wh_px),
        )
        self._wanted = _read_only(wanted_shares(crowding, self._wanted))
        self._used, self._people = found, None
        self._away_s = 0.0
        self._is_beyond = found.densest_among(self._wanted > 0) > found.crowded_per_cell

    def _move(self, elapsed_s: float) -> None:
        """Bring the shares nearer to what is wanted."""
        apart = self._wanted - self._shares
        if not apart.any():
            return
        most = SHARE_PER_S * elapsed_s
        farthest = float(np.abs(apart).max())
        arrives = farthest <= max(most, _MOVING)
        shares = self._wanted
        if not arrives:
            shares = np.asarray(self._shares + np.clip(apart, -most, most), np.float32)
        if arrives or elapsed_s > 0:
            self._shares, self._people = _read_only(shares), None


def cells_of_heads(
    boxes: FloatArray, map_hw: tuple[int, ...], cell_wh_px: tuple[float, float]
) -> tuple[IntArray, IntArray]:
    """Row and column of the cell in which the head of each box is.

    The head is taken to be in the middle of the box, 10 % of its height below its upper edge.

    Args:
        boxes: (N, 4) float64, pixels of the full frame.
        map_hw: Rows and columns of the map, at least 1.
        cell_wh_px: Width and height of a cell, pixels.

    Returns:
        (N,) int64 each; heads outside the picture belong to its border.
    """
    x = (boxes[:, 0] + boxes[:, 2]) / (2 * cell_wh_px[0])
    y = (boxes[:, 1] + HEAD_DOWN * (boxes[:, 3] - boxes[:, 1])) / cell_wh_px[1]
    rows = np.clip(y, 0, map_hw[0] - 1).astype(np.int64)
    return rows, np.clip(x, 0, map_hw[1] - 1).astype(np.int64)


def _boxes_on_map(seen: Sighting, crowd_map: CrowdMap) -> ShareMap:
    """People the boxes count, by the cell of their heads, (R, C) float32."""
    shape = crowd_map.people.shape
    rows, columns = cells_of_heads(seen.boxes, shape, crowd_map.cell_wh_px)
    laid = np.bincount(rows * shape[1] + columns, seen.weights.people, shape[0] * shape[1])
    return laid.reshape(shape).astype(np.float32)


def _people_of(crowd_map: CrowdMap, shares: ShareMap) -> MapPeople:
    """The cells in which the map has a say."""
    rows, columns = np.nonzero((shares > 0) & (crowd_map.people > 0))
    wide, high = crowd_map.cell_wh_px
    found = MapPeople(
        heads_px=np.stack([(columns + 0.5) * wide, (rows + 0.5) * high], axis=1),
        cell_wh_px=crowd_map.cell_wh_px,
        counted=crowd_map.people[rows, columns].astype(np.float64),
        share=shares[rows, columns].astype(np.float64),
        error=crowd_map.error,
    )
    for array in (found.heads_px, found.counted, found.share):
        array.flags.writeable = False
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """Of which cells shares are: how many, how large, and of what picture."""

    map_hw: tuple[int, ...]
    cell_wh_px: tuple[float, float]
    picture_wh: tuple[int, int]

    @classmethod
    def of(cls, crowd_map: CrowdMap) -> _Cells:
        return cls(crowd_map.people.shape, crowd_map.cell_wh_px, crowd_map.picture_wh)


def _read_only(shares: ShareMap) -> ShareMap:
    shares.flags.writeable = False
    return shares

"""Motion without identities: the flow of the picture where the density map sees people."""

from __future__ import annotations

import cv2
import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.metering.map_crowd import MapCrowd

OCCUPIED_PER_M2 = 0.15
"""Local density from which a picture cell shows people: one person within 0.87 m."""

_NEAR_CELLS = 3
"""Cells of the map along the side of the square its people are averaged over: a head is seen in
one cell, the shoulders that move with it in those around."""


def flow_of_people(flow: GroundFlow, mapped: MapCrowd, *, counted_only: bool) -> GroundFlow | None:
    """Give every cell of the flow the people of the map that it shows.

    Map and flow are compared in the picture, where both see heads and shoulders. Cells with less
    than 0.15 people/m² are empty ground: it lies still and would slow everybody down. What
    moves where there is no texture is not known and taken to move as the rest.

    Args:
        flow: Motion of the monitored ground; must have ``seen_px``.
        mapped: The density map.
        counted_only: Only people whom the map stands for, their sum the map's people in the
            monitored area; False = all it sees.

    Returns:
        The cells that show people; None where there are none.
    """
    ground = mapped.ground
    each = mapped.people if counted_only else mapped.counted
    total = float(each @ ground.inside.ravel())
    if total <= 0 or len(flow.seen_px) == 0:
        return None
    wide, high = ground.cell_wh_px
    window = (_NEAR_CELLS, _NEAR_CELLS)
    smooth = cv2.blur(each.reshape(ground.map_hw), window, borderType=cv2.BORDER_REFLECT_101)
    per_px = _sample(smooth / (wide * high), flow.seen_px, ground.cell_wh_px)
    per_px[per_px < OCCUPIED_PER_M2 * flow.ground_per_px] = 0.0
    seen = float(per_px.sum())
    if seen <= 0:
        return None
    return flow.of_people(per_px * (total / seen))


def _sample(
    values: FloatArray, points_px: FloatArray, cell_wh_px: tuple[float, float]
) -> FloatArray:
    """(M,) values of the cells these points lie in."""
    rows, columns = values.shape
    at = np.floor(points_px / cell_wh_px).astype(np.int64)
    column, row = np.clip(at, 0, [columns - 1, rows - 1]).T
    return np.asarray(values[row, column], dtype=np.float64)

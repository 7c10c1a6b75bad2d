"""Heat of a camera without ground calibration whose people are counted on a density map.

The quantity is people per 1 % of the picture: of the whole picture's area, so that the same
scene has the same colours whatever number of pixels the camera streams and in whatever size it
is looked at, and nobody mistakes it for square metres. Where the map counts its cells are drawn,
elsewhere the boxes, all at the heads, so that the hand-over between them moves no colour.

The scale is absolute and runs with the square root: far away a hundred heads share the hundredth
of the picture that a single person fills near the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.measurements import TrackView
from backend.core.observation import CrowdMap
from backend.core.snapshot import Snapshot
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.heat_colours import blend_heat
from backend.vision.overlay.legend import Legend

FloatMap = npt.NDArray[np.float32]

FULL_SCALE = 100.0
_TICKS = (0.0, 10.0, 25.0, 50.0, 100.0)
_NOBODY = 0.25
"""People per 1 %: what a network adds up on empty ground; below it nothing is drawn."""

_ALONE = 1.0
"""People per 1 %: from here on the colour is shown in full; somebody alone has 2."""

_COARSE = 6
"""Output pixels per pixel of the resampled field in x and y: heat has no fine detail."""

_HEAD_SHARE = 0.1
"""How far below the upper edge of a box its head is, relative to its height."""


@dataclass(frozen=True, slots=True)
class LiveMap:
    """A density map fit to be shown, and how far it counts.

    Attributes:
        crowd_map: People per cell.
        shares: (R, C) float32 in [0, 1], how far the map counts in each of its cells.
    """

    crowd_map: CrowdMap
    shares: FloatMap

    @classmethod
    def of(cls, snapshot: Snapshot) -> LiveMap | None:
        """Return the map behind a snapshot; None without one.

        Whether a map is too old to be drawn is not asked here: a snapshot has one only while it
        is counted on (`CrowdPicture`), however far apart frames are.
        """
        found, shares = snapshot.picture.crowd_map, snapshot.picture.map_shares
        if found is None or shares is None or shares.shape != found.people.shape:
            return None
        return cls(found, shares)

    def share_at(self, points_px: npt.ArrayLike) -> FloatArray:
        """Return how far the map counts at (N, 2) pixels of the full frame, (N,) in [0, 1]."""
        points = np.asarray(points_px, np.float64).reshape(-1, 2)
        cells = (points / self.crowd_map.cell_wh_px).astype(int)
        rows = np.clip(cells[:, 1], 0, self.shares.shape[0] - 1)
        columns = np.clip(cells[:, 0], 0, self.shares.shape[1] - 1)
        return np.asarray(self.shares[rows, columns], np.float64)


def head_points(tracks: Sequence[TrackView]) -> FloatArray:
    """Return (N, 2) float64, the heads of the boxes, pixels of the full frame."""
    boxes = np.array([track.box_xyxy for track in tracks], np.float64).reshape(-1, 4)
    x = boxes[:, (0, 2)].mean(axis=1)
    return np.column_stack([x, boxes[:, 1] + _HEAD_SHARE * (boxes[:, 3] - boxes[:, 1])])


def compute_map_heat(live: LiveMap, boxes_heads_px: FloatArray) -> FloatMap:
    """Return people per 1 % of the picture around the centre of every cell.

    Everybody is spread by a Gaussian whose effective area, 4 π σ², is 1 % of the picture: what
    stands in a cell is about the number of people in the hundredth of the picture around it.
    Mirrored at the borders, so that the edge of the picture is no thinner than its middle.

    Args:
        live: People of the map, each weighted with the map's share there.
        boxes_heads_px: (N, 2) heads of the boxes, pixels of the full frame; each is weighted
            with what the map leaves to the boxes there.

    Returns:
        (R, C) float32, of the map's own grid.
    """
    found = live.crowd_map
    people = found.people * live.shares
    rest = 1.0 - live.share_at(boxes_heads_px)
    cells = (boxes_heads_px / found.cell_wh_px).astype(int)
    inside = np.clip(cells, 0, np.array(people.shape[::-1]) - 1)
    np.add.at(people, (inside[:, 1], inside[:, 0]), rest.astype(np.float32))
    hundredth_px2 = 0.01 * found.picture_wh[0] * found.picture_wh[1]
    sigma_px = np.sqrt(hundredth_px2 / (4 * np.pi))
    width, height = found.cell_wh_px
    spread = cv2.GaussianBlur(
        people,
        (0, 0),
        sigmaX=sigma_px / width,
        sigmaY=sigma_px / height,
        borderType=cv2.BORDER_REFLECT,
    )
    return np.asarray(spread, np.float32) * np.float32(hundredth_px2 / (width * height))


def draw_map_heat(canvas: Canvas, live: LiveMap, tracks: Sequence[TrackView]) -> None:
    """Blend the colour-mapped field over the picture."""
    field = compute_map_heat(live, head_points(tracks))
    shown = np.clip((field - _NOBODY) / (_ALONE - _NOBODY), 0, 1)
    level = np.sqrt(np.clip(field / FULL_SCALE, 0, 1)) * shown
    size_wh = (-(-canvas.width // _COARSE), -(-canvas.height // _COARSE))
    (width, height), cell = live.crowd_map.picture_wh, live.crowd_map.cell_wh_px
    step = np.array([width / size_wh[0] / cell[0], height / size_wh[1] / cell[1]])
    to_cell = np.column_stack([np.diag(step), 0.5 * step - 0.5])
    spanning = cv2.warpAffine(
        np.asarray(level * 255, np.float32),
        to_cell,
        size_wh,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    blend_heat(canvas.image, np.asarray(spanning.round(), np.uint8))


def map_legend(counted_by: str, *, at_least: bool) -> Legend:
    """Return the scale: 0 to `FULL_SCALE` people per 1 % of the picture, by the square root."""
    title = f"people per 1 % of the picture{', at least' if at_least else ''}"
    ticks = [
        (np.sqrt(tick / FULL_SCALE), f"{'≥ ' if tick == FULL_SCALE else ''}{tick:.0f}")
        for tick in _TICKS
    ]
    return Legend(title, ticks, " · ".join(part for part in (counted_by, "uncalibrated") if part))

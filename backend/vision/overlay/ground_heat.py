"""Heat on an absolute scale: people per square metre, laid on the ground of the picture.

The colours run from 0 to 6 people/m² whatever the camera and the moment, so that they compare;
the edges of the bands (2, 4 and 6) are marked in the legend.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.measurements import DensityMap
from backend.core.trust import Trust
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.heat_colours import blend_heat
from backend.vision.overlay.legend import Legend

FULL_SCALE_PER_M2 = 6.0
BAND_EDGES_PER_M2 = (2.0, 4.0, 6.0)
_COARSE = 6
"""Output pixels per pixel of the warped field in x and y: heat has no fine detail."""
_LEAST_COVER = 0.5
_UNIT = "people/m²"

Corners = Sequence[tuple[float, float]]


def warp_density(
    density: DensityMap, size_wh: tuple[int, int], scale: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Return the density at every pixel of a picture of ``size_wh``, 1/m².

    Args:
        density: Field on the ground.
        size_wh: Width and height of the picture wanted, pixels.
        scale: (2,) pixels of that picture per pixel of the full frame, in x and y.

    Returns:
        (height, width) float32; 0 farther than a node's distance off the walkable area, and
        above the horizon, where the ray of a pixel meets the ground behind the camera if at all.
    """
    known = np.isfinite(density.values_per_m2)
    if not known.any():
        return np.zeros(size_wh[::-1], np.float32)
    to_picture = _node_to_picture(density, scale)
    filled, cover = _grown_by_a_node(density.values_per_m2, known)
    values, cover = (
        cv2.warpPerspective(layer, to_picture, size_wh, flags=cv2.INTER_LINEAR)
        for layer in (filled, cover)
    )
    cover *= _in_front(to_picture, known, size_wh)
    values /= np.maximum(cover, _LEAST_COVER)  # at a wall nothing is averaged with the outside
    values *= cover >= _LEAST_COVER
    return np.asarray(values, np.float32)


def draw_ground_heat(canvas: Canvas, density: DensityMap, monitored_px: Corners | None) -> None:
    """Blend the field over the picture, inside the monitored area where that is known."""
    coarse_wh = (-(-canvas.width // _COARSE), -(-canvas.height // _COARSE))
    fine = np.array([coarse_wh[0] / canvas.width, coarse_wh[1] / canvas.height])
    field = warp_density(density, coarse_wh, canvas.scale * fine)
    if monitored_px is not None:
        inside = np.zeros(field.shape, np.uint8)
        corners = canvas.to_output(monitored_px) * fine
        cv2.fillPoly(inside, [corners.round().astype(np.int32)], (1,))
        field *= inside
    index = np.clip(field * (255 / FULL_SCALE_PER_M2), 0, 255).astype(np.uint8)
    blend_heat(canvas.image, index)


def ground_legend(trust: Trust, counted_by: str = "") -> Legend:
    """Return 0, the edges of the bands and the unit; ``counted_by`` says with what."""
    title = {
        Trust.OK: _UNIT,
        Trust.SATURATED: f"{_UNIT}, at least",
        Trust.DEGRADED: f"{_UNIT}, degraded",
    }.get(trust, f"{_UNIT}, estimated")
    ticks = [
        (edge / FULL_SCALE_PER_M2, f"≥ {edge:.0f}" if edge == FULL_SCALE_PER_M2 else f"{edge:.0f}")
        for edge in (0.0, *BAND_EDGES_PER_M2)
    ]
    return Legend(title, ticks, counted_by)


def _grown_by_a_node(
    values: npt.NDArray[np.float32], known: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Carry values on beyond the border, which runs between nodes; return them and where."""
    filled, cover = np.where(known, values, 0).astype(np.float32), known.astype(np.float32)
    near = cv2.blur(cover, (3, 3), borderType=cv2.BORDER_CONSTANT)
    around = cv2.blur(filled, (3, 3), borderType=cv2.BORDER_CONSTANT) / np.maximum(near, 1e-6)
    is_near = near > 0.01
    return np.where(known, filled, around * is_near), is_near.astype(np.float32)


def _node_to_picture(
    density: DensityMap, scale: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(3, 3): column and row of a node to a pixel, pixel centres at whole numbers."""
    cell, (x, y) = density.cell_m, density.origin_m
    to_ground = np.array([[cell, 0, x], [0, cell, y], [0, 0, 1]])
    to_frame = np.array(density.ground_to_image).reshape(3, 3)
    shrink = np.array([[scale[0], 0, -0.5], [0, scale[1], -0.5], [0, 0, 1]])
    return np.asarray(shrink @ to_frame @ to_ground, np.float64)


def _in_front(
    to_picture: npt.NDArray[np.float64],
    known: npt.NDArray[np.bool_],
    size_wh: tuple[int, int],
) -> npt.NDArray[np.bool_]:
    """(height, width): the pixel's ray meets the ground on the camera's side of the horizon."""
    rows, columns = np.nonzero(known)
    node = np.array([columns[len(rows) // 2], rows[len(rows) // 2], 1.0])
    pixel = to_picture @ node
    back = np.linalg.inv(to_picture)
    side = np.sign(back[2] @ (pixel / pixel[2]))
    x, y = np.arange(size_wh[0]), np.arange(size_wh[1])[:, None]
    return np.asarray(side * (back[2, 0] * x + back[2, 1] * y + back[2, 2]) > 0)

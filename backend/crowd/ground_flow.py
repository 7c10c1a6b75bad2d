"""Motion of the picture as velocities on the ground (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.observation import PictureFlow
from backend.crowd.calibration.heads_on_ground import plane_of_heads

if TYPE_CHECKING:
    from backend.crowd.calibration import GroundPlane, HeightModel, MonitoredGround

SEEN_HEIGHT_M = 1.5
"""Height of what is seen moving in a crowd, heads and shoulders, metres."""

_HALF_STEP_S = 0.05
"""Both end points of a motion this long about now are mapped to the ground."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundFlow:
    """Velocities of picture cells on the ground.

    Attributes:
        positions_m: (M, 2) float64, metres, ground plane; cells on monitored ground only.
        velocity_mps: (M, 2) float64, m/s.
        noise_mps: Standard deviation per axis of a cell that stands still, m/s, where a pixel
            covers the median amount of ground; 0 for M = 0.
        ground_per_px: (M,) float64, square metres of ground that a pixel of the cell covers, to
            weigh cells by the ground they stand for.
        seen_px: (M, 2) float64, middles of the cells, pixels of the full frame; (0, 2) where not
            kept.
        error_mps: (M,) float64, root mean square length of the velocity of a cell that stands
            still, m/s; (0,) where not kept.
        people: (M,) float64, people each cell stands for where a density map tells
            (`of_people`); None = not known.
    """

    positions_m: FloatArray
    velocity_mps: FloatArray
    noise_mps: float
    ground_per_px: FloatArray
    seen_px: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    error_mps: FloatArray = field(default_factory=lambda: np.zeros(0))
    people: FloatArray | None = None

    def where(self, kept: npt.NDArray[np.bool_]) -> GroundFlow:
        """The cells chosen by ``kept`` ((M,) bool)."""
        return GroundFlow(
            self.positions_m[kept],
            self.velocity_mps[kept],
            self.noise_mps,
            self.ground_per_px[kept],
            self.seen_px[kept] if len(self.seen_px) else self.seen_px,
            self.error_mps[kept] if len(self.error_mps) else self.error_mps,
            None if self.people is None else self.people[kept],
        )

    def of_people(self, people: FloatArray) -> GroundFlow:
        """The cells with somebody in them, weighed by people.

        Args:
            people: (M,) float64, people each cell stands for; those with nobody are dropped.
        """
        return replace(self, people=people).where(people > 0)

    def speeds_without_noise_bias(self) -> FloatArray:
        """Speeds with the length that noise adds taken off, ``sqrt(max(|v|² - e², 0))``.

        A still crowd would seem to move otherwise, the more so the farther away it is.

        Returns:
            (M,) float64, m/s; the plain lengths where the error is not kept.

        References:
            Gudbjartsson & Patz 1995, Magn. Reson. Med. 34:910; as `VelocityFit` does it.
        """
        squared = (self.velocity_mps**2).sum(axis=1)
        error = self.error_mps if len(self.error_mps) else np.zeros(len(squared))
        return np.asarray(np.sqrt(np.maximum(squared - error**2, 0.0)))


def ground_flow(
    flow: PictureFlow,
    *,
    plane: GroundPlane,
    ground: MonitoredGround,
    picture_wh: tuple[int, int] | None = None,
    heights: HeightModel | None = None,
) -> GroundFlow:
    """Map optical flow to the ground.

    Both end points of the motion from 0.05 s before to 0.05 s after now are mapped. In a crowd
    what is seen moving are heads and shoulders, about h = 1.5 m above the ground. Taken for
    ground, such a point lies, and moves, too far from the camera's foot by ``H / (H − h)`` for a
    camera H above the ground: 33 % at 6 m, 18 % at 10 m. Where the camera can be found from the
    plane that is taken back: ``r = c + (r' − c)(H − h)/H`` with c the camera's foot. Otherwise
    (it would hang lower than 2.5 m) the ground is looked for below what is seen, where the
    height model has it: from 2.2 m up some 5 % too fast, not three times. The same bases as for
    the density map's heads (`plane_of_heads`).

    Args:
        flow: Motion of the picture, pixels of the full frame.
        plane: Ground plane of a picture of that size.
        ground: Cells whose position lies outside its measurement area are left out.
        picture_wh: Width and height of the picture, pixels, from which the camera is found; None
            = no correction.
        heights: Height of standing people in the picture, used where the camera is not found;
            None = not known.

    Returns:
        The flow on the ground; M = 0 where no cell lies there.

    Example:
        >>> from backend.crowd.calibration import GroundPlane, MonitoredGround
        >>> plane = GroundPlane.from_matrix(np.diag([0.02, -0.02, 1.0]))
        >>> ground = MonitoredGround.build(plane, picture_wh=(500, 250))
        >>> at, motion = np.float32([[100, 50]]), np.float32([[30, 10]])
        >>> found = ground_flow(PictureFlow(1.0, at, motion, 0.5), plane=plane, ground=ground)
        >>> found.velocity_mps.round(6).tolist(), round(found.noise_mps, 6)
        ([[0.6, -0.2]], 0.01)
    """
    seen = flow.points_px.astype(np.float64)
    half = flow.velocity_px_per_s.astype(np.float64) * _HALF_STEP_S
    if picture_wh is not None:
        plane = plane_of_heads(plane, picture_wh, heights=heights, above_m=SEEN_HEIGHT_M).plane
    positions = plane.to_world(seen)
    velocity = (plane.to_world(seen + half) - plane.to_world(seen - half)) / (2 * _HALF_STEP_S)
    kept = ground.contains(positions) & np.isfinite(velocity).all(axis=1)
    if not kept.any():
        nothing = np.zeros((0, 2))
        return GroundFlow(nothing, nothing, 0.0, np.zeros(0))
    at = seen[kept]
    to_metres = plane.jacobian(at)
    return GroundFlow(
        positions_m=positions[kept],
        velocity_mps=velocity[kept],
        noise_mps=flow.noise_px_per_s * float(np.median(plane.metres_per_pixel(at))),
        ground_per_px=np.abs(np.linalg.det(to_metres)),
        seen_px=at,
        error_mps=flow.noise_px_per_s * np.sqrt((to_metres**2).sum(axis=(1, 2))),
    )

"""Whether corners make a simple polygon, and at which of them they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.calibration import Point
from backend.core.frame import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]

LEAST_AREA: Final = 0.0004
"""Share of the picture, 2 % × 2 %: in less nobody can be told to stand."""
_SAME_SPOT: Final = 1e-4
"""Share of the picture's width or height: a fifth of a pixel of a Full HD one."""
_ON_LINE: Final = 1e-9
"""Share of the picture; far above the rounding of doubles, far below a pixel."""


@dataclass(frozen=True, slots=True)
class OutlineFault:
    """What is wrong with an outline, and what to do.

    Attributes:
        corner: Index of the corner it is shown at; None = the outline as a whole.
        detail: A sentence for a person; corners are counted from 1 in it.
    """

    corner: int | None
    detail: str


def find_outline_faults(
    corners: Sequence[Point], *, least_area: float = LEAST_AREA
) -> list[OutlineFault]:
    """Return why corners make no simple polygon of some size; empty for a good one.

    A polygon is simple when its sides meet only where one ends and the next begins. Of two
    sides that cross, the fault is at the corner where the later one begins.

    Args:
        corners: At least 3, finite, shares of the picture's width and height, in order.
        least_area: Least size, share of the picture.

    Example: the corners (0, 0), (1, 1), (1, 0), (0, 1) cross themselves after the third one.
    """
    points = np.array(corners, np.float64)
    repeated = _repeated(points)
    if repeated:
        return repeated
    if _lie_on_one_line(points):
        return [OutlineFault(None, "All corners lie on one line. Move one of them away from it.")]
    faults = _crossings(points)
    if faults:
        return faults
    area = _area(points)
    if area < least_area:
        return [
            OutlineFault(
                None,
                f"It covers {100 * area:.2g} % of the picture; {100 * least_area:g} % is the "
                "least. Draw it larger.",
            )
        ]
    return []


def _repeated(points: FloatArray) -> list[OutlineFault]:
    apart = np.abs(points[:, None] - points[None]).max(axis=2)
    same = np.tril(apart < _SAME_SPOT, k=-1)
    return [
        OutlineFault(
            int(later),
            f"Corner {later + 1} lies on corner {np.argmax(same[later]) + 1}. "
            "Move it away, or leave it out.",
        )
        for later in np.flatnonzero(same.any(axis=1))
    ]


def _lie_on_one_line(points: FloatArray) -> bool:
    away = points - points[0]
    far = away[np.argmax((away**2).sum(axis=1))]
    return bool(np.abs(_cross(far, away)).max() <= _ON_LINE * np.hypot(*far))


def _crossings(points: FloatArray) -> list[OutlineFault]:
    """Return sides that cross and corners that lie on another side; none is repeated."""
    count = len(points)
    sides = np.roll(points, -1, axis=0) - points
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    along = sides / lengths[:, None]
    from_start = points[None] - points[:, None]  # (side, corner, 2)
    beside = _cross(along[:, None], from_start)
    ahead = (along[:, None] * from_start).sum(axis=2)
    own = np.eye(count, dtype=bool)
    own |= np.roll(own, 1, axis=1)  # a side's own two corners
    touches = (
        (np.abs(beside) <= _ON_LINE)
        & (ahead >= -_ON_LINE)
        & (ahead <= lengths[:, None] + _ON_LINE)
        & ~own
    )
    which_side = np.where(np.abs(beside) <= _ON_LINE, 0, np.sign(beside))
    parted = which_side * np.roll(which_side, -1, axis=1) < 0
    crosses = np.triu(parted & parted.T)
    return _described(touches, crosses)


def _described(touches: BoolArray, crosses: BoolArray) -> list[OutlineFault]:
    """Return faults by corner.

    Args:
        touches: (N, N), whether on side i lies corner j.
        crosses: (N, N), whether sides i < j cross.
    """
    count = len(touches)
    faults = []
    for corner in range(count):
        if touches[:, corner].any():
            detail = (
                f"Corner {corner + 1} lies on {_side(int(np.argmax(touches[:, corner])), count)}. "
                "Move it away from there."
            )
        elif crosses[:, corner].any():
            other = int(np.argmax(crosses[:, corner]))
            detail = (
                f"After corner {corner + 1} the outline crosses {_side(other, count)}. "
                "Move one of their corners, or leave it out."
            )
        else:
            continue
        faults.append(OutlineFault(corner, detail))
    return faults


def _side(start: int, count: int) -> str:
    return f"the side from corner {start + 1} to corner {(start + 1) % count + 1}"


def _area(points: FloatArray) -> float:
    away = points - points[0]
    return abs(float(_cross(away, np.roll(away, -1, axis=0)).sum())) / 2


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]

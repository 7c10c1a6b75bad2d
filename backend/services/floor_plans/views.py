"""Floor plans as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.db.locations import FloorPlan


@dataclass(frozen=True, slots=True)
class FloorPlanView:
    """One plan.

    Attributes:
        width_px, height_px: Of the picture.
        width_m: What its width is in reality, metres; None = not known.
        height_m: The same of its height.
    """

    id: int
    name: str
    width_px: int
    height_px: int
    size_bytes: int
    width_m: float | None
    height_m: float | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan's picture on the disk.

    Attributes:
        etag: Differs from that of every other picture there ever was.
    """

    path: Path
    mime_type: str
    etag: str


def floor_plan_view(row: FloorPlan) -> FloorPlanView:
    """Return one plan as people see it."""
    height_m = None if row.width_m is None else row.width_m * row.height_px / row.width_px
    return FloorPlanView(
        id=row.id,
        name=row.name,
        width_px=row.width_px,
        height_px=row.height_px,
        size_bytes=row.size_bytes,
        width_m=row.width_m,
        height_m=height_m,
        created_at=row.created_at,
        created_by=row.created_by,
    )

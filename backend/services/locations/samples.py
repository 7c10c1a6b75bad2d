"""Sample locations to try the pages with; nobody is in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.camera import SourceType
from backend.core.locations import AreaRef, MapPosition
from backend.db.cameras import Camera
from backend.services.locations.checks import name_key
from backend.services.locations.draft import AreaDraft, LocationDraft

_SIMULATED_CAPACITY: Final = 400
"""Where the simulated camera's place has no limit of its own, people."""


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    description: str
    capacity: int
    longitude: float
    latitude: float


_STAGE: Final = _Sample(
    "Sample: main stage", "Fed by the simulated camera.", _SIMULATED_CAPACITY, 11.5486, 48.1316
)
_BY_HAND: Final = (
    _Sample(
        "Sample: food court",
        "Enter a count, and see how full it is.",
        250,
        11.5504,
        48.1322,
    ),
    _Sample(
        "Sample: north gate",
        "Enter a count above its capacity, and see what happens.",
        120,
        11.5497,
        48.1338,
    ),
)


def sample_drafts(session: Session, *, taken: Collection[str]) -> list[LocationDraft]:
    """Return the samples whose names are not taken yet.

    Args:
        session: Open; the first simulated camera, where there is one, feeds a sample.
        taken: Names of the locations there are.
    """
    drafts = [_draft(sample) for sample in _BY_HAND]
    camera = session.scalars(
        select(Camera)
        .where(Camera.source_type == SourceType.SIMULATED.value)
        .order_by(Camera.id)
        .limit(1)
    ).first()
    if camera is not None:
        drafts.insert(0, _draft(_STAGE, camera))
    keys = {name_key(name) for name in taken}
    return [draft for draft in drafts if name_key(draft.name) not in keys]


def _draft(sample: _Sample, camera: Camera | None = None) -> LocationDraft:
    limit = camera.people_limit if camera is not None else None
    return LocationDraft(
        name=sample.name,
        description=sample.description,
        capacity=limit or sample.capacity,
        position=MapPosition(None, sample.longitude, sample.latitude),
        areas=() if camera is None else (AreaDraft(AreaRef(camera.id), ()),),
    )

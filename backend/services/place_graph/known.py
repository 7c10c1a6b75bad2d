"""What there is to be linked: zones and lines of live cameras, and locations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.core.place_graph import PlaceKind, PlaceRef
from backend.db import place_graph_store
from backend.db.cameras import Camera
from backend.services.camera_rules import is_simulated


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A zone or a location.

    Attributes:
        limit: People it may hold; None = none is set.
        camera_id, camera_name: Of a zone; None of a location.
        is_simulated: Nobody stands there; None of a location that no camera sees.
    """

    place: PlaceRef
    name: str
    limit: int | None
    camera_id: int | None = None
    camera_name: str | None = None
    is_simulated: bool | None = None

    @property
    def words(self) -> str:
        """Name with camera, as people call it."""
        return self.name if self.camera_name is None else f"{self.name} on {self.camera_name}"


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A counting line of a live camera."""

    line_id: int
    name: str
    camera_id: int
    camera_name: str
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """All places and lines, by what names them."""

    places: Mapping[PlaceRef, KnownPlace]
    lines: Mapping[int, KnownLine]


def load_known(session: Session) -> KnownPlaces:
    """Return what there is: locations first, then zones, each by name."""
    places = [*_locations(session), *_zones(session)]
    lines = [
        KnownLine(row.id, row.name, camera.id, camera.name, is_simulated(camera))
        for row, camera in place_graph_store.list_lines(session)
    ]
    return KnownPlaces(
        {known.place: known for known in places}, {line.line_id: line for line in lines}
    )


def _locations(session: Session) -> Iterable[KnownPlace]:
    cameras = place_graph_store.cameras_of_locations(session)
    for row in place_graph_store.list_locations(session):
        yield KnownPlace(
            PlaceRef(PlaceKind.LOCATION, row.id),
            row.name,
            row.capacity,
            is_simulated=_all_simulated(cameras.get(row.id, ())),
        )


def _zones(session: Session) -> Iterable[KnownPlace]:
    for row, camera in place_graph_store.list_zones(session):
        yield KnownPlace(
            PlaceRef(PlaceKind.ZONE, row.id),
            row.name,
            row.count_limit,
            camera_id=camera.id,
            camera_name=camera.name,
            is_simulated=is_simulated(camera),
        )


def _all_simulated(cameras: Iterable[Camera]) -> bool | None:
    kinds = [is_simulated(camera) for camera in cameras]
    return all(kinds) if kinds else None

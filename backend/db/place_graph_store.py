"""Queries on links between places, action cards, and what there is to be linked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.core.camera import SourceType
from backend.core.place_graph import PlaceKind, PlaceRef
from backend.db.cameras import Camera
from backend.db.locations import LocationArea, LocationLine, LocationRow
from backend.db.place_graph import ActionCardRow, PlaceLinkRow
from backend.db.places import CountingLineRow, ZoneRow


def list_links(session: Session) -> Sequence[PlaceLinkRow]:
    """Return all links in the order they were made."""
    return session.scalars(select(PlaceLinkRow).order_by(PlaceLinkRow.id)).all()


def find_link(session: Session, link_id: int) -> PlaceLinkRow | None:
    """Return one link."""
    return session.get(PlaceLinkRow, link_id)


def list_cards(session: Session) -> Sequence[ActionCardRow]:
    """Return all action cards."""
    return session.scalars(select(ActionCardRow).order_by(ActionCardRow.id)).all()


def find_card(session: Session, place: PlaceRef) -> ActionCardRow | None:
    """Return the action card of one place."""
    statement = select(ActionCardRow).where(_is_card_of(place))
    return session.scalars(statement).one_or_none()


def list_zones(session: Session) -> Sequence[tuple[ZoneRow, Camera]]:
    """Return the zones of all live cameras with their cameras, by name."""
    statement = (
        select(ZoneRow, Camera)
        .join(Camera, Camera.id == ZoneRow.camera_id)
        .where(Camera.source_type != SourceType.UPLOAD.value)
        .order_by(ZoneRow.name, ZoneRow.id)
    )
    return session.execute(statement).all()


def list_lines(session: Session) -> Sequence[tuple[CountingLineRow, Camera]]:
    """Return the counting lines of all live cameras with their cameras, by name."""
    statement = (
        select(CountingLineRow, Camera)
        .join(Camera, Camera.id == CountingLineRow.camera_id)
        .where(Camera.source_type != SourceType.UPLOAD.value)
        .order_by(CountingLineRow.name, CountingLineRow.id)
    )
    return session.execute(statement).all()


def list_locations(session: Session) -> Sequence[LocationRow]:
    """Return all locations by name."""
    return session.scalars(select(LocationRow).order_by(LocationRow.name, LocationRow.id)).all()


def cameras_of_locations(session: Session) -> Mapping[int, Sequence[Camera]]:
    """Return the cameras that see or count each location, by its id; none = not in it."""
    found: dict[int, dict[int, Camera]] = defaultdict(dict)
    for part in (LocationArea, LocationLine):
        statement = select(part.location_id, Camera).join(Camera, Camera.id == part.camera_id)
        for location_id, camera in session.execute(statement):
            found[location_id][camera.id] = camera
    return {location_id: tuple(cameras.values()) for location_id, cameras in found.items()}


def _is_card_of(place: PlaceRef) -> ColumnElement[bool]:
    column: InstrumentedAttribute[int | None] = (
        ActionCardRow.zone_id if place.kind is PlaceKind.ZONE else ActionCardRow.location_id
    )
    return column == place.place_id

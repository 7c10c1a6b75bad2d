"""What sockets ask to be told of: cameras and locations, by their ids or all of them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from flask_socketio import join_room, leave_room

from backend.core.errors import InvalidInputError
from backend.realtime import rooms
from backend.realtime.connections import Connection, Connections

MAX_SUBSCRIPTIONS: Final = 500
EXPECTED: Final = 'expected {"cameras": [ids] | "all", "locations": [ids] | "all"}, or one of both'


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client wants to watch: these, or all there are."""

    ids: frozenset[int] = frozenset()
    wants_all: bool = False

    def granted(self, visible: Set[int]) -> frozenset[int]:
        """Return what it gets of what it may see."""
        return frozenset(visible) if self.wants_all else self.ids & visible


def asked(wanted: object, key: str) -> Asked | None:
    """Return what was asked for; None for nothing, which leaves it as it is.

    Raises:
        InvalidInputError: It is no list of ids, nor "all".
    """
    if not isinstance(wanted, dict) or key not in wanted:
        return None
    given = wanted[key]
    if given == "all":
        return Asked(wants_all=True)
    is_list = isinstance(given, list) and len(given) <= MAX_SUBSCRIPTIONS
    if not is_list or not all(type(entry) is int for entry in given):
        raise InvalidInputError(EXPECTED, field=key)
    return Asked(frozenset(given))


def watch_cameras(
    connections: Connections, connection: Connection, wanted: Asked, granted: frozenset[int]
) -> list[int]:
    """Put the asking socket into the rooms of these cameras, and out of all others."""
    for camera_id in connection.camera_ids - granted:
        leave_room(rooms.camera_room(camera_id))
    for camera_id in granted:
        join_room(rooms.camera_room(camera_id))
    for camera_id in connection.camera_ids | granted:
        is_shown = camera_id in granted and not wanted.wants_all
        (join_room if is_shown else leave_room)(rooms.places_room(camera_id))
    connections.watch(connection.sid, granted, wants_all=wanted.wants_all)
    return sorted(granted)


def watch_locations(
    connections: Connections, connection: Connection, wanted: Asked, known: Set[int]
) -> list[int]:
    """Put the asking socket into the rooms of these locations, and out of all others.

    Everybody may see every location; one that has just been made need not be watched yet.
    """
    granted = frozenset(known) if wanted.wants_all else wanted.ids
    for location_id in connection.location_ids - granted:
        leave_room(rooms.location_room(location_id))
    for location_id in granted:
        join_room(rooms.location_room(location_id))
    connections.watch_locations(connection.sid, granted, wants_all=wanted.wants_all)
    return sorted(granted)

"""Names of the Socket.IO rooms."""

from __future__ import annotations

from backend.db.accounts import Role
from backend.services.actor import Actor

OPERATORS = "operators"
VIEWERS = "viewers"


def camera_room(camera_id: int) -> str:
    """Return the room of those who watch one camera."""
    return f"camera:{camera_id}"


def places_room(camera_id: int) -> str:
    """Return the room of those who look at this one camera, its zones and lines included."""
    return f"places:{camera_id}"


def location_room(location_id: int) -> str:
    """Return the room of those who watch one location."""
    return f"location:{location_id}"


def user_room(user_id: int | None) -> str:
    """Return the room of one person's sockets."""
    return f"user:{user_id}"


def home_rooms(actor: Actor) -> tuple[str, ...]:
    """Return the rooms a socket is in from the start, by what its user may see."""
    group = OPERATORS if actor.role.includes(Role.OPERATOR) else VIEWERS
    return (group, user_room(actor.user_id))


def audience(*, is_private: bool, owner_id: int | None) -> list[str]:
    """Return the rooms that may be told of something: uploads only owner and operators."""
    if not is_private:
        return [OPERATORS, VIEWERS]
    return [OPERATORS] if owner_id is None else [OPERATORS, user_room(owner_id)]

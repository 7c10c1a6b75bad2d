"""Socket.IO: who may connect, and what a client may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import current_app, request
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, join_room
from jwt.exceptions import PyJWTError

from backend.core.errors import AuthenticationError, InvalidInputError
from backend.realtime import rooms
from backend.realtime.connections import Connection, Connections
from backend.realtime.subscriptions import EXPECTED, asked, watch_cameras, watch_locations
from backend.services.actor import Identity
from backend.services.container import Services
from backend.services.locations.views import LocationNumbersView, numbers_view
from backend.services.metric_views import as_json

logger = structlog.get_logger(__name__)


class SocketEmitter:
    """`Emitter` on a Flask-SocketIO server."""

    def __init__(self, socketio: SocketIO) -> None:
        self._socketio = socketio

    def emit(self, event: str, payload: Mapping[str, Any], *, to: str | list[str]) -> None:
        """Send an event to one room or the union of several."""
        self._socketio.emit(event, payload, to=to)

    def join(self, sid: str, room: str) -> None:
        """Put a socket into a room."""
        self._socketio.server.enter_room(sid, room)

    def disconnect(self, sid: str) -> None:
        """Close a socket."""
        self._socketio.server.disconnect(sid)


def prove(services: Services, token: str) -> Identity:
    """Return who an access token belongs to; raises AuthenticationError."""
    try:
        claims = decode_token(token)
        if claims.get("type") != "access":
            raise AuthenticationError("This is not an access token.")
        return services.accounts.identify(
            session_id=str(claims["sid"]), user_id=int(str(claims["sub"]))
        )
    except (PyJWTError, JWTExtendedException, KeyError, ValueError) as error:
        raise AuthenticationError("The token is missing, expired or wrong.") from error


def install_events(
    socketio: SocketIO,
    services: Services,
    connections: Connections,
    *,
    system_status: Callable[[], Mapping[str, Any]],
) -> None:
    """Register the handlers of the default namespace.

    Args:
        socketio, services: As everywhere.
        connections: Open sockets, kept up to date here.
        system_status: Summary a page shows from its first moment on.
    """

    @socketio.on("connect")
    def _connect(auth: object = None) -> None:
        token = auth.get("token") if isinstance(auth, dict) else None
        token = token or request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
        if not isinstance(token, str):
            raise Refused("authentication-required")
        try:
            identity = prove(services, token)
        except AuthenticationError as error:
            raise Refused("authentication-required") from error
        if identity.must_change_password:
            raise Refused("password-change-required")
        sid = _sid()
        connections.add(Connection(sid, identity))
        for room in rooms.home_rooms(identity.actor):
            join_room(room)
        state = _initial_state(services, identity) | {"system": dict(system_status())}
        socketio.emit("initial_state", state, to=sid)

    @socketio.on("disconnect")
    def _disconnect(_reason: object = None) -> None:
        connections.remove(_sid())

    @socketio.on("subscribe")
    def _subscribe(wanted: object = None) -> dict[str, Any]:
        connection = connections.get(_sid())
        if connection is None:
            return {"ok": False, "cameras": [], "error": "not connected"}
        try:
            cameras, locations = asked(wanted, "cameras"), asked(wanted, "locations")
            if cameras is None and locations is None:
                raise InvalidInputError(EXPECTED)
        except InvalidInputError as error:
            return {"ok": False, "cameras": [], "error": str(error)}
        answer: dict[str, Any] = {"ok": True}
        if cameras is not None:
            visible = services.cameras.visible(connection.identity.actor)
            granted = cameras.granted({camera.id for camera in visible})
            answer["cameras"] = watch_cameras(connections, connection, cameras, granted)
        if locations is not None:
            known = {location.location_id for location in services.location_watch.locations()}
            answer["locations"] = watch_locations(connections, connection, locations, known)
        return answer

    @socketio.on_error_default
    def _failed(error: Exception) -> dict[str, Any]:
        logger.error("socket_event_failed", exc_info=error)
        return {"ok": False, "error": "internal-error"}


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]


def _initial_state(services: Services, identity: Identity) -> dict[str, Any]:
    return {
        "cameras": as_json(services.cameras.visible(identity.actor)),
        "locations": as_json(_crowds(services)),
        "alerts_unacknowledged": services.alerts.count_unacknowledged(identity.actor),
        "server_time": services.clock.now().isoformat(),
    }


def _crowds(services: Services) -> list[LocationNumbersView]:
    """Return what is known of every location that has been read."""
    watch = services.location_watch
    readings = ((location, watch.reading(location.location_id)) for location in watch.locations())
    return [numbers_view(location, reading) for location, reading in readings if reading]

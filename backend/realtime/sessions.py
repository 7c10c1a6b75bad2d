"""Open sockets whose log-in has ended are closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backend.core.errors import AuthenticationError
from backend.realtime.connections import Connection, Connections
from backend.services.actor import Identity


class Closer(Protocol):
    """The part of Socket.IO that is used here."""

    def disconnect(self, sid: str) -> None:
        """Close a socket."""


class SocketSessions:
    """Looks at the log-ins behind open sockets; owned by the broadcaster's thread.

    Args:
        connections: Open sockets.
        closer: Closes them.
        identify: Proves a log-in session anew; raises AuthenticationError.
    """

    def __init__(
        self,
        connections: Connections,
        *,
        closer: Closer,
        identify: Callable[[Identity], Identity],
    ) -> None:
        self._connections = connections
        self._closer = closer
        self._identify = identify

    def close_revoked(self) -> None:
        """Close the sockets of sessions that were ended."""
        for sid in self._connections.take_revoked():
            self._close(sid)

    def check(self) -> None:
        """Close sockets whose log-in ended or whose user may see other things now."""
        proven: dict[str, Identity | None] = {}
        for connection in self._connections.all():
            session_id = connection.identity.session_id
            if session_id not in proven:
                proven[session_id] = self._prove(connection)
            if proven[session_id] != connection.identity:
                self._close(connection.sid)

    def _prove(self, connection: Connection) -> Identity | None:
        try:
            return self._identify(connection.identity)
        except AuthenticationError:
            return None

    def _close(self, sid: str) -> None:
        self._connections.remove(sid)
        self._closer.disconnect(sid)

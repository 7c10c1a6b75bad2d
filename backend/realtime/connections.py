"""Who is connected, what they watch, and what they may see."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend.services.actor import Identity


@dataclass(frozen=True, slots=True)
class Connection:
    """One open socket.

    Attributes:
        sid: Socket.IO's id.
        identity: Who opened it, with the log-in session behind it.
        wants_all: Subscribed to every camera, future ones included.
        camera_ids: Cameras whose rooms it is in.
        wants_all_locations, location_ids: The same of locations.
    """

    sid: str
    identity: Identity
    wants_all: bool = False
    camera_ids: frozenset[int] = frozenset()
    wants_all_locations: bool = False
    location_ids: frozenset[int] = frozenset()


class Connections:
    """The open sockets; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_sid: dict[str, Connection] = {}
        self._revoked: set[str] = set()

    def add(self, connection: Connection) -> None:
        """Take note of a socket that was let in."""
        with self._lock:
            self._by_sid[connection.sid] = connection

    def remove(self, sid: str) -> None:
        """Forget a socket; no effect for an unknown one."""
        with self._lock:
            self._by_sid.pop(sid, None)
            self._revoked.discard(sid)

    def get(self, sid: str) -> Connection | None:
        """Return an open socket."""
        with self._lock:
            return self._by_sid.get(sid)

    def all(self) -> tuple[Connection, ...]:
        """Return every open socket."""
        with self._lock:
            return tuple(self._by_sid.values())

    def watch(self, sid: str, camera_ids: Iterable[int], *, wants_all: bool) -> None:
        """Replace which cameras a socket watches."""
        with self._lock:
            known = self._by_sid.get(sid)
            if known is not None:
                self._by_sid[sid] = replace(
                    known, camera_ids=frozenset(camera_ids), wants_all=wants_all
                )

    def watch_locations(self, sid: str, location_ids: Iterable[int], *, wants_all: bool) -> None:
        """Replace which locations a socket watches."""
        with self._lock:
            known = self._by_sid.get(sid)
            if known is not None:
                self._by_sid[sid] = replace(
                    known, location_ids=frozenset(location_ids), wants_all_locations=wants_all
                )

    def watched_locations(self) -> frozenset[int]:
        """Return the locations in whose rooms any socket is."""
        with self._lock:
            return frozenset().union(*(one.location_ids for one in self._by_sid.values()))

    def is_watched(self, camera_id: int) -> bool:
        """Return whether any socket is in the camera's room."""
        with self._lock:
            return any(camera_id in one.camera_ids for one in self._by_sid.values())

    def is_looked_at(self, camera_id: int) -> bool:
        """Return whether any socket asked for this camera by its id: it shows zones and lines."""
        with self._lock:
            return any(
                camera_id in one.camera_ids and not one.wants_all for one in self._by_sid.values()
            )

    def mark_revoked(self, session_ids: Iterable[str]) -> None:
        """Mark the sockets of ended log-in sessions; only notes, for any thread."""
        ended = set(session_ids)
        with self._lock:
            self._revoked |= {
                sid for sid, one in self._by_sid.items() if one.identity.session_id in ended
            }

    def take_revoked(self) -> tuple[str, ...]:
        """Return the marked sockets once."""
        with self._lock:
            marked, self._revoked = tuple(self._revoked), set()
            return marked

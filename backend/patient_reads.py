"""A bound on how long a client may take to send its request.

Each request has a thread of the server while it is being read. Without a bound, anybody who
opens as many connections as there are threads and sends half a line on each stops the server.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a request.

    Attributes:
        grace_s: Seconds of waiting granted to every request, however little comes.
        bytes_per_s: Every so many bytes received grant another second.
        stall_s: Longest wait for the next byte, however much has come.
    """

    grace_s: float = 10.0
    bytes_per_s: float = 1024.0
    stall_s: float = 60.0


class PatientReads:
    """The receiving end of a connection; to a client that is too slow it says "closed".

    Only time spent waiting counts: a server that is busy with what has come costs the client
    nothing.

    Args:
        connection: A connected socket; what else is done with it does not come through here.
        patience: The bounds.
    """

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        self._connection = connection
        self._patience = patience
        self._received = 0
        self._waited_s = 0.0

    def begin(self) -> None:
        """A new request may come: its time starts afresh."""
        self._received = 0
        self._waited_s = 0.0

    def recv(self, size: int) -> bytes:
        """Return what comes next, nothing when the client has gone or takes too long."""
        earned_s = self._patience.grace_s + self._received / self._patience.bytes_per_s
        allowed_s = min(earned_s - self._waited_s, self._patience.stall_s)
        if allowed_s <= 0:
            return b""
        own_timeout_s = self._connection.gettimeout()
        if own_timeout_s is not None and own_timeout_s < allowed_s:
            return self._receive(size)
        self._connection.settimeout(allowed_s)
        try:
            return self._receive(size)
        except TimeoutError:
            return b""
        finally:
            self._connection.settimeout(own_timeout_s)

    def gettimeout(self) -> float | None:
        """Return the connection's own timeout in seconds."""
        return self._connection.gettimeout()

    def settimeout(self, timeout_s: float | None) -> None:
        """Set the connection's own timeout; the shorter of both bounds counts."""
        self._connection.settimeout(timeout_s)

    def _receive(self, size: int) -> bytes:
        began_s = time.monotonic()
        try:
            part = self._connection.recv(size)
        finally:
            self._waited_s += time.monotonic() - began_s
        self._received += len(part)
        return part

"""Online map tiles: off unless an administrator names a server for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from backend.core.errors import InvalidInputError
from backend.services.live_settings import LiveSettings

FIELD: Final = "map_tiles_url"
_PLACEHOLDERS: Final = ("{z}", "{x}", "{y}")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&()*+=:@%/?-]*")
"""What may stand in an address without a meaning in a header or a page."""


@dataclass(frozen=True, slots=True)
class TileServer:
    """Where map tiles come from.

    Attributes:
        template: Address of one tile, with ``{z}``, ``{x}`` and ``{y}``.
        origin: Scheme, host and port: all a page is allowed besides its own.
        attribution: Whose map it is, as plain text.
    """

    template: str
    origin: str
    attribution: str


def tile_server(live: LiveSettings) -> TileServer | None:
    """Return the server in force; None where tiles are off, or what is stored is no address."""
    if not live.map_tiles_url:
        return None
    try:
        origin = tile_origin(live.map_tiles_url)
    except InvalidInputError:
        return None
    return TileServer(live.map_tiles_url, origin, live.map_tiles_attribution or "")


def tile_origin(template: str) -> str:
    """Return the origin of a template, such as ``https://tiles.example.org:8443``.

    Raises:
        InvalidInputError: Not an https address of one host with all three placeholders.
    """
    try:
        parts = urlsplit(template)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _wrong("is no address") from error
    if parts.scheme != "https":
        raise _wrong("must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise _wrong("must not hold a user name or a password")
    if not _HOST.fullmatch(host):
        raise _wrong("must name one server (no {s}: give one of the servers itself)")
    if any(template.count(mark) != 1 for mark in _PLACEHOLDERS):
        raise _wrong("must hold {z}, {x} and {y}, each once")
    rest = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for mark in _PLACEHOLDERS:
        if mark not in rest:
            raise _wrong(f"must hold {mark} behind the server's name")
        rest = rest.replace(mark, "")
    if parts.fragment or not _PATH.fullmatch(rest):
        raise _wrong("holds characters that addresses have not (write them as %…)")
    return f"https://{host}" if port is None else f"https://{host}:{port}"


def _wrong(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"Address of map tiles: it {what}. For instance "
        "https://tiles.example.org/{z}/{x}/{y}.png; use null to switch them off.",
        field=FIELD,
    )

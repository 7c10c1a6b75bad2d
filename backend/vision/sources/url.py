"""Stream addresses: parsing, and the sentences for those that are wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from backend.core.camera import SourceType
from backend.core.errors import SourceRefusedError
from backend.vision.sources.addresses import literal_address

_SCHEMES: dict[SourceType, dict[str, int]] = {
    SourceType.RTSP: {"rtsp": 554, "rtsps": 322},
    SourceType.HTTP: {"http": 80, "https": 443},
}
_MAX_LENGTH = 2048
_HOST_NAME = re.compile(
    r"(?=.{1,253}\.?$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class StreamUrl:
    """A parsed stream address; credentials are decoded and left out of ``repr``.

    Attributes:
        scheme: Lower case.
        host: Name or address, without brackets.
        port: Given or the scheme's own.
        target: Path and query as sent to the server, starting with a slash.
    """

    scheme: str
    host: str
    port: int
    target: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def is_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme in {"https", "rtsps"}

    @property
    def host_in_url(self) -> str:
        """Host as it stands in a URL: IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """``host:port`` without credentials."""
        return f"{self.host_in_url}:{self.port}"

    @property
    def address(self) -> str:
        """The URL without credentials."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def label(self) -> str:
        """What the source is called in sentences for people."""
        return f"The camera at {self.authority}"

    @property
    def quoted_userinfo(self) -> str:
        """``user:password@`` for a URL, empty without credentials."""
        if self.username is None:
            return ""
        password = "" if self.password is None else f":{quote(self.password, safe='')}"
        return f"{quote(self.username, safe='')}{password}@"

    def is_same_server(self, other: StreamUrl) -> bool:
        """Whether credentials for one may be sent to the other."""
        return (self.host.lower(), self.port, self.is_tls) == (
            other.host.lower(),
            other.port,
            other.is_tls,
        )


def parse_stream_url(text: str, source_type: SourceType) -> StreamUrl:
    """Parse the address of an RTSP or HTTP source.

    Raises:
        SourceRefusedError: another scheme, no host, or characters that do not belong there.
    """
    schemes = _SCHEMES[source_type]
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    if len(text) > _MAX_LENGTH:
        raise SourceRefusedError(f"The address is longer than {_MAX_LENGTH} characters.")
    if any(ord(char) <= 32 or ord(char) == 127 for char in text):
        raise SourceRefusedError("The address holds spaces or control characters.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        # without the cause: it quotes what it took for the port, often the password
        raise SourceRefusedError(
            "The address cannot be read. Characters such as / ? # @ in a password have to be "
            "written as %2F %3F %23 %40."
        ) from None
    if parts.scheme.lower() not in schemes:
        raise SourceRefusedError(f"The address has to begin with {wanted}.")
    if not host or not _is_host(host) or port == 0:
        raise SourceRefusedError(f"The address names no valid host (expected {wanted}host/path).")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return StreamUrl(
        scheme=parts.scheme.lower(),
        host=host,
        port=port or schemes[parts.scheme.lower()],
        target=quote(target, safe="/?&=:@!$'()*+,;%~._-[]"),
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def _is_host(host: str) -> bool:
    if ":" in host:
        return literal_address(host) is not None
    try:
        ascii_host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return False
    return _HOST_NAME.fullmatch(ascii_host) is not None

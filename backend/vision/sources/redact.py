"""Take credentials out of anything that may be logged or shown."""

from __future__ import annotations

import re

_HIDDEN = "***"

# user:pass@ up to the last @ of the authority, so that a password may hold an @.
_USERINFO = re.compile(r"(?<=://)[^/?#\s\"'<>]*@")
# A password with a raw / or ? in it ends the authority early; no port starts with a letter.
_BROKEN_USERINFO = re.compile(r"(?<=://)[^/?#\s@:\"'<>]+:(?!\d*(?:[/?#\s\"'<>]|$))[^\s\"'<>]*@")
_TELLING_NAMES = (
    r"(?:[a-z0-9]+[_-])*(?:access[_-]?token|api[_-]?key|auth(?:orization)?|credentials?|key|"
    r"pass(?:wd|word|phrase)?|pw|pwd|secret|sig(?:nature)?|token|user(?:name)?|usr|login|"
    r"session(?:id)?|sid)"
)
_SECRET_PAIR = re.compile(
    rf"(?P<name>(?<![a-z0-9]){_TELLING_NAMES})(?P<sign>=|%3d)[^&;#/\s\"'<>]*", re.IGNORECASE
)
_AUTH_HEADER = re.compile(r"\b(?P<scheme>Basic|Bearer|Digest)\s+[^\r\n\"']+", re.IGNORECASE)


def redact_source(text: str) -> str:
    """Return ``text`` with credentials replaced by ``***``.

    Takes out ``user:password@`` of URLs, values of parameters that carry secrets (token, key,
    password, secret, user …) wherever they stand, and HTTP authorisation values. Text without
    secrets comes back unchanged; rather too much is hidden than too little.

    Example:
        >>> redact_source("rtsp://admin:p@ss@10.0.0.7/live?token=abc&profile=1")
        'rtsp://***@10.0.0.7/live?token=***&profile=1'
    """
    text = _BROKEN_USERINFO.sub(f"{_HIDDEN}@", text)
    text = _USERINFO.sub(f"{_HIDDEN}@", text)
    text = _SECRET_PAIR.sub(rf"\g<name>\g<sign>{_HIDDEN}", text)
    return _AUTH_HEADER.sub(rf"\g<scheme> {_HIDDEN}", text)

"""Take credentials out of anything that may be logged or shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

_HIDDEN = "***"

# user:pass@ up to the last @ of the authority, so that a password may hold an @.
_USERINFO = re.compile(r"(?<=://)[^/?#\s\"'<>]*@")
# A password with a raw / or ? in it ends the authority early; no port starts with a letter.
_BROKEN_USERINFO = re.compile(r"(?<=://)[^/?#\s@:\"'<>]+:(?!\d*(?:[/?#\s\"'<>]|$))[^\s\"'<>]*@")
# … but a password may begin like one: then what follows the @ looks like a host with more.
_PORT_LIKE_USERINFO = re.compile(
    r"(?<=://)[^/?#\s@:\"'<>]+:\d*[/?#][^\s\"'<>]*@(?=[\w.-]+(?:/|:\d)|\d+(?:\.\d+){3}|\[)"
)
# The same where the scheme was mistyped or left out.
_BARE_USERINFO = re.compile(
    r"(?:(?<=\s)|(?<![^\s\"'<>(]))(?:[a-z]+:/(?!/))?[^\s/@:\"'<>]{0,64}:(?!//)[^\s\"'<>]*@(?=[\w\[])"
)
# An address, or the path and query of one, as HTTP libraries put into their messages.
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*:|(?<![^\s\"'<>(=:]))/[^\s\"'<>]*", re.IGNORECASE)

_TELLING = re.compile(
    r"pass|pwd|psw|pw$|token|secret|key|auth|cred|sig|session|sid$|user|usr|login|jwt|ticket|otp$|"
    r"pin$|hash|bearer|code$",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"-?\d{0,4}(?:\.\d{1,4})?|\d{1,5}[x*,]\d{1,5}|true|false|yes|no|on|off|main|sub|high|low|tcp|udp|"
    r"unicast|multicast|video|h\.?26[45]|hevc|m?jpe?g|mp4|flv|ts|\*\*\*",
    re.IGNORECASE,
)
_TELLING_NAMES = (
    r"(?:[a-z0-9]+[_-])*(?:access[_-]?token|api[_-]?key|auth(?:orization)?|credentials?|key|"
    r"pass(?:wd|word|phrase|code)?|pswd?|pw|pwd|secret|sig(?:nature)?|token|user(?:name)?|usr|"
    r"login|session(?:id)?|sid|jwt|ticket|otp)"
)
_SECRET_PAIR = re.compile(
    rf"(?P<name>(?<![a-z0-9]){_TELLING_NAMES})(?P<sign>=|%3d)[^&;#/\s\"'<>]*", re.IGNORECASE
)
_AUTH_HEADER = re.compile(r"\b(?P<scheme>Basic|Bearer|Digest)\s+[^\r\n\"']+", re.IGNORECASE)


def redact_source(text: str) -> str:
    """Return ``text`` with credentials replaced by ``***``.

    Takes out what `redact_urls` does, values of parameters that carry secrets (token, key,
    password, secret, user …) wherever they stand, and HTTP authorisation values. Text without
    secrets comes back unchanged; rather too much is hidden than too little.

    Example:
        >>> redact_source("rtsp://admin:p@ss@10.0.0.7/live?token=abc&profile=1")
        'rtsp://***@10.0.0.7/live?token=***&profile=1'
    """
    text = redact_urls(text)
    text = _SECRET_PAIR.sub(rf"\g<name>\g<sign>{_HIDDEN}", text)
    return _AUTH_HEADER.sub(rf"\g<scheme> {_HIDDEN}", text)


def redact_urls(text: str) -> str:
    """Return ``text`` with the credentials of addresses in it replaced by ``***``.

    Takes out ``user:password@``, with or without a scheme before it, and of a query all values
    but those that can hardly be secret: short numbers, sizes and a few words, under a name
    that does not sound like a secret. Nobody knows the names all makers of cameras use.

    Example:
        >>> redact_urls("GET http://h/v.cgi?loginpas=888888&sessionkey=1&rate=25 failed")
        'GET http://h/v.cgi?loginpas=***&sessionkey=***&rate=25 failed'
    """
    for pattern in (_BROKEN_USERINFO, _PORT_LIKE_USERINFO, _USERINFO, _BARE_USERINFO):
        text = pattern.sub(f"{_HIDDEN}@", text)
    return _URL.sub(lambda url: _without_secret_parameters(url[0]), text)


def _without_secret_parameters(url: str) -> str:
    begin = re.search(r"[?#]", url)
    if begin is None:
        return url
    parts = re.split(r"([&;?#])", url[begin.start() :])
    return url[: begin.start()] + "".join(
        part if part in {"&", ";", "?", "#"} else _shown(part) for part in parts
    )


def _shown(parameter: str) -> str:
    name, sign, value = parameter.partition("=")
    plain = unquote(unquote(name))
    if not sign:
        # a name alone, or an encoded address or parameter
        is_secret = "=" in plain or "@" in plain or "://" in plain
        return _HIDDEN if is_secret else parameter
    # token[]=… is a token too
    if _TELLING.search(plain.rstrip("[]")) or not _HARMLESS.fullmatch(value):
        return f"{name}={_HIDDEN}"
    return parameter

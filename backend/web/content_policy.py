"""What a page may load: nothing inline, nothing from another host, no framing."""

from __future__ import annotations

from typing import Final

HEADER: Final = "Content-Security-Policy"


def content_policy(*, pictures_from: str = "") -> str:
    """Return the value of the header.

    Args:
        pictures_from: One more origin that pictures may come from, such as
            ``https://tiles.example.org``; empty = none.
    """
    pictures = f"img-src 'self' data: blob: {pictures_from}".rstrip()
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            pictures,
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
        )
    )

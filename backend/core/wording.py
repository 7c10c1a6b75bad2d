"""Texts people type in."""

from __future__ import annotations

from typing import Final

_JOINERS: Final = str.maketrans("", "", "\u200c\u200d")


def is_visible(text: str) -> bool:
    """Return whether every character of one line of text can be shown.

    The two joiners count as visible: they have no shape of their own, but Hindi and Persian words
    and many emoji are written with them.

    Example:
        >>> is_visible("क्\u200dष"), is_visible("Gate\\n B")
        (True, False)
    """
    return text.translate(_JOINERS).isprintable()

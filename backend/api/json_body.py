"""JSON bodies: only what every part behind them can hold, whatever JSON itself allows."""

from __future__ import annotations

import json
from typing import Any, Final

MAX_DEPTH: Final = 16
"""Objects and lists within each other; no input of this API needs more than three."""
_LARGEST_INTEGER: Final = 2**63 - 1


class UnusableBodyError(ValueError):
    """The body is not JSON, or holds what can be neither stored nor computed with."""


def parse_body(body: bytes) -> Any:
    """Return the value of a JSON body.

    Half surrogate pairs (``"\\ud800"``) are valid JSON but no text: they cannot be hashed or
    stored. Databases refuse NUL in text and integers of more than 64 bits.

    Raises:
        UnusableBodyError: A sentence that says why; it quotes nothing of the body.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnusableBodyError("The body is not valid JSON.") from error
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, dict | list):
            if depth >= MAX_DEPTH:
                raise UnusableBodyError("The JSON body is nested too deeply.")
            inner = [*item.keys(), *item.values()] if isinstance(item, dict) else item
            waiting.extend((part, depth + 1) for part in inner)
        else:
            _check_scalar(item)
    return value


def _check_scalar(value: object) -> None:
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        raise UnusableBodyError("A number in the JSON body is too large.")
    if isinstance(value, str):
        if "\0" in value:
            raise UnusableBodyError("Text in the JSON body holds a NUL character.")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise UnusableBodyError("Text in the JSON body is not valid Unicode.") from error

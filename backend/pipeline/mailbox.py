"""A latest-value mailbox: size one, replace, numbered."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Generic, TypeVar

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Letter(Generic[ValueT]):
    """One value and its number in this mailbox, counted from 1."""

    number: int
    value: ValueT


class Mailbox(Generic[ValueT]):
    """Holds the newest value only; writers never wait, readers may.

    Overflow is declared: a value nobody read is replaced. The gap in `Letter.number` tells a
    reader how many it missed.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._letter: Letter[ValueT] | None = None

    def put(self, value: ValueT) -> int:
        """Replace the value; return its number."""
        with self._changed:
            number = 1 if self._letter is None else self._letter.number + 1
            self._letter = Letter(number, value)
            self._changed.notify_all()
            return number

    def latest(self) -> Letter[ValueT] | None:
        """Return the newest value, None if there was none yet."""
        return self._letter

    def wait_newer(self, number: int, timeout_s: float) -> Letter[ValueT] | None:
        """Return the newest value numbered above ``number``, None if none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_newer(number), timeout_s)
            return self._letter if self._is_newer(number) else None

    def _is_newer(self, number: int) -> bool:
        return self._letter is not None and self._letter.number > number

"""Calls into other people's code that must never take a camera down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, ParamSpec

logger = logging.getLogger(__name__)

ParamsT = ParamSpec("ParamsT")


@dataclass(frozen=True, slots=True)
class ListenerStats:
    """How one listener fares."""

    name: str
    calls: int
    errors: int
    last_error: str


class GuardedListener(Generic[ParamsT]):
    """Calls a listener; an exception is counted, logged once per kind and swallowed.

    The listener runs on the caller's thread and must only enqueue.
    """

    def __init__(self, name: str, call: Callable[ParamsT, object]) -> None:
        self._name = name
        self._call = call
        self._lock = threading.Lock()
        self._calls = 0
        self._errors = 0
        self._last_error = ""

    def __call__(self, *args: ParamsT.args, **kwargs: ParamsT.kwargs) -> bool:
        """Call the listener; return whether it came back without an exception."""
        try:
            self._call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the edge to code that is not ours
            self._count_error(error)
            return False
        with self._lock:
            self._calls += 1
        return True

    def stats(self) -> ListenerStats:
        """Return the counters."""
        with self._lock:
            return ListenerStats(self._name, self._calls, self._errors, self._last_error)

    def _count_error(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        with self._lock:
            self._calls += 1
            self._errors += 1
            is_new = text != self._last_error
            self._last_error = text
        if is_new:  # the same failure 25 times a second would bury everything else
            logger.error("listener_failed name=%s", self._name, exc_info=error)

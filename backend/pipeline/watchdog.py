"""The 1 Hz tick that looks after camera threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Watchdog:
    """Calls ``tick`` at a fixed interval on its own thread until stopped.

    A tick that raises is logged and the next one comes all the same.

    Args:
        tick: What to do.
        interval_s: Time between ticks.
        name: Name of the thread.
    """

    def __init__(
        self, tick: Callable[[], None], *, interval_s: float = 1.0, name: str = "camera-watchdog"
    ) -> None:
        self._tick = tick
        self._interval_s = interval_s
        self._name = name
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread; idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            try:
                self._tick()
            except Exception:  # it watches over all cameras: the next round comes whatever happened
                logger.exception("watchdog_tick_failed")

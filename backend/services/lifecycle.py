"""Starting and stopping everything that runs: once, in order, and back again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

logger = logging.getLogger(__name__)

FIRST_ANSWERS_S = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """One running part.

    Attributes:
        name: For the log.
        start: Starts it; what it needs has been started by the steps before.
        stop: Stops it and waits, bounded in time.
        stops_always: Stopped even when the end came before its start: for what requests open.
    """

    name: str
    start: Callable[[], object]
    stop: Callable[[], object]
    stops_always: bool = False


class Lifecycle:
    """Runs the steps forwards at the start of the server and backwards at its end.

    Args:
        steps: In the order in which they start.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._started: list[Step] = []
        self._lock = threading.Lock()
        self._stop_wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_complete = False
        self._is_over = False

    @property
    def stop_wanted(self) -> threading.Event:
        """Set as soon as the server is told to end; streams end themselves on it."""
        return self._stop_wanted

    @property
    def is_running(self) -> bool:
        """Whether everything has been started and nothing has been told to stop."""
        return self._is_complete and not self._stop_wanted.is_set()

    def add(self, step: Step) -> None:
        """Append a step; only while the application is being built."""
        self._steps.append(step)

    def run_in_background(self) -> None:
        """Start everything, wait until `stop_wanted`, stop everything: in thread ``lifecycle``.

        The web server answers meanwhile, also while cameras and the model are still starting.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="lifecycle")
            self._thread.start()

    def end(self, timeout_s: float) -> bool:
        """Ask for the end and wait for it; return whether everything stopped in time."""
        self._stop_wanted.set()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def start(self) -> None:
        """Start every step that is not running; a failing one is logged, the others go on."""
        with self._lock:
            for step in self._steps:
                if step in self._started or self._stop_wanted.is_set():
                    continue
                # Noted before it starts: what starts by half must be stopped as well.
                self._started.append(step)
                self._guarded(step.name, "start", step.start)
            self._is_complete = True

    def stop(self) -> None:
        """Stop every started step, last first; once."""
        self._stop_wanted.set()
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            for step in reversed(self._steps):
                if step in self._started or step.stops_always:
                    self._guarded(step.name, "stop", step.stop)
            self._started.clear()

    def _run(self) -> None:
        # Cameras load seconds of libraries; the first requests are to be answered before.
        if not self._stop_wanted.wait(FIRST_ANSWERS_S):
            self.start()
        self._stop_wanted.wait()
        self.stop()

    def _guarded(self, name: str, verb: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception:
            logger.exception("lifecycle_failed step=%s verb=%s", name, verb)

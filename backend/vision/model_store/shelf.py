"""Models in memory: each once, shared by all cameras, let go when nobody needs it.

The rule: a model some camera uses stays. One that no camera uses any more is kept for the
next, but at most `KEPT_UNUSED` of these, the longest unused going first, and none while the
machine has less than `LOW_MEMORY_BYTES` to spare. The installation's own is never let go.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import psutil

from backend.vision.model_store.opening import OpenedModel
from backend.vision.network_detector import DetectorPlan, NetworkDetector

KEPT_UNUSED = 1
LOW_MEMORY_BYTES = 1 << 30


def free_memory_bytes() -> int:
    """Return how much memory programs could still get."""
    return int(psutil.virtual_memory().available)


class _Book:
    def __init__(self, model: OpenedModel) -> None:
        self.model = model
        self.users = 0
        self.is_kept = False


class ModelShelf:
    """Counts who uses which model; thread-safe.

    Args:
        free_memory: Bytes that can still be had.
    """

    def __init__(self, free_memory: Callable[[], int] = free_memory_bytes) -> None:
        self._free_memory = free_memory
        self._lock = threading.Lock()
        self._books: dict[Path, _Book] = {}  # in the order they became unused, newest last

    def take(self, path: Path, load: Callable[[], OpenedModel]) -> OpenedModel:
        """Return the model of ``path``, loading it if need be, and count one more user.

        Raises:
            ModelError: It cannot be loaded.
        """
        with self._lock:
            book = self._book(path, load)
            book.users += 1
            return book.model

    def keep(self, path: Path, load: Callable[[], OpenedModel]) -> OpenedModel:
        """Return the model of ``path`` and never let it go before `close`.

        Raises:
            ModelError: It cannot be loaded.
        """
        with self._lock:
            book = self._book(path, load)
            book.is_kept = True
            return book.model

    def give_back(self, path: Path) -> None:
        """Count one user less and let go of what the rule says."""
        with self._lock:
            book = self._books.get(path)
            if book is None:
                return
            book.users -= 1
            if book.users == 0:
                self._books[path] = self._books.pop(path)
            self._let_go()

    def loaded(self) -> tuple[Path, ...]:
        """Return what is in memory."""
        with self._lock:
            return tuple(self._books)

    def close(self) -> None:
        """Let go of everything; detectors on it are closed before."""
        with self._lock:
            for book in self._books.values():
                book.model.network.close()
            self._books.clear()

    def _book(self, path: Path, load: Callable[[], OpenedModel]) -> _Book:
        book = self._books.get(path)
        if book is None:
            self._let_go()
            book = self._books[path] = _Book(load())
        return book

    def _let_go(self) -> None:
        unused = [path for path, book in self._books.items() if not (book.users or book.is_kept)]
        spare = 0 if self._free_memory() < LOW_MEMORY_BYTES else KEPT_UNUSED
        for path in unused[: max(0, len(unused) - spare)]:
            self._books.pop(path).model.network.close()


class HeldDetector(NetworkDetector):
    """A camera's detector that gives its model back when it is closed.

    Args:
        model: What it runs on.
        plan: Thresholds, input size and tiling.
        give_back: Called once, after the detector is closed.
    """

    def __init__(
        self, model: OpenedModel, plan: DetectorPlan, give_back: Callable[[], None]
    ) -> None:
        super().__init__(model.network, model.head, plan)
        self._giving = threading.Lock()
        self._give_back: Callable[[], None] | None = give_back

    def close(self) -> None:
        """See `Detector.close`."""
        try:
            super().close()
        finally:
            with self._giving:
                give_back, self._give_back = self._give_back, None
            if give_back is not None:
                give_back()

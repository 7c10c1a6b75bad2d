"""Getting the networks ready before the first camera needs them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from backend.core.errors import ModelError
from backend.vision.density.store import DensityStore
from backend.vision.model_store import ModelStore

logger = logging.getLogger(__name__)


class ModelWarmup:
    """Fetches, exports and loads the networks in thread ``model`` while the server answers.

    A machine without any detector still serves pages and live pictures of health; why there
    is none stands in health, and the next camera that starts tries again. The same holds for
    the density counter, without which cameras run all the same.

    Args:
        models: The store of detectors.
        density: The store of the density counter.
    """

    def __init__(self, models: ModelStore, density: DensityStore) -> None:
        self._models = models
        self._density = density
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        # A daemon: fetching and exporting run in programs of their own, into scratch folders,
        # and must not hold up the end of the server.
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let go of the networks; what is still being fetched is left to end by itself."""
        if self._thread is not None:
            self._thread.join(0.5)
            if not self._thread.is_alive():
                self._models.close()
        # It does not wait for a load under way: whoever loads lets go of what it then has.
        self._density.close()

    def _run(self) -> None:
        self._load(lambda: self._models.prepare(lambda line: logger.info("model_setup %s", line)))
        if self._density.is_on:
            self._load(self._density.prepare)

    @staticmethod
    def _load(prepare: Callable[[], object]) -> None:
        try:
            prepare()
        except ModelError as error:
            logger.error("model_unavailable %s", error)
        except Exception:
            logger.exception("model_setup_failed")

"""Getting the detector ready before the first camera needs it."""

from __future__ import annotations

import logging
import threading

from backend.core.errors import ModelError
from backend.vision.model_store import ModelStore

logger = logging.getLogger(__name__)


class ModelWarmup:
    """Fetches, exports and loads the detector in thread ``model`` while the server answers.

    A machine without any detector still serves pages and live pictures of health; why there
    is none stands in health, and the next camera that starts tries again.

    Args:
        models: The store.
    """

    def __init__(self, models: ModelStore) -> None:
        self._models = models
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        # A daemon: fetching and exporting run in programs of their own, into scratch folders,
        # and must not hold up the end of the server.
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let go of the network; what is still being fetched is left to end by itself."""
        if self._thread is not None:
            self._thread.join(0.5)
            if not self._thread.is_alive():
                self._models.close()

    def _run(self) -> None:
        try:
            self._models.prepare(lambda line: logger.info("model_setup %s", line))
        except ModelError as error:
            logger.error("model_unavailable %s", error)
        except Exception:
            logger.exception("model_setup_failed")

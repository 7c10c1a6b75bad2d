"""The model store: resolves the weights once, in order, and hands out detectors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.core.camera import DetectionChoice, ModelInfo
from backend.core.clock import Clock
from backend.core.errors import ModelError
from backend.vision.adapters.ssdlite import open_ssdlite
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import Detector, DetectorParams
from backend.vision.filters import BoxFilterParams
from backend.vision.heads import Head
from backend.vision.model_store.download import (
    DownloadParams,
    download_weights,
    may_be_released,
)
from backend.vision.model_store.export import (
    FOLDER_SUFFIX,
    export_weights,
    exported_folder,
)
from backend.vision.model_store.fallback import (
    FALLBACK_FOLDER,
    FALLBACK_NAME,
    fetch_fallback,
    is_complete,
)
from backend.vision.model_store.memory import FailureMemory
from backend.vision.model_store.programs import Programs
from backend.vision.network import Network
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams

RETRY_LOAD_S = 60.0
"""After every source of weights has failed, cameras asking again are answered from memory."""

Progress = Callable[[str], None]
_INSTALLATION = DetectionChoice()


@dataclass(frozen=True, slots=True)
class RefusedModel:
    """A candidate that was not used.

    Attributes:
        source: File, folder or download, as shown to people.
        reason: Sentence that says why.
    """

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """State of the store, for health and settings pages.

    Attributes:
        info: The network in use; None until one is loaded.
        error: Why there is none although one was asked for; empty otherwise.
        refused: Candidates that were tried before it and why they were not used.
    """

    info: ModelInfo | None
    error: str
    refused: tuple[RefusedModel, ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    network: Network
    head: Head
    plan: DetectorPlan


class ModelStore:
    """Resolves the configured detector, loads it once and shares it; thread-safe.

    Order: ``yolo_model`` as a path; the same name in ``models/``, then its exports there;
    ultralytics' download of that name; the reduced-accuracy fallback. Whatever cannot be used
    is noted and the next is tried.

    Args:
        home: Folder that holds ``models/`` and ``instance/``.
        yolo_model: Name (``yolo11s.pt``) or path of a .pt, an .onnx or an OpenVINO folder.
            Relative paths are below ``home``.
        imgsz: Long side of the network input, where the model leaves it free.
        confidence: Lowest confidence of a detection.
        iou: Overlap above which two boxes are one person.
        precision: ``auto``, ``f32``, ``bf16`` or ``f16``.
        offline: Never fetch anything.
        clock: For the age of remembered failures.
        fallback_only: Use the reduced-accuracy fallback whatever else there is.
        filters: Size and shape a person's box may have.
        download: Limits of the download.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting, and two for tests and tuning
        self,
        *,
        home: Path,
        yolo_model: str,
        imgsz: int,
        confidence: float,
        iou: float,
        precision: str,
        offline: bool,
        clock: Clock,
        fallback_only: bool = False,
        filters: BoxFilterParams | None = None,
        download: DownloadParams | None = None,
    ) -> None:
        self._home = home
        self._models_dir = home / "models"
        self._yolo_model = yolo_model
        self._imgsz = imgsz
        self._precision = precision
        self._offline = offline
        self._clock = clock
        self._fallback_only = fallback_only
        self._params = DetectorParams(
            confidence=confidence,
            weak_confidence=min(0.1, confidence),
            iou=iou,
            filters=filters or BoxFilterParams(),
        )
        self._download = download or DownloadParams()
        self._stop = threading.Event()
        self._programs = Programs(home / "instance" / "ultralytics", self._stop)
        self._memory = FailureMemory(home / "instance" / "model_downloads.json")
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None
        self._refused: list[RefusedModel] = []
        self._error = ""
        self._failed_mono_s: float | None = None
        confine_ultralytics(self._programs.config_dir)

    def prepare(
        self, progress: Progress = lambda _: None, *, retry_download: bool = False
    ) -> ModelInfo:
        """Fetch, export and load ahead of time, so that the first camera starts at once.

        Args:
            progress: Told what happens, a sentence at a time.
            retry_download: Ask the download host again although it failed lately.

        Raises:
            ModelError: No detector is to be had; names everything that was tried.
        """
        with self._lock:
            self._failed_mono_s = None
            return self._info_of(self._load(progress, retry_download=retry_download))

    def open_detector(self, choice: DetectionChoice = _INSTALLATION) -> Detector:
        """Return a handle for one camera; the first call loads the network.

        Raises:
            ModelError: No detector is to be had; names everything that was tried.
        """
        del choice  # one model for all cameras so far
        with self._lock:
            loaded = self._load(lambda _: None, retry_download=False)
            return NetworkDetector(loaded.network, loaded.head, loaded.plan)

    def status(self) -> ModelStatus:
        """Return what is in use and what was refused; does not wait for a load under way."""
        loaded = self._loaded
        return ModelStatus(
            info=None if loaded is None else self._info_of(loaded),
            error=self._error,
            refused=tuple(self._refused),
        )

    def close(self) -> None:
        """End helper programs and let go of the network; close detectors before. Idempotent."""
        self._stop.set()
        with self._lock:
            if self._loaded is not None:
                self._loaded.network.close()
                self._loaded = None

    def _load(self, progress: Progress, *, retry_download: bool) -> _Loaded:
        """Return the loaded network, trying every candidate in order the first time."""
        if self._loaded is not None:
            return self._loaded
        now = self._clock.monotonic()
        if self._failed_mono_s is not None and now - self._failed_mono_s < RETRY_LOAD_S:
            raise ModelError(self._error)
        self._refused = []
        for source, load in self._candidates(progress, retry_download=retry_download):
            try:
                self._loaded = load()
            except ModelError as error:
                self._refused = [*self._refused, RefusedModel(source, str(error))]
                progress(f"Not used: {error}")
                continue
            self._error, self._failed_mono_s = "", None
            info = self._info_of(self._loaded)
            progress(f"Detector: {info.name} ({info.runtime}, {info.precision})")
            if info.remedy:
                progress(f"REDUCED ACCURACY: {info.remedy}")
            return self._loaded
        reasons = "; ".join(f"{item.source}: {item.reason}" for item in self._refused)
        self._error = f"No person detector can be loaded. {self._remedy()} Tried: {reasons}"
        self._failed_mono_s = self._clock.monotonic()
        raise ModelError(self._error)

    def _candidates(
        self, progress: Progress, *, retry_download: bool
    ) -> Iterator[tuple[str, Callable[[], _Loaded]]]:
        """Yield what to try, best first, with the name to show; looked up when its turn comes."""
        for path in () if self._fallback_only else self._files():
            yield path.name, lambda path=path: self._load_file(path, progress)  # type: ignore[misc]
        wants_download = may_be_released(self._yolo_model) and not self._fallback_only
        if wants_download and not self._is_in_models(self._yolo_model):
            yield (
                f"download of {self._yolo_model}",
                lambda: self._load_download(progress, retry=retry_download),
            )
        yield "reduced-accuracy fallback", lambda: self._load_fallback(progress)

    def _files(self) -> Iterator[Path]:
        """Yield the configured path, the same name in models/, then its exports there."""
        wanted = Path(self._yolo_model).expanduser()
        configured, named = self._home / wanted, self._models_dir / wanted.name
        if configured.exists():
            yield configured
        if named.exists() and named != configured:
            yield named
        if not (configured.exists() or named.exists() or may_be_released(self._yolo_model)):
            yield configured  # reported as missing: somebody asked for just this file
        stem = wanted.stem if wanted.suffix in (".pt", ".onnx") else wanted.name
        for name in (f"{stem}{FOLDER_SUFFIX}", f"{stem}.onnx", f"{stem}_int8{FOLDER_SUFFIX}"):
            sibling = self._models_dir / name
            if sibling.exists() and sibling.name != wanted.name:
                yield sibling

    def _is_in_models(self, name: str) -> bool:
        return (self._models_dir / name).exists()

    def _load_file(self, path: Path, progress: Progress) -> _Loaded:
        if not path.exists():
            raise ModelError(f"{path.name} does not exist")
        name = path.stem if path.is_file() else ""
        if path.suffix == ".pt":
            weights = path
            path = exported_folder(weights, models_dir=self._models_dir, size=self._imgsz)
            if not path.is_dir():
                progress(f"Exporting {weights.name} to OpenVINO (once, about a minute) …")
                export_weights(weights, target=path, size=self._imgsz, programs=self._programs)
        elif not path.is_dir() and path.suffix != ".onnx":
            raise ModelError(
                f"{path.name} is of an unknown kind: "
                "a .pt, an .onnx or an OpenVINO folder is needed"
            )
        network, head = open_yolo(path, precision=self._precision, name=name)
        return _Loaded(network, head, DetectorPlan(self._params, size=self._imgsz))

    def _load_download(self, progress: Progress, *, retry: bool) -> _Loaded:
        """Download the weights unless that failed lately; a failure is remembered."""
        name = self._yolo_model
        if self._offline:
            raise ModelError(f"{name} is not downloaded: CrowdSafe is set to work offline")
        known = self._memory.recall(name, self._clock.now())
        if known and not retry:
            raise ModelError(f"{known} (tried less than a day ago)")
        progress(f"Downloading {name} …")
        try:
            file = download_weights(
                name, models_dir=self._models_dir, programs=self._programs, params=self._download
            )
        except ModelError as error:
            reason = f"{name} cannot be downloaded: {error}"
            self._memory.remember(name, reason, self._clock.now())
            raise ModelError(reason) from error
        self._memory.forget(name)
        return self._load_file(file, progress)

    def _load_fallback(self, progress: Progress) -> _Loaded:
        folder = self._models_dir / FALLBACK_FOLDER
        fetched = not is_complete(folder)
        if fetched:
            self._fetch_fallback(progress)
        try:
            network, head = self._open_fallback(folder)
        except ModelError:
            if fetched:
                raise
            self._fetch_fallback(progress)  # what lay there is broken: once more, afresh
            network, head = self._open_fallback(folder)
        plan = DetectorPlan(
            self._params, tiling=TilingParams(), reduced_accuracy=True, remedy=self._remedy()
        )
        return _Loaded(network, head, plan)

    def _open_fallback(self, folder: Path) -> tuple[Network, Head]:
        return open_ssdlite(folder, precision=self._precision, name=FALLBACK_NAME)

    def _fetch_fallback(self, progress: Progress) -> None:
        if self._offline:
            raise ModelError("it is not in models/, and CrowdSafe is set to work offline")
        progress("Fetching the reduced-accuracy detector …")
        fetch_fallback(self._models_dir, self._programs)

    def _remedy(self) -> str:
        if self._fallback_only:
            return "It was asked for: choose the configured detector instead."
        name = Path(self._yolo_model).name
        if may_be_released(self._yolo_model) and not self._is_in_models(name):
            return f"Put {name} into models/ (from a machine with internet) and restart CrowdSafe."
        return (
            f"{name} cannot be used: put a sound model such as yolo11s.pt into models/, name it "
            "in YOLO_MODEL and restart CrowdSafe."
        )

    def _info_of(self, loaded: _Loaded) -> ModelInfo:
        return NetworkDetector(loaded.network, loaded.head, loaded.plan).info

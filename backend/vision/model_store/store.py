"""The model store: resolves the installation's weights, lists the others, hands out detectors."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from backend.core.camera import DetectionChoice, ModelInfo
from backend.core.clock import Clock
from backend.core.errors import InvalidInputError, ModelError
from backend.vision.adapters.hog import NAME as HOG_NAME
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.detector import Detector, DetectorParams
from backend.vision.filters import BoxFilterParams
from backend.vision.heads import ClassMap
from backend.vision.model_store.download import DownloadParams
from backend.vision.model_store.entries import ModelEntry, ModelFolder, hog_entry, missing_entry
from backend.vision.model_store.fallback import FALLBACK_FOLDER
from backend.vision.model_store.installation import (
    Installation,
    InstalledModel,
    Progress,
    RefusedModel,
    WantedModel,
)
from backend.vision.model_store.opening import ModelOpener, OpenedModel, plain_name
from backend.vision.model_store.programs import Programs
from backend.vision.model_store.shelf import HeldDetector, ModelShelf
from backend.vision.model_store.workshop import ModelWorkshop
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams

CHOICE_FIELD = "detection_model"
_INSTALLATION = DetectionChoice()


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """State of the store, for health and settings pages.

    Attributes:
        info: The installation's network; None until one is loaded.
        error: Why there is none although one was asked for; empty otherwise.
        refused: Candidates that were tried before it, and models chosen for a camera that
            could not be loaded, and why they were not used.
    """

    info: ModelInfo | None
    error: str
    refused: tuple[RefusedModel, ...]


class ModelStore:
    """Hands out detectors: the installation's own, or the one a camera asks for; thread-safe.

    Every model is loaded once and shared (see `shelf`). The installation's is resolved as
    `Installation` says; cameras may choose any usable model of ``models/``.

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
        classes: Which classes count as people.
        runtime, device: The settings INFERENCE_RUNTIME and INFERENCE_DEVICE.
        filters: Size and shape a person's box may have.
        download: Limits of the download.
        shelf: Keeps loaded models; one of its own unless given.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each setting, and three for tests and tuning
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
        classes: ClassMap | None = None,
        runtime: str = "auto",
        device: str = "auto",
        filters: BoxFilterParams | None = None,
        download: DownloadParams | None = None,
        shelf: ModelShelf | None = None,
    ) -> None:
        self._wanted = WantedModel(home, yolo_model, imgsz, offline, fallback_only)
        self._params = DetectorParams(
            confidence=confidence,
            weak_confidence=min(0.1, confidence),
            iou=iou,
            filters=filters or BoxFilterParams(),
        )
        self._opener = ModelOpener(precision, classes or ClassMap(), runtime, device)
        self._folder = ModelFolder(self._wanted.models_dir, size=imgsz, opener=self._opener)
        self._clock = clock
        self._stop = threading.Event()
        self._programs = Programs(home / "instance" / "ultralytics", self._stop)
        self._shelf = shelf or ModelShelf()
        self._installation = Installation(
            self._wanted,
            opener=self._opener,
            shelf=self._shelf,
            programs=self._programs,
            clock=clock,
            download=download or DownloadParams(),
        )
        self._lock = threading.Lock()
        self._not_chosen: dict[str, str] = {}
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
            self._installation.forget_failure()
            installed = self._installation.load(progress, retry_download=retry_download)
        info = self._info_of(installed)
        progress(f"Detector: {info.name} ({info.runtime}, {info.precision})")
        if info.remedy:
            progress(f"REDUCED ACCURACY: {info.remedy}")
        return info

    def open_detector(self, choice: DetectionChoice = _INSTALLATION) -> Detector:
        """Return a handle for one camera; the first on a model loads it.

        A camera whose model cannot be used gets the installation's; the reason stands in its
        ``ModelInfo.remedy`` and among ``status().refused``.

        Raises:
            ModelError: No detector is to be had; names everything that was tried.
        """
        if choice.model is None:
            return self._open_installed(choice)
        try:
            detector = self._open_chosen(choice.model, choice)
        except ModelError as error:
            self._not_chosen = {**self._not_chosen, choice.model: str(error)}
            return self._open_installed(choice, missed=f"{choice.model} is not used: {error}")
        self._not_chosen = {
            name: reason for name, reason in self._not_chosen.items() if name != choice.model
        }
        return detector

    def available(self) -> tuple[ModelEntry, ...]:
        """Return every model there is or should be, the installation's own first.

        Loads nothing; a file is read again only when it has changed.
        """
        entries = list(self._folder.entries())
        own = self._own_entry(entries)
        others = [entry for entry in entries if entry.name != own.name]
        if all(entry.name != FALLBACK_FOLDER for entry in (own, *others)):
            others.append(
                missing_entry(
                    FALLBACK_FOLDER,
                    "not fetched yet: run flask --app app models fetch fallback",
                )
            )
        return (own, *others)

    def check_choice(self, model: str) -> None:
        """Refuse a model that a camera cannot be given.

        Args:
            model: Name as `available` gives it.

        Raises:
            InvalidInputError: Unknown or not usable (field "detection_model"); says which are.
        """
        entries = self.available()
        wanted = next((entry for entry in entries if entry.name == model), None)
        if wanted is not None and wanted.is_usable:
            return
        usable = ", ".join(entry.name for entry in entries if entry.is_usable)
        offer = f"Usable: {usable}." if usable else "No model in models/ is usable."
        reason = f"there is no model {model!r}" if wanted is None else wanted.problem
        raise InvalidInputError(f"The model cannot be used: {reason}. {offer}", field=CHOICE_FIELD)

    def status(self) -> ModelStatus:
        """Return what is in use and what was refused; does not wait for a load under way."""
        installed = self._installation.installed
        chosen = tuple(RefusedModel(name, reason) for name, reason in self._not_chosen.items())
        return ModelStatus(
            info=None if installed is None else self._info_of(installed),
            error=self._installation.error,
            refused=(*self._installation.refused, *chosen),
        )

    def workshop(self) -> ModelWorkshop:
        """Return the tools of the shell on the same folder; `close` ends what they run."""
        return ModelWorkshop(
            self._wanted,
            folder=self._folder,
            installation=self._installation,
            opener=self._opener,
            programs=self._programs,
            plan=DetectorPlan(self._params, size=self._wanted.size),
            clock=self._clock,
        )

    def close(self) -> None:
        """End helper programs and let go of networks; close detectors before. Idempotent."""
        self._stop.set()
        with self._lock:
            self._installation.installed = None
            self._shelf.close()

    def _open_installed(self, choice: DetectionChoice, *, missed: str = "") -> Detector:
        with self._lock:
            installed = self._installation.load(lambda _: None, retry_download=False)
        remedy = " ".join(part for part in (missed, installed.remedy) if part)
        return self._detector(installed.key, installed.model, choice, remedy=remedy)

    def _open_chosen(self, name: str, choice: DetectionChoice) -> Detector:
        """Return a detector of the model called ``name``.

        Raises:
            ModelError: There is none of this name, or it cannot be used.
        """
        installed = self._installation.installed
        if installed is None and name == self._wanted.name and not self._is_listed(name):
            with self._lock:  # it lies elsewhere, or is yet to be downloaded
                installed = self._installation.load(lambda _: None, retry_download=False)
        if installed is not None and name == installed.path.name:
            return self._detector(installed.key, installed.model, choice)
        entry = self._folder.entry(self._folder.find(name))
        if not entry.is_usable:
            raise ModelError(entry.problem)
        path = self._folder.openable(self._folder.find(name))
        key = path.resolve()
        model = self._shelf.take(key, lambda: self._opener.open(path, name=plain_name(name)))
        return self._detector(key, model, choice, taken=True)

    def _is_listed(self, name: str) -> bool:
        return (self._wanted.models_dir / name).exists()

    def _detector(
        self,
        key: Path,
        model: OpenedModel,
        choice: DetectionChoice,
        *,
        remedy: str = "",
        taken: bool = False,
    ) -> Detector:
        if not taken:
            self._shelf.take(key, lambda: model)
        plan = DetectorPlan(
            self._params,
            size=self._wanted.size,
            tiling=model.tiling,
            reduced_accuracy=model.reduced_accuracy,
            remedy=remedy,
        )
        if choice.tiles is not None:
            plan = replace(plan, tiling=TilingParams.of_grid(*choice.tiles))
        return HeldDetector(model, plan, lambda: self._shelf.give_back(key))

    def _own_entry(self, entries: list[ModelEntry]) -> ModelEntry:
        """Return the entry of what cameras without a choice use, or would use."""
        installed = self._installation.installed
        if self._wanted.is_hog and (installed is None or installed.key.name == HOG_NAME):
            return replace(hog_entry(self._installation.error), is_default=True)
        own = installed.path if installed is not None else next(self._wanted.files(), None)
        if own is None and self._wanted.fallback_only:
            own = self._wanted.models_dir / FALLBACK_FOLDER
        if own is None or not own.exists():
            problem = "it is not in models/ yet; it is fetched with the first camera, if it can be"
            return replace(missing_entry(self._wanted.name, problem), is_default=True)
        known = next((item for item in entries if item.name == own.name), None)
        entry = known or self._folder.entry(own)
        if entry.problem and installed is not None:
            entry = replace(entry, problem="")  # it runs
        return replace(entry, is_default=True)

    def _info_of(self, installed: InstalledModel) -> ModelInfo:
        plan = DetectorPlan(
            self._params,
            size=self._wanted.size,
            tiling=installed.model.tiling,
            reduced_accuracy=installed.model.reduced_accuracy,
            remedy=installed.remedy,
        )
        return NetworkDetector(installed.model.network, installed.model.head, plan).info

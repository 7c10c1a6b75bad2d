"""The installation's own detector: which weights it is, tried in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.core.clock import Clock
from backend.core.errors import ModelError
from backend.vision.adapters.hog import NAME as HOG_NAME
from backend.vision.adapters.hog import REMEDY as HOG_REMEDY
from backend.vision.model_store.download import (
    DownloadParams,
    download_weights,
    may_be_released,
)
from backend.vision.model_store.export import (
    FOLDER_SUFFIX,
    ExportParams,
    export_weights,
    exported_path,
)
from backend.vision.model_store.fallback import (
    FALLBACK_FOLDER,
    FALLBACK_NAME,
    fetch_fallback,
    is_complete,
)
from backend.vision.model_store.memory import FailureMemory
from backend.vision.model_store.opening import ModelOpener, OpenedModel
from backend.vision.model_store.pickles import PICKLE_SUFFIX, check_pickle
from backend.vision.model_store.programs import Programs
from backend.vision.model_store.shelf import ModelShelf

RETRY_LOAD_S = 60.0
"""After every source of weights has failed, cameras asking again are answered from memory."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WantedModel:
    """What the settings ask for.

    Attributes:
        home: Folder that holds ``models/`` and ``instance/``; relative paths are below it.
        model: Name (``yolo11s.pt``) or path; ``hog`` for the classic detector.
        size: Long side of the network input, where the model leaves it free.
        offline: Never fetch anything.
        fallback_only: Use the reduced-accuracy fallback whatever else there is.
    """

    home: Path
    model: str
    size: int
    offline: bool
    fallback_only: bool = False

    @property
    def models_dir(self) -> Path:
        """Where models lie."""
        return self.home / "models"

    @property
    def name(self) -> str:
        """Base name, for people."""
        return Path(self.model).name

    @property
    def may_be_downloaded(self) -> bool:
        """Whether ultralytics may release a file of this name."""
        return may_be_released(self.model) and not self.fallback_only

    @property
    def is_hog(self) -> bool:
        """Whether the classic detector is asked for, which needs no file."""
        return self.model.lower() == HOG_NAME and not self.fallback_only

    def files(self) -> Iterator[Path]:
        """Yield the configured path, the same name in models/, then its exports there."""
        if self.fallback_only or self.is_hog:
            return
        wanted = Path(self.model).expanduser()
        configured, named = self.home / wanted, self.models_dir / wanted.name
        if configured.exists():
            yield configured
        if named.exists() and named != configured:
            yield named
        if not (configured.exists() or named.exists() or may_be_released(self.model)):
            yield configured  # reported as missing: somebody asked for just this file
        stem = wanted.stem if wanted.suffix in (".pt", ".onnx") else wanted.name
        for name in (f"{stem}{FOLDER_SUFFIX}", f"{stem}.onnx", f"{stem}_int8{FOLDER_SUFFIX}"):
            sibling = self.models_dir / name
            if sibling.exists() and sibling.name != wanted.name:
                yield sibling

    def is_in_models(self) -> bool:
        """Whether a file of just this name lies in models/."""
        return (self.models_dir / self.model).exists()

    def remedy(self) -> str:
        """Return what to do where another model than the wanted one is in use."""
        if self.fallback_only:
            return "It was asked for: choose the configured detector instead."
        if may_be_released(self.model) and not (self.models_dir / self.name).exists():
            return (
                f"Put {self.name} into models/ (from a machine with internet) and restart "
                "CrowdSafe."
            )
        return (
            f"{self.name} cannot be used: put a sound model such as yolo11s.pt into models/, "
            "name it in YOLO_MODEL and restart CrowdSafe."
        )


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
class InstalledModel:
    """The installation's detector in memory.

    Attributes:
        path: What was asked for: the file in ``models/``, a ``.pt`` rather than its export.
        key: What was loaded; where the shelf keeps it.
        remedy: What to do about reduced accuracy; empty where there is nothing to do.
    """

    path: Path
    key: Path
    model: OpenedModel
    remedy: str = ""


class Installation:
    """Tries the candidates in order, once; used by one thread at a time (the store's lock).

    Order: the configured path; the same name in ``models/``, then its exports there;
    ultralytics' download of that name; the reduced-accuracy fallback. Whatever cannot be used
    is noted and the next is tried.

    Args:
        wanted: What the settings ask for.
        opener: Opens files.
        shelf: Keeps what is loaded, shared with cameras that choose the same model.
        programs: Runs downloads and exports.
        clock: For the age of remembered failures.
        download: Limits of the download.
    """

    def __init__(
        self,
        wanted: WantedModel,
        *,
        opener: ModelOpener,
        shelf: ModelShelf,
        programs: Programs,
        clock: Clock,
        download: DownloadParams,
    ) -> None:
        self._wanted = wanted
        self._opener = opener
        self._shelf = shelf
        self._programs = programs
        self._clock = clock
        self._download = download
        self._memory = FailureMemory(wanted.home / "instance" / "model_downloads.json")
        self._failed_mono_s: float | None = None
        self.installed: InstalledModel | None = None
        self.refused: tuple[RefusedModel, ...] = ()
        self.error = ""

    def forget_failure(self) -> None:
        """Try again at once although everything failed a moment ago."""
        self._failed_mono_s = None

    def load(self, progress: Progress, *, retry_download: bool) -> InstalledModel:
        """Return the installation's model, trying every candidate in order the first time.

        Raises:
            ModelError: No detector is to be had; names everything that was tried.
        """
        if self.installed is not None:
            return self.installed
        now = self._clock.monotonic()
        if self._failed_mono_s is not None and now - self._failed_mono_s < RETRY_LOAD_S:
            raise ModelError(self.error)
        self.refused = ()
        for source, load in self._candidates(progress, retry_download=retry_download):
            try:
                self.installed = load()
            except ModelError as error:
                self.refused = (*self.refused, RefusedModel(source, str(error)))
                progress(f"Not used: {error}")
                continue
            self.error, self._failed_mono_s = "", None
            return self.installed
        reasons = "; ".join(f"{item.source}: {item.reason}" for item in self.refused)
        self.error = f"No person detector can be loaded. {self._wanted.remedy()} Tried: {reasons}"
        self._failed_mono_s = self._clock.monotonic()
        raise ModelError(self.error)

    def _candidates(
        self, progress: Progress, *, retry_download: bool
    ) -> Iterator[tuple[str, Callable[[], InstalledModel]]]:
        """Yield what to try, best first, with the name to show; looked up when its turn comes."""
        if self._wanted.is_hog:
            yield "classic HOG detector", self._load_hog
        for path in self._wanted.files():
            yield path.name, lambda path=path: self._load_file(path, progress)  # type: ignore[misc]
        if self._wanted.may_be_downloaded and not self._wanted.is_in_models():
            yield (
                f"download of {self._wanted.model}",
                lambda: self._load_download(progress, retry=retry_download),
            )
        yield "reduced-accuracy fallback", lambda: self._load_fallback(progress)

    def _load_file(self, path: Path, progress: Progress) -> InstalledModel:
        if not path.exists():
            raise ModelError(f"{path.name} does not exist")
        name = path.stem if path.is_file() else ""
        opened_path = path
        if path.suffix == PICKLE_SUFFIX:
            opened_path = self.export(path, progress)
        key = opened_path.resolve()
        model = self._shelf.keep(key, lambda: self._opener.open(opened_path, name=name))
        remedy = self._wanted.remedy() if model.reduced_accuracy else ""
        return InstalledModel(path, key, model, remedy)

    def _load_hog(self) -> InstalledModel:
        key = self._wanted.models_dir / HOG_NAME
        return InstalledModel(key, key, self._shelf.keep(key, self._opener.open_hog), HOG_REMEDY)

    def export(self, weights: Path, progress: Progress) -> Path:
        """Return the export of a ``.pt`` file in models/, made now if need be.

        Raises:
            ModelError: It does not lie in models/, is no weight file, or cannot be exported.
        """
        models_dir = self._wanted.models_dir
        check_pickle(weights, models_dir=models_dir)
        params = ExportParams(self._wanted.size, self._opener.export_kind())
        target = exported_path(weights, models_dir=models_dir, params=params)
        if not target.exists():
            progress(f"Exporting {weights.name} to {params.kind} (once, about a minute) …")
            export_weights(weights, models_dir=models_dir, params=params, programs=self._programs)
        return target

    def _load_download(self, progress: Progress, *, retry: bool) -> InstalledModel:
        """Download the weights unless that failed lately; a failure is remembered."""
        name = self._wanted.model
        if self._wanted.offline:
            raise ModelError(f"{name} is not downloaded: CrowdSafe is set to work offline")
        known = self._memory.recall(name, self._clock.now())
        if known and not retry:
            raise ModelError(f"{known} (tried less than a day ago)")
        return self._load_file(self.download(name, progress), progress)

    def download(self, name: str, progress: Progress) -> Path:
        """Return the released weights called ``name``, downloaded now; failures are remembered.

        Raises:
            ModelError: The host does not answer, does not offer them, or was too slow.
        """
        progress(f"Downloading {name} …")
        try:
            file = download_weights(
                name,
                models_dir=self._wanted.models_dir,
                programs=self._programs,
                params=self._download,
            )
        except ModelError as error:
            reason = f"{name} cannot be downloaded: {error}"
            self._memory.remember(name, reason, self._clock.now())
            raise ModelError(reason) from error
        self._memory.forget(name)
        return file

    def _load_fallback(self, progress: Progress) -> InstalledModel:
        folder = self._wanted.models_dir / FALLBACK_FOLDER
        fetched = not is_complete(folder)
        if fetched:
            self.fetch_fallback(progress)
        try:
            return self._open_fallback(folder)
        except ModelError:
            if fetched:
                raise
            self.fetch_fallback(progress)  # what lay there is broken: once more, afresh
            return self._open_fallback(folder)

    def _open_fallback(self, folder: Path) -> InstalledModel:
        key = folder.resolve()
        model = self._shelf.keep(key, lambda: self._opener.open_ssd(folder, name=FALLBACK_NAME))
        return InstalledModel(folder, key, model, self._wanted.remedy())

    def fetch_fallback(self, progress: Progress) -> Path:
        """Return the folder of the fallback network, fetched now.

        Raises:
            ModelError: Offline, not to be had, or not the expected file.
        """
        if self._wanted.offline:
            raise ModelError("it is not in models/, and CrowdSafe is set to work offline")
        progress("Fetching the reduced-accuracy detector …")
        return fetch_fallback(self._wanted.models_dir, self._programs)

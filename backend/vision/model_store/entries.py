"""What lies in ``models/``, as a list for people: names, facts, and what is wrong with each."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.hog import NAME as HOG_NAME
from backend.vision.adapters.model_peek import (
    PeekedModel,
    peek_onnx,
    peek_openvino,
    peek_torchscript,
)
from backend.vision.adapters.yolo import ENGINE, ONNX, TORCHSCRIPT
from backend.vision.model_store.export import FOLDER_SUFFIX, ExportParams, exported_path
from backend.vision.model_store.fallback import FALLBACK_FOLDER
from backend.vision.model_store.opening import ModelOpener
from backend.vision.model_store.pickles import PICKLE_SUFFIX, check_pickle
from backend.vision.network import NetworkInfo

CARD_NAME = "quantisation.json"
MAX_CARD_BYTES = 1 << 20
ENGINE_SUFFIXES = {".torchscript": "torch", ".engine": "tensorrt"}
"""Files whose content is known only once the runtime has loaded them."""

MODEL_SUFFIXES = {PICKLE_SUFFIX, ".onnx", *ENGINE_SUFFIXES}

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model a camera may be given, or why it may not.

    Attributes:
        name: File or folder in ``models/``; how it is asked for.
        runtime: ``openvino``, ``onnxruntime``, ``torch``, ``tensorrt`` or ``opencv``.
        precision: Of its weights: ``f32``, ``f16`` or ``int8``; empty where not known.
        input_hw: Fixed input height and width in pixels, None where it is free.
        classes: Names of its classes that count as people; empty where it names none.
        reduced_accuracy: It finds fewer people than the installation's detector should.
        is_default: The installation's own: what cameras without a choice use.
        problem: Why it cannot be used and what to do; empty for a usable one.
        remark: What to know of a usable one; empty if nothing.
        size_bytes: On disk.
    """

    name: str
    runtime: str
    precision: str
    input_hw: tuple[int, int] | None
    classes: tuple[str, ...]
    reduced_accuracy: bool = False
    is_default: bool = False
    problem: str = ""
    remark: str = ""
    size_bytes: int = 0

    @property
    def is_usable(self) -> bool:
        """Whether a camera may be given it."""
        return not self.problem


class ModelFolder:
    """Looks through ``models/``; each file is read again only when it has changed.

    Used by one thread at a time for each call; two at once do the same work twice, no harm.

    Args:
        models_dir: The folder; may be missing.
        size: Input size that ``.pt`` files are exported for.
        opener: Knows the runtime and which classes count as people.
    """

    def __init__(self, models_dir: Path, *, size: int, opener: ModelOpener) -> None:
        self._dir = models_dir
        self._opener = opener
        self._size = size
        self._known: dict[Path, tuple[Signature, ModelEntry]] = {}
        self._exports: dict[Path, tuple[Signature, Path]] = {}

    def entries(self) -> tuple[ModelEntry, ...]:
        """Return everything in the folder that looks like a model, by name."""
        paths = list(self._paths())
        pickles = [path for path in paths if path.suffix == PICKLE_SUFFIX]
        hidden = {export for path in pickles if (export := self.export_of(path)) is not None}
        return tuple(self.entry(path) for path in paths if path not in hidden)

    def entry(self, path: Path) -> ModelEntry:
        """Return what is known of one file or folder."""
        if path.suffix == PICKLE_SUFFIX:
            return self._pickle_entry(path)
        signature = _signature(path)
        known = self._known.get(path)
        if known is None or known[0] != signature:
            known = (signature, self._read(path))
            self._known[path] = known
        return known[1]

    def export_of(self, weights: Path) -> Path | None:
        """Return the finished export of a ``.pt`` file, None without one."""
        signature = _signature(weights)
        known = self._exports.get(weights)
        if known is None or known[0] != signature:
            try:
                params = ExportParams(self._size, self._opener.export_kind())
                target = exported_path(weights, models_dir=self._dir, params=params)
            except (OSError, ModelError):
                return None
            known = (signature, target)
            self._exports[weights] = known
        return known[1] if known[1].exists() else None

    def find(self, name: str) -> Path:
        """Return where the model called ``name`` lies.

        Raises:
            ModelError: There is none, or the name is a path.
        """
        for path in self._paths():
            if path.name == name:
                return path
        raise ModelError(f"there is no model {name} in models/")

    def openable(self, path: Path) -> Path:
        """Return what is to be opened for ``path``: a ``.pt`` file's export, else itself.

        Raises:
            ModelError: A ``.pt`` file without export: nothing but the shell exports it.
        """
        if path.suffix != PICKLE_SUFFIX:
            return path
        export = self.export_of(path)
        if export is None:
            raise ModelError(_not_exported(path.name))
        return export

    def _paths(self) -> Iterator[Path]:
        if self._dir.is_dir():
            found = (path for path in self._dir.iterdir() if _is_model(path))
            yield from sorted(found, key=lambda path: path.name.lower())

    def _pickle_entry(self, path: Path) -> ModelEntry:
        empty = ModelEntry(path.name, "openvino", "", None, (), size_bytes=_size(path))
        try:
            check_pickle(path, models_dir=self._dir)
        except ModelError as error:
            return replace(empty, problem=str(error))
        if not zipfile.is_zipfile(path):
            problem = f"{path.name} is not a PyTorch weight file (or it is cut short)"
            return replace(empty, problem=problem)
        export = self.export_of(path)
        if export is None:
            return replace(empty, problem=_not_exported(path.name))
        found = self.entry(export)
        return replace(found, name=path.name, size_bytes=found.size_bytes + empty.size_bytes)

    def _read(self, path: Path) -> ModelEntry:
        size = _size(path)
        empty = ModelEntry(path.name, self._runtime_of(path), "", None, (), size_bytes=size)
        if path.suffix == ENGINE:
            return empty  # made for one GPU; what it is shows once that has loaded it
        try:
            found = _peek(path)
            entry = replace(
                empty,
                precision=found.precision,
                input_hw=found.input_hw,
                reduced_accuracy=found.is_ssd,
            )
            counted = self._counted(path, found)
        except (ModelError, OSError) as error:
            return replace(empty, problem=str(error))
        except _NotAPersonDetectorError as error:
            return replace(entry, problem=str(error))
        remark = _remark(path) if path.is_dir() else ""
        return replace(entry, classes=counted, remark=remark)

    def _runtime_of(self, path: Path) -> str:
        if path.suffix == ONNX and self._opener.runtime == "onnxruntime":
            return "onnxruntime"
        return {TORCHSCRIPT: "torch", ENGINE: "tensorrt"}.get(path.suffix, "openvino")

    def _counted(self, path: Path, found: PeekedModel) -> tuple[str, ...]:
        """Return the names of the classes that count as people."""
        facts = found.facts
        if found.is_ssd:
            return ("person",)
        if facts.task and facts.task != "detect":
            raise _NotAPersonDetectorError(
                f"{path.name} is a model for the task “{facts.task}”, not a detector"
            )
        if not facts.labels:
            return ()  # the shape of its output decides, which is known once it is loaded
        info = NetworkInfo(
            name=path.name, runtime="", precision="", fixed_hw=None, output_names=(),
            path=path.name, labels=facts.labels,
        )  # fmt: skip
        try:
            numbers = self._opener.classes.choose(info, None)
        except ModelError as error:
            raise _NotAPersonDetectorError(str(error)) from error
        return tuple(facts.labels[number] for number in numbers if number in facts.labels)


class _NotAPersonDetectorError(Exception):
    """A sound file that detects no people; its facts are still worth showing."""


def _peek(path: Path) -> PeekedModel:
    if path.suffix == ONNX:
        return peek_onnx(path)
    if path.suffix == TORCHSCRIPT:
        return peek_torchscript(path)
    return peek_openvino(path)


def missing_entry(name: str, problem: str) -> ModelEntry:
    """Return the entry of a model that is wanted and not there."""
    reduced = name == FALLBACK_FOLDER
    return ModelEntry(name, "openvino", "", None, (), reduced_accuracy=reduced, problem=problem)


def hog_entry(problem: str) -> ModelEntry:
    """Return the entry of the classic detector, which has no file."""
    return ModelEntry(
        HOG_NAME, "opencv", "f32", None, ("person",), reduced_accuracy=True, problem=problem
    )


def _is_model(path: Path) -> bool:
    if path.name.startswith("."):
        return False  # scratch folders of exports and downloads under way
    if path.is_dir():
        if path.name.endswith("_embedding"):
            return False  # a tracker's network, which tells people apart and finds nobody
        return path.name.endswith(FOLDER_SUFFIX) or any(path.glob("*.xml"))
    return path.suffix in MODEL_SUFFIXES


def _not_exported(name: str) -> str:
    return f"{name} is not exported yet: run flask --app app models export {name}"


def _remark(folder: Path) -> str:
    """Return what the card of a quantised model says that people should know."""
    card = folder / CARD_NAME
    try:
        if card.stat().st_size > MAX_CARD_BYTES:
            return ""
        stored = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    remark = stored.get("remark", "") if isinstance(stored, dict) else ""
    return remark if isinstance(remark, str) else ""


def _signature(path: Path) -> Signature:
    """Return what changes when the file, or a file of the folder, does."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = []
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        found.append((file.name, state.st_mtime_ns, state.st_size))
    return tuple(found)


def _size(path: Path) -> int:
    return sum(size for _, _, size in _signature(path))

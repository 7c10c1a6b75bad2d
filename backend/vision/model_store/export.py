"""PyTorch weight files (.pt): exported once by a program of its own and kept in models/."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.model_store.pickles import check_pickle
from backend.vision.model_store.programs import Programs

EXPORT_TIMEOUT_S = 900.0
FOLDER_SUFFIX = "_openvino_model"
SUFFIXES = {"openvino": FOLDER_SUFFIX, "onnx": ".onnx", "torchscript": ".torchscript"}
"""What the exported files of each format are called."""


@dataclass(frozen=True, slots=True)
class ExportParams:
    """What to export to.

    Attributes:
        size: Input size in pixels written into the file; inputs stay free to differ from it.
        kind: A key of `SUFFIXES`.
        half: Store the weights in 16 bits: half the size on disk, hardly another answer.
    """

    size: int
    kind: str = "openvino"
    half: bool = False


def exported_path(weights: Path, *, models_dir: Path, params: ExportParams) -> Path:
    """Return what in ``models_dir`` holds (or will hold) the export of ``weights``.

    Its name carries the file's hash and the input size: other weights under the same name are
    exported anew.
    """
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    half = "-half" if params.half else ""
    return models_dir / f"{weights.stem}-{digest[:12]}-{params.size}{half}{SUFFIXES[params.kind]}"


def export_weights(
    weights: Path, *, models_dir: Path, params: ExportParams, programs: Programs
) -> Path:
    """Export ``weights`` and return what came out; all or nothing.

    The work happens in a scratch folder in ``models_dir``, so that neither a read-only weight
    file nor an interrupted export leaves anything half done.

    Raises:
        ModelError: The file lies outside ``models_dir``, is no PyTorch weight file, not a
            detector, or the export failed; names the file.
    """
    check_pickle(weights, models_dir=models_dir)
    if not zipfile.is_zipfile(weights):
        raise ModelError(f"{weights.name} is not a PyTorch weight file (or it is cut short)")
    target = exported_path(weights, models_dir=models_dir, params=params)
    with tempfile.TemporaryDirectory(dir=models_dir, prefix=".export-") as scratch_name:
        scratch = Path(scratch_name)
        copy = scratch / weights.name
        shutil.copyfile(weights, copy)
        try:
            precision = "half" if params.half else "full"
            result = programs.run_job(
                "export", str(copy), str(params.size), params.kind, precision,
                timeout_s=EXPORT_TIMEOUT_S, cwd=scratch,
            )  # fmt: skip
        except ModelError as error:
            raise ModelError(f"{weights.name} cannot be exported: {error}") from error
        made = Path(result)
        if not made.is_relative_to(scratch) or not made.exists():
            raise ModelError(f"{weights.name} cannot be exported: nothing came out of it")
        if target.is_dir():
            shutil.rmtree(target)
        return made.rename(target)

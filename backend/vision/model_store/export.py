"""PyTorch weight files (.pt): exported once to OpenVINO and kept in models/."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.model_store.programs import Programs

EXPORT_TIMEOUT_S = 900.0
FOLDER_SUFFIX = "_openvino_model"


def exported_folder(weights: Path, *, models_dir: Path, size: int) -> Path:
    """Return the folder in ``models_dir`` that holds (or will hold) the export of ``weights``.

    Its name carries the file's hash and the input size: other weights under the same name are
    exported anew.
    """
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return models_dir / f"{weights.stem}-{digest[:12]}-{size}{FOLDER_SUFFIX}"


def export_weights(weights: Path, *, target: Path, size: int, programs: Programs) -> None:
    """Export ``weights`` into the folder ``target``; all or nothing.

    The work happens in a scratch folder beside ``target``, so that neither a read-only weight
    file nor an interrupted export leaves anything half done.

    Raises:
        ModelError: Not a PyTorch weight file, not a detector, or the export failed; names the
            file.
    """
    if not zipfile.is_zipfile(weights):
        raise ModelError(f"{weights.name} is not a PyTorch weight file (or it is cut short)")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch_name:
        scratch = Path(scratch_name)
        copy = scratch / weights.name
        shutil.copyfile(weights, copy)
        try:
            result = programs.run_job(
                "export", str(copy), str(size), timeout_s=EXPORT_TIMEOUT_S, cwd=scratch
            )
        except ModelError as error:
            raise ModelError(f"{weights.name} cannot be exported: {error}") from error
        folder = Path(result)
        if not folder.is_relative_to(scratch) or not folder.is_dir():
            raise ModelError(f"{weights.name} cannot be exported: no folder came out of it")
        if target.exists():
            shutil.rmtree(target)
        folder.rename(target)

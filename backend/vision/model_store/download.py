"""Ultralytics' own download of a released weight file, bounded in time."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.model_store.programs import Programs

PROBE_URL = "https://github.com/ultralytics/assets/releases"
RELEASED_NAME = re.compile(r"yolo[a-z0-9._-]{1,40}\.pt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DownloadParams:
    """Limits of a download.

    Attributes:
        probe_url: Asked first whether anybody answers.
        probe_timeout_s: Seconds an unreachable host may cost, all attempts together.
        timeout_s: Seconds the download itself may take.
    """

    probe_url: str = PROBE_URL
    probe_timeout_s: float = 8.0
    timeout_s: float = 1200.0


def may_be_released(name: str) -> bool:
    """Return whether ``name`` looks like a weight file ultralytics releases (no path in it)."""
    return RELEASED_NAME.fullmatch(name) is not None


def download_weights(
    name: str, *, models_dir: Path, programs: Programs, params: DownloadParams
) -> Path:
    """Download ``name`` into ``models_dir`` and return the file.

    Raises:
        ModelError: The host does not answer, does not offer the file, or was too slow.
    """
    models_dir.mkdir(parents=True, exist_ok=True)
    limit = params.probe_timeout_s
    with tempfile.TemporaryDirectory(dir=models_dir, prefix=".download-") as scratch_name:
        scratch = Path(scratch_name)
        # One attempt may take half the limit; the program is ended at the limit, whatever it
        # waits for (name resolution has no timeout of its own).
        programs.run_job(
            "probe", params.probe_url, f"{limit / 2:g}", timeout_s=limit, cwd=scratch, online=True
        )
        result = programs.run_job(
            "download", name, str(scratch), timeout_s=params.timeout_s, cwd=scratch, online=True
        )
        file = Path(result)
        if not file.is_relative_to(scratch) or not file.is_file():
            raise ModelError(f"the download of {name} brought no file")
        return file.rename(models_dir / name)

"""Jobs that need ultralytics and torch, run as a program of their own.

A weight file in PyTorch's format is a pickle: reading it runs what is in it. It is opened here,
in a process that ends afterwards, and only when the store hands over a file from ``models/``.
Nothing of ``backend`` is imported.

Usage: ultralytics_job.py probe URL SECONDS | download NAME FOLDER
       | export FILE SIZE openvino|onnx|torchscript full|half

The last line of standard output is the result; a failure exits with 1 and says why on the last
line of standard error.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPORTER_BLOCKED: dict[str, Any] = {"openvino_telemetry": None}


class JobError(Exception):
    """The job cannot be done; the text is fit for a person to read."""


def probe(url: str, timeout_s: str) -> str:
    """Find out within ``timeout_s`` seconds whether anybody answers at ``url``."""
    if not url.startswith(("https://", "http://")):
        raise JobError(f"not a web address: {url}")
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - scheme checked above
    try:
        with urllib.request.urlopen(request, timeout=float(timeout_s)):  # noqa: S310 - as above
            return "reachable"
    except urllib.error.HTTPError:
        return "reachable"
    except OSError as error:
        raise JobError(f"the download host cannot be reached ({error})") from error


def download(name: str, folder: str) -> str:
    """Let ultralytics download one of its own released weight files; returns the path."""
    from ultralytics.utils.downloads import (  # noqa: PLC0415 - heavy, only for this job
        GITHUB_ASSETS_NAMES,
        attempt_download_asset,
    )

    if name not in GITHUB_ASSETS_NAMES:
        raise JobError(f"ultralytics offers no download of {name}")
    file = Path(attempt_download_asset(Path(folder) / name))
    if not file.is_file():
        raise JobError(f"the download of {name} brought no file")
    return str(file)


def export(file: str, size: str, kind: str, precision: str) -> str:
    """Export a detector with free input size; returns the file or folder.

    Raises:
        JobError: The file is no weight file, or not a detector's.
    """
    # OpenVINO's converter reports its use over the network unless this cannot be imported.
    sys.modules.update(REPORTER_BLOCKED)
    from ultralytics import YOLO  # noqa: PLC0415 - heavy, only for this job

    model = YOLO(file)
    if model.task != "detect":
        raise JobError(f"a model for the task “{model.task}”, not a detector")
    extra = {"quantize": 16} if precision == "half" else {}
    return str(model.export(format=kind, imgsz=int(size), dynamic=True, verbose=False, **extra))


def main(arguments: list[str]) -> int:
    """Run one job; returns the exit status."""
    jobs: dict[tuple[str, int], Callable[..., str]] = {
        ("probe", 2): probe,
        ("download", 2): download,
        ("export", 4): export,
    }
    job = jobs.get((arguments[0], len(arguments) - 1)) if arguments else None
    if job is None:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        sys.stdout.write(f"\n{job(*arguments[1:])}\n")
    except Exception as error:  # noqa: BLE001 - this program's edge: the parent reads the reason
        text = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"\n{text[:300]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

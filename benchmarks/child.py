"""Runs one measurement in a process of its own, with nothing of this one's settings: both ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 1800.0
PRIVATE = ("CROWDSAFE_", "YOLO_", "DATABASE_URL", "REDIS_URL", "INFERENCE_", "VIDEO_")


def measured(module: str, what: str, assets: Path) -> dict[str, float]:
    """Run ``python -m benchmarks.<module> WHAT ASSETS`` and return the JSON of its last line.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)
    }
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", what, str(assets)],
        cwd=ROOT,
        env={**environment, "YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-500:])
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def answer(measurements: Mapping[str, Callable[[Path, Path], dict[str, float]]]) -> int:
    """In the child: measure what the command line names (WHAT ASSETS), print it as JSON.

    Args:
        measurements: By name; each is given the test material and an empty folder.
    """
    what, assets = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        print(json.dumps(measurements[what](Path(assets), Path(home))))
    return 0

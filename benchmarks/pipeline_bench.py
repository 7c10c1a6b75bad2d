"""The whole pipeline on one full-HD video: its share of the bare detector, memory, speed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure, assets_folder, figure

ROOT = Path(__file__).resolve().parent.parent
CHILD_LIMIT_S = 1800.0
SHARE = "pipeline.share_of_detector"
MEMORY = "pipeline.rss_mb"
DEFAULT = "pipeline.fps_default"


def _measured(what: str, assets: Path) -> dict[str, float]:
    """Run one measurement in a process of its own.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CROWDSAFE_", "YOLO_", "DATABASE_URL", "REDIS_URL"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pipeline_child", what, str(assets)],
        cwd=ROOT,
        env={**environment, "YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true"},
        capture_output=True,
        text=True,
        timeout=CHILD_LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-500:])
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure() -> list[Figure]:
    """Return share, memory and default speed; without test assets, why there are none."""
    assets = assets_folder()
    if assets is None:
        note = "CROWDSAFE_TEST_ASSETS is not set: no video and no weights"
        return [
            figure(name, None, unit, note=note)
            for name, unit in ((SHARE, "ratio"), (MEMORY, "MB"), (DEFAULT, "frames/s"))
        ]
    share = _measured("share", assets)
    memory = _measured("memory", assets)
    default = _measured("default", assets)
    return [
        figure(
            SHARE,
            round(share["share"], 3),
            "ratio",
            target=">= 0.75",
            note=(
                f"{share['whole_fps']:.1f} frames/s whole, {share['bare_fps']:.1f} detector alone "
                f"kept as busy as it can be ({share['single_fps']:.1f} one picture at a time); "
                f"processor time a frame {share['whole_cpu_ms']:.1f} and "
                f"{share['bare_cpu_ms']:.1f} ms"
            ),
        ),
        figure(
            MEMORY,
            round(memory["rss_mb"], 1),
            "MB",
            target="<= 900",
            note=f"largest resident size; {memory['whole_fps']:.1f} frames/s",
        ),
        figure(
            DEFAULT,
            round(default["fps"], 2),
            "frames/s",
            note=f"YOLO11s at 960, untrained weights; detector alone {default['bare_fps']:.2f}",
        ),
    ]

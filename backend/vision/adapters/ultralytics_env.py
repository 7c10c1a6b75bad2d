"""Keeps ultralytics to itself: its files in instance/, no downloads or installs of its own."""

from __future__ import annotations

import os
from pathlib import Path

QUIET = {"YOLO_AUTOINSTALL": "false", "YOLO_OFFLINE": "true", "YOLO_VERBOSE": "false"}


def ultralytics_environment(config_dir: Path) -> dict[str, str]:
    """Return the variables that ultralytics reads when it is imported."""
    return {**QUIET, "YOLO_CONFIG_DIR": str(config_dir)}


def confine_ultralytics(config_dir: Path) -> None:
    """Set those variables for this process; to be called before the first import.

    The library writes its settings file while it is imported, into the user's home unless told
    otherwise, and may install packages or report usage unless forbidden.
    """
    config_dir.mkdir(parents=True, exist_ok=True)
    os.environ.update(ultralytics_environment(config_dir))

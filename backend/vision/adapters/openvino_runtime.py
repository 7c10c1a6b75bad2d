"""Imports OpenVINO without its usage reports."""

from __future__ import annotations

import importlib
import sys
from typing import Any

REPORTER = "openvino_telemetry"


def load_openvino() -> Any:
    """Return the ``openvino`` package (heavy: half a second, loaded with the first model).

    OpenVINO's converter tools report their use to the maker over the network as soon as they
    are imported, unless the reporting package cannot be; then they use their own silent
    stand-in. CrowdSafe tells nobody that it runs.
    """
    forbid_reports()
    return importlib.import_module("openvino")


def forbid_reports() -> None:
    """Make the reporting package unimportable in this process, unless it is loaded already."""
    blocked: dict[str, Any] = {REPORTER: None}
    if REPORTER not in sys.modules:
        sys.modules.update(blocked)

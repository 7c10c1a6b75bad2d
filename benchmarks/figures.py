"""What a benchmark returns: figures with unit, target and verdict."""

from __future__ import annotations

import operator
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import NotRequired, TypedDict


class Figure(TypedDict):
    """One measured number.

    Keys:
        name: Dotted, stable.
        value: What was measured, None where it could not be (then ``note`` says why).
        unit: ``ratio``, ``ms``, ``frames/s`` …
        target: Text such as ``>= 0.75``, or None when only reported.
        ok: Whether the target is met; None when there is none.
        note: Baseline measured in the same run, or the reason for a missing value.
    """

    name: str
    value: float | None
    unit: str
    target: str | None
    ok: bool | None
    note: NotRequired[str]


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
}


def figure(
    name: str, value: float | None, unit: str, *, target: str | None = None, note: str = ""
) -> Figure:
    """Return a figure judged against ``target`` ("<op> <number>", op one of >=, <=, ==)."""
    ok: bool | None = None
    if target is not None:
        sign, limit = target.split()
        ok = value is not None and _COMPARE[sign](value, float(limit))
    return {"name": name, "value": value, "unit": unit, "target": target, "ok": ok, "note": note}


def assets_folder() -> Path | None:
    """Return the folder with real videos and weights (CROWDSAFE_TEST_ASSETS), None without."""
    named = os.environ.get("CROWDSAFE_TEST_ASSETS")
    candidates = [Path(named)] if named else [Path(__file__).resolve().parents[2] / "shared"]
    for folder in candidates:
        if (folder / "videos").is_dir():
            return folder.resolve()
    return None


def machine() -> dict[str, str | int | None]:
    """Describe the machine the figures were taken on, without naming it."""
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {
        "cpu": model or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }

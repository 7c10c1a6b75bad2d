"""What an exported model says about itself: class names, task, stride."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

METADATA_NAME = "metadata.yaml"
MAX_METADATA_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Facts stored beside or inside a model file.

    Attributes:
        labels: Class number -> name.
        task: ``detect``, ``pose`` …; empty if not said.
        stride: Inputs are multiples of this many pixels.
    """

    labels: dict[int, str] = field(default_factory=dict)
    task: str = ""
    stride: int = 32

    @classmethod
    def from_text(cls, stored: Mapping[str, object]) -> ModelFacts:
        """Read the values as exporters store them: text, or YAML's own types."""
        stride = str(stored.get("stride", "32"))
        return cls(
            labels=parse_names(stored.get("names")),
            task=str(stored.get("task", "")),
            stride=max(32, int(stride)) if stride.isdigit() else 32,
        )


def load_facts(path: Path) -> ModelFacts | None:
    """Return what ``metadata.yaml`` in a model folder says; None where there is none."""
    file = path / METADATA_NAME
    if not path.is_dir() or not file.is_file() or file.stat().st_size > MAX_METADATA_BYTES:
        return None
    import yaml  # noqa: PLC0415 - only needed while a model is loaded

    try:
        stored = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    return ModelFacts.from_text(stored) if isinstance(stored, dict) else None


def parse_names(names: object) -> dict[int, str]:
    """Return class number -> name from a mapping or its text form; empty if it is neither.

    Example:
        ``"{0: 'person', 1: 'bicycle'}"`` gives ``{0: "person", 1: "bicycle"}``.
    """
    if isinstance(names, str):
        try:
            names = ast.literal_eval(names)
        except (ValueError, SyntaxError):
            return {}
    if isinstance(names, list | tuple):
        names = dict(enumerate(names))
    if not isinstance(names, Mapping):
        return {}
    return {int(key): str(value) for key, value in names.items() if str(key).isdigit()}

"""``run.json``: everything a training run depends on, written before its first step."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from backend.vision.density.networks.blocks import count_parameters
from training.datasets.base import Dataset, DatasetError
from training.loop import TrainingParams

RUN = "run.json"
_DECIDES = ("parameters", "datasets", "initial_weights")
"""What a run cannot be continued with another value of."""


def describe_run(
    params: TrainingParams,
    network: nn.Module,
    *,
    train: Sequence[Dataset],
    validation: Sequence[Dataset],
    threads: int,
    initial_weights: str,
) -> dict[str, Any]:
    """Return the content of ``run.json``.

    Args:
        params: The run.
        network: What is trained.
        train, validation: Datasets of the same order.
        threads: Processor threads.
        initial_weights: Where the network's first values came from.
    """
    return {
        "created_by": "training train",
        "parameters": asdict(params),
        "network_parameters": count_parameters(network),
        "initial_weights": initial_weights,
        "datasets": {
            learned.name: {"train": _describe(learned), "validation": _describe(validating)}
            for learned, validating in zip(train, validation, strict=True)
        },
        "threads": threads,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
    }


def _describe(dataset: Dataset) -> dict[str, Any]:
    names = "\n".join(each.name for each in dataset.pictures)
    return {
        "pictures": len(dataset.pictures),
        "heads": sum(each.count for each in dataset.pictures),
        "names_sha256": hashlib.sha256(names.encode()).hexdigest(),
    }


def start_or_continue(folder: Path, run: Mapping[str, Any]) -> bool:
    """Write ``run.json``, or make sure that the one found there describes the same run.

    Returns:
        Whether there was a run.

    Raises:
        DatasetError: The folder holds another run; names what differs.
    """
    path = folder / RUN
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
        return False
    except ValueError as error:
        raise DatasetError(f"{path}: damaged ({error}); choose another --out") from None
    wanted = json.loads(json.dumps(run))
    for key in _DECIDES:
        if found.get(key) != wanted[key]:
            where = _first_difference(found.get(key), wanted[key], key)
            raise DatasetError(
                f"{folder}: holds a run with another {where}: choose another --out, or the same "
                "arguments to go on"
            )
    return True


def _first_difference(found: Any, wanted: Any, where: str) -> str:
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in sorted({*found, *wanted}):
            if found.get(key) != wanted.get(key):
                return _first_difference(found.get(key), wanted.get(key), f"{where}.{key}")
    return f"{where} ({found}, now {wanted})"


def set_parameter(params: TrainingParams, assignment: str) -> TrainingParams:
    """Change one parameter by its name.

    Args:
        params: The run.
        assignment: ``augmentation.scale_low=0.7``, ``loss_params.bayes_cells=1.5``, ``seed=2``.

    Raises:
        ValueError: No such parameter, or no value of its kind; names those there are.
    """
    name, separator, text = assignment.partition("=")
    if not separator:
        raise ValueError(f"--set takes NAME=VALUE, got {assignment!r}")
    found = _replaced(params, name.split("."), text, name)
    assert isinstance(found, TrainingParams)
    return found


def _replaced(holder: Any, path: Sequence[str], text: str, name: str) -> Any:
    names = [each.name for each in fields(holder)]
    if path[0] not in names:
        raise ValueError(f"--set {name}: must be one of {', '.join(names)}")
    value = getattr(holder, path[0])
    if is_dataclass(value) and len(path) > 1:
        return replace(holder, **{path[0]: _replaced(value, path[1:], text, name)})
    if len(path) > 1 or not isinstance(value, int | float | str):
        raise ValueError(f"--set {name}: is no single value")
    try:
        return replace(holder, **{path[0]: type(value)(text)})
    except ValueError as error:
        raise ValueError(f"--set {name}: {error}") from None

"""What `calibrate-interval` writes and `evaluate` and `export` read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.core.observation import CountError
from training.crowded import DensityClass
from training.datasets.base import DatasetError
from training.interval import FittedInterval

CREATED_BY = "training calibrate-interval"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a card says of its network's errors.

    Attributes:
        error: How far sums of the map err.
        crowded_per_cell: People per cell up to which it was validated.
        sha256: Of the weight file it was measured with.
        long_px: Long side the pictures were counted at; None = as the evaluation protocol says.
    """

    error: CountError
    crowded_per_cell: float
    sha256: str
    long_px: int | None = None


def write_interval(
    path: Path,
    calibration: Calibration,
    *,
    fitted: FittedInterval,
    classes: Sequence[DensityClass],
    source: Mapping[str, Any],
) -> None:
    """Write a calibration with everything it rests on."""
    content = {
        "created_by": CREATED_BY,
        **source,
        **asdict(calibration),
        "scale": fitted.scale,
        "pictures": fitted.pictures,
        "folds": fitted.folds,
        "coverage": [asdict(each) for each in fitted.coverage],
        "densities": [asdict(each) for each in classes],
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_interval(path: Path) -> Calibration:
    """Read a calibration.

    Raises:
        DatasetError: Missing or written by something else; names file and field.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        error = content["error"]
        numbers = [float(error[name]) for name in ("own", "common", "least")]
        crowded = float(content["crowded_per_cell"])
        if min(*numbers, crowded) < 0:
            raise ValueError("a value is negative")
        long_px = content["long_px"]
        return Calibration(
            CountError(*numbers),
            crowded,
            str(content["sha256"]),
            None if long_px is None else int(long_px),
        )
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror})") from None
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path}: was not written by calibrate-interval ({type(error).__name__}: {error})"
        ) from None

"""Learning curves from the log of one run or several."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from training.datasets.base import DatasetError
from training.loop import LOG

LOG_SUFFIX = Path(LOG).suffix
_MAE = "_mae"
_SIZE_IN = (10.0, 4.2)
_DOTS_PER_INCH = 120


@dataclass(frozen=True, slots=True)
class RunLog:
    """What one run wrote down.

    Attributes:
        name: Of its folder.
        epochs: Epochs, growing.
        losses: Mean loss of each.
        mae: Dataset -> (epoch, MAE) wherever it validated.
    """

    name: str
    epochs: tuple[int, ...]
    losses: tuple[float, ...]
    mae: dict[str, tuple[tuple[int, float], ...]]


def read_log(run: Path) -> RunLog:
    """Read the log of a run: its folder, or a log file kept elsewhere.

    Where a run was resumed from before its last line an epoch stands there twice; the later
    line counts.

    Raises:
        DatasetError: No log, or a damaged one; names the file.
    """
    path = run if run.suffix == LOG_SUFFIX else run / LOG
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = {int(line["epoch"]): line for line in csv.DictReader(file)}
        epochs = tuple(sorted(lines))
        losses = tuple(float(lines[each]["loss"]) for each in epochs)
        columns = [each for each in lines[epochs[0]] if each.endswith(_MAE)] if epochs else []
        mae = {
            column.removesuffix(_MAE): tuple(
                (each, float(lines[each][column])) for each in epochs if lines[each][column]
            )
            for column in columns
        }
    except FileNotFoundError:
        raise DatasetError(f"{path}: no log; give the folder of a run (train --out)") from None
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise DatasetError(f"{path}: damaged log ({error})") from None
    if not epochs:
        raise DatasetError(f"{path}: no epoch has been finished yet")
    return RunLog(run.stem if path is run else run.name, epochs, losses, mae)


def draw_curves(runs: Sequence[RunLog], path: Path) -> None:
    """Draw loss and validation MAE over the epochs, every run in a colour of its own.

    Args:
        runs: At least one.
        path: PNG or SVG file to write.

    Raises:
        ValueError: No run.
    """
    if not runs:
        raise ValueError("curves need at least one run")
    datasets = sorted({name for run in runs for name in run.mae})
    figure = Figure(figsize=(_SIZE_IN[0], _SIZE_IN[1]), layout="constrained")
    axes = figure.subplots(1, 1 + len(datasets), squeeze=False)[0]
    for number, run in enumerate(runs):
        colour = f"C{number % 10}"
        axes[0].plot(run.epochs, run.losses, color=colour, label=run.name)
        for axis, dataset in zip(axes[1:], datasets, strict=True):
            points = run.mae.get(dataset, ())
            if points:
                epochs, errors = zip(*points, strict=True)
                best = min(errors)
                label = f"{run.name}, best {best:.1f}"
                axis.plot(epochs, errors, color=colour, marker=".", label=label)
    axes[0].set_title("training loss")
    for axis, dataset in zip(axes[1:], datasets, strict=True):
        axis.set_title(f"validation MAE, {dataset}")
        axis.set_ylabel("people")
    for axis in axes:
        axis.set_yscale("log")
        axis.set_xlabel("epoch")
        axis.grid(visible=True, which="both", alpha=0.3)
        axis.legend(fontsize="small")
    figure.savefig(path, dpi=_DOTS_PER_INCH)

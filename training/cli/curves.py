"""``curves``: loss and validation error over the epochs, as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.curves import draw_curves, read_log
from training.datasets.base import DatasetError

NAME = "curves"
SUMMARY = "draw loss and validation MAE of one run or several"
EXAMPLE = "python -m training curves runs/light runs/mcnn --out curves.png"

_SUFFIXES = (".png", ".svg")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "runs", type=Path, nargs="+", metavar="FOLDER", help="folders written by train --out"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="picture to write, .png or .svg"
    )


def run(args: argparse.Namespace) -> int:
    """Draw the curves."""
    if args.out.suffix not in _SUFFIXES:
        raise DatasetError(f"--out must end in {' or '.join(_SUFFIXES)}, got {args.out.name!r}")
    logs = [read_log(each) for each in args.runs]
    draw_curves(logs, args.out)
    for log in logs:
        best = ", ".join(
            f"{name} {min(error for _, error in points):.2f}"
            for name, points in log.mae.items()
            if points
        )
        print(f"{log.name}: {log.epochs[-1]} epochs; best validation MAE {best or 'none yet'}")
    print(f"written: {args.out}")
    return 0

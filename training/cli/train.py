"""``train``: train a network, or go on with a run that was broken off."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.progress import Progress, TaskID
from torch import nn

from backend.vision.density.card import hash_weights
from backend.vision.density.networks.blocks import count_parameters, seed_everything
from training.augmentation import AugmentationParams
from training.cli.progress import open_progress
from training.cli.selection import (
    add_data_argument,
    add_dataset_argument,
    describe_problems,
    list_problems,
    load_for_training,
)
from training.datasets.base import Dataset, DatasetError
from training.export import load_trained
from training.loop import BEST, LOG, EpochReport, Trainer, TrainingParams
from training.networks import NETWORK_NAMES, build_network, load_front_end_weights
from training.run_file import describe_run, set_parameter, start_or_continue

NAME = "train"
SUMMARY = "train a network, or go on with the run in --out"
EXAMPLE = (
    "python -m training train --data data/ShanghaiTech "
    "--datasets shanghaitech-a,shanghaitech-b --network light --epochs 60 "
    "--out runs/light"
)
PROBLEMS = "problems.txt"

_USUAL = TrainingParams()
_NUMBERS: tuple[tuple[str, type[int] | type[float], float, str], ...] = (
    ("epochs", int, _USUAL.epochs, "each of as many crops as there are pictures, times --crops"),
    ("batch", int, _USUAL.batch, "crops a step"),
    ("crops", int, _USUAL.crops, "crops an epoch for every picture there is"),
    ("crop", int, _USUAL.augmentation.crop_px, "side of a crop, pixels, a multiple of 16"),
    ("learning-rate", float, _USUAL.learning_rate, "of AdamW after the warm-up"),
    ("patience", int, _USUAL.patience, "epochs without a better validation before it ends"),
    ("validate-every", int, _USUAL.validate_every, "epochs from one validation to the next"),
    ("seed", int, _USUAL.seed, "everything random follows from it"),
    ("threads", int, os.cpu_count() or 1, "processor threads"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    add_dataset_argument(parser, default="shanghaitech-a,shanghaitech-b")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="where weights, log.csv and run.json go; a run found there is continued",
    )
    parser.add_argument(
        "--network",
        choices=NETWORK_NAMES,
        default=_USUAL.network,
        help=f"light begins with ImageNet's weights, the others from nothing "
        f"(default: {_USUAL.network})",
    )
    parser.add_argument(
        "--loss",
        default=_USUAL.loss,
        metavar="NAME",
        help=f"bayesian, dm-count, counting, pyramid, mse or mse-adaptive (default: {_USUAL.loss})",
    )
    for name, kind, usual, text in _NUMBERS:
        parser.add_argument(
            f"--{name}", type=kind, default=usual, metavar="N", help=f"{text} (default: {usual:g})"
        )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="FILE",
        help="weights of the same network to begin with instead, a best.pt of another run",
    )
    parser.add_argument(
        "--minutes", type=float, metavar="N", help="stop after the epoch in which these are over"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other parameter in run.json, for example augmentation.scale_low=0.7; may be "
        "given several times",
    )


def run(args: argparse.Namespace) -> int:
    """Train until the end, the time limit or an interruption; what was learned is kept."""
    params = training_params(args)
    torch.set_num_threads(args.threads)
    pairs = [load_for_training(name, args.data) for name in args.dataset]
    train, validation = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    _refuse_too_few(train, validation, params)
    seed_everything(params.seed)
    network = build_network(params.network)
    initial = _initialise(network, args.network, args.start_from)
    described = describe_run(
        params,
        network,
        train=train,
        validation=validation,
        threads=args.threads,
        initial_weights=initial,
    )
    is_continued = start_or_continue(args.out, described)
    _print_start(train, validation, network, args.out, is_continued=is_continued)
    with open_progress() as progress:
        reporter = _Reporter(progress, params)
        trainer = Trainer(
            network,
            train=train,
            validation=validation,
            params=params,
            folder=args.out,
            report=reporter.report,
        )
        trainer.run(until_s=None if args.minutes is None else args.minutes * 60)
    print(f"best weights: {args.out / BEST}; log: {args.out / LOG}")
    return 0


def training_params(args: argparse.Namespace) -> TrainingParams:
    """Return the run the arguments ask for.

    Raises:
        ValueError: A value out of range; names it.
    """
    for name in ("epochs", "batch", "crops", "validate_every", "patience", "threads"):
        if getattr(args, name) < 1:
            option = name.replace("_", "-")
            raise ValueError(f"--{option} must be at least 1, got {getattr(args, name)}")
    if not args.learning_rate > 0:
        raise ValueError(f"--learning-rate must be above 0, got {args.learning_rate:g}")
    if args.minutes is not None and not args.minutes > 0:
        raise ValueError(f"--minutes must be above 0, got {args.minutes:g}")
    params = TrainingParams(
        network=args.network,
        loss=args.loss,
        epochs=args.epochs,
        batch=args.batch,
        learning_rate=args.learning_rate,
        patience=args.patience,
        validate_every=args.validate_every,
        crops=args.crops,
        seed=args.seed,
        augmentation=AugmentationParams(crop_px=args.crop),
    )
    for assignment in args.set:
        params = set_parameter(params, assignment)
    return params


def _refuse_too_few(
    train: Sequence[Dataset], validation: Sequence[Dataset], params: TrainingParams
) -> None:
    for dataset in validation:
        if not dataset.pictures:
            raise DatasetError(f"{dataset.name}: no picture is left to validate with")
    crops = sum(len(each.pictures) for each in train) * params.crops
    if crops < params.batch:
        raise DatasetError(
            f"{crops} crops an epoch are less than one batch of {params.batch}: lower --batch or "
            "raise --crops"
        )


def _initialise(network: nn.Module, name: str, start_from: Path | None) -> str:
    """Give the network its first weights, where there are any for it; say which."""
    if start_from is not None:
        network.load_state_dict(load_trained(start_from, name).state_dict())
        return f"those of {start_from.name}, sha256 {hash_weights(start_from)}"
    load = getattr(network, "load_front_end", None)
    if load is None:
        return "drawn at random"
    load(load_front_end_weights())
    return "front end of ImageNet, the rest drawn at random"


def _print_start(
    train: Sequence[Dataset],
    validation: Sequence[Dataset],
    network: nn.Module,
    folder: Path,
    *,
    is_continued: bool,
) -> None:
    for line in describe_problems(train):
        print(line)
    (folder / PROBLEMS).write_text("".join(f"{each}\n" for each in list_problems(train)))
    for learned, validating in zip(train, validation, strict=True):
        print(
            f"{learned.name}: {len(learned.pictures)} pictures to learn from, "
            f"{len(validating.pictures)} to validate with"
        )
    print(f"{count_parameters(network) / 1e6:.2f} M parameters")
    if is_continued:
        print(f"going on with the run in {folder}")


class _Reporter:
    """Says what every epoch gave, and how long the rest will take."""

    def __init__(self, progress: Progress, params: TrainingParams) -> None:
        self._progress = progress
        self._epochs = params.epochs
        self._bar: TaskID | None = None

    def report(self, report: EpochReport) -> None:
        """See `Trainer`."""
        if self._bar is None:
            # Begun with the first epoch of this call, so that a continued run's time left is
            # estimated from epochs that were timed.
            self._bar = self._progress.add_task("training", total=self._epochs)
            self._progress.update(self._bar, completed=report.epoch - 1)
        self._progress.update(self._bar, completed=report.epoch)
        left_s = (self._epochs - report.epoch) * report.seconds
        print("  ".join([describe_epoch(report), f"about {left_s / 60:.0f} min left"]), flush=True)


def describe_epoch(report: EpochReport) -> str:
    """Return an epoch in one line.

    Example:
        ``epoch 12  loss 34.21  rate 7.1e-04  95 s  shanghaitech-b MAE 12.3 RMSE 20.1 bias +0.4``
    """
    parts = [
        f"epoch {report.epoch}",
        f"loss {report.loss:.4g}",
        f"rate {report.learning_rate:.1e}",
        f"{report.seconds:.0f} s",
    ]
    parts += [
        f"{name} MAE {each.mae:.1f} RMSE {each.rmse:.1f} bias {each.bias:+.1f}"
        for name, each in report.scores.items()
    ]
    return "  ".join([*parts, "best so far"] if report.is_best else parts)

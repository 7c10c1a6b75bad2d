"""The training loop: deterministic, resumable, with averaged weights and early stopping.

The weights that validate and are shipped are an exponential moving average of those being
trained: with some hundred pictures the errors of single epochs swing by a third.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from backend.core.frame import Image
from backend.vision.density.networks.blocks import seed_everything
from training.augmentation import AugmentationParams, Crop, cut_crop, cut_texture, join_crops
from training.datasets.base import Dataset, HeadArray, LabelledPicture
from training.evaluation import Scores, count_picture, load_for_network, score_counts
from training.losses import LossParams, choose_loss
from training.normalise import to_tensor

_LARGEST_STEP = 5.0
"""Norm gradients are clipped to: a mislabelled crop must not undo what others taught."""

LATEST, BEST = "latest.pt", "best.pt"
LOG = "log.csv"


@dataclass(frozen=True, slots=True)
class TrainingParams:
    """One training run; written beside its results.

    Attributes:
        network: Name of the network.
        loss: Name of the loss.
        epochs: Of as many crops as there are pictures, times ``crops``; the learning rate falls to
            zero over them.
        batch: Crops a step.
        learning_rate: Of AdamW, after the warm-up.
        front_end_share: Learning rate of the pretrained blocks, relative.
        weight_decay: Of AdamW.
        warm_up_epochs: Epochs over which the learning rate rises.
        averaging: Decay of the moving average of the weights, per step.
        patience: Epochs without a better validation after which training ends.
        validate_every: Epochs between two validations.
        crops: Crops an epoch, in units of the number of pictures.
        crowd_power: Pictures are seen in proportion to the number of their people to this power;
            0 shows all alike, and the few with the densest crowds hardly ever.
        seed: Everything random follows from it.
        precision: ``float32``, or ``bfloat16`` for the network's inner values: two to three times
            as fast on processors with instructions for it, slower on others.
    """

    network: str = "light"
    loss: str = "counting"
    epochs: int = 60
    batch: int = 6
    learning_rate: float = 5e-4
    front_end_share: float = 0.5
    weight_decay: float = 1e-2
    warm_up_epochs: float = 1.0
    averaging: float = 0.998
    patience: int = 30
    validate_every: int = 4
    crops: int = 1
    crowd_power: float = 0.4
    seed: int = 1
    precision: str = "float32"
    augmentation: AugmentationParams = field(default_factory=AugmentationParams)
    loss_params: LossParams = field(default_factory=LossParams)

    def __post_init__(self) -> None:
        if self.precision not in ("float32", "bfloat16"):
            raise ValueError(f"precision must be float32 or bfloat16, got {self.precision!r}")


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What one epoch gave: the mean loss and, where validated, the scores of every dataset."""

    epoch: int
    loss: float
    learning_rate: float
    seconds: float
    scores: dict[str, Scores]
    is_best: bool


class PictureCache:
    """Keeps the decoded training pictures in memory, as the networks are to see them."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Image, HeadArray]] = {}

    def get(self, labelled: LabelledPicture) -> tuple[Image, HeadArray]:
        """Return picture and heads."""
        found = self._kept.get(labelled.name)
        if found is None:
            found = self._kept[labelled.name] = load_for_network(labelled)
        return found


class Trainer:
    """Trains one network on several datasets at once.

    Args:
        network: Its front end already initialised.
        train, validation: Datasets of the same order; what validates is never learned from.
        params: The run.
        folder: Where checkpoints and the log go; a run found there is continued.
        report: Called after every epoch.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        train: Sequence[Dataset],
        validation: Sequence[Dataset],
        params: TrainingParams,
        folder: Path,
        report: Callable[[EpochReport], None] = lambda _report: None,
    ) -> None:
        seed_everything(params.seed)
        self._network = network.to(memory_format=torch.channels_last)
        self._pictures = [each for dataset in train for each in dataset.pictures]
        self._validation = validation
        self._params = params
        self._folder = folder
        self._report = report
        self._loss = choose_loss(params.loss, params.loss_params)
        self._stride = int(getattr(network, "stride", 8))
        self._frozen = tuple(getattr(network, "frozen_modules", tuple)())
        for module in self._frozen:
            module.requires_grad_(requires_grad=False)
        self._averaged: dict[str, Tensor] = {}
        self._steps_an_epoch = len(self._pictures) * params.crops // params.batch
        if self._steps_an_epoch == 0:
            raise ValueError(
                f"batch is {params.batch}, but an epoch has only "
                f"{len(self._pictures) * params.crops} crops: take a smaller batch or more crops"
            )
        self._optimiser = torch.optim.AdamW(
            _parameter_groups(network, params), weight_decay=params.weight_decay
        )
        self._cache = PictureCache()
        self._epoch = 0
        self._step = 0
        self._best = math.inf
        self._best_epoch = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._resume()

    def run(self, *, until_s: float | None = None) -> None:
        """Train to the end, or until so many seconds have passed (to be resumed)."""
        begun = time.monotonic()
        while self._epoch < self._params.epochs:
            if self._epoch - self._best_epoch >= self._params.patience:
                break
            if until_s is not None and time.monotonic() - begun > until_s:
                break
            self._run_epoch()

    def averaged_state(self) -> dict[str, Tensor]:
        """Weights that validate and are shipped."""
        return {name: values.clone() for name, values in self._averaged.items()}

    def _run_epoch(self) -> None:
        begun = time.monotonic()
        self._network.train()
        for module in self._frozen:
            module.eval()
        losses = [self._learn(crops) for crops in self._batches()]
        self._epoch += 1
        scores: dict[str, Scores] = {}
        is_last = self._epoch == self._params.epochs
        if is_last or self._epoch % self._params.validate_every == 0:
            scores = self._validate()
        merit = relative_error(scores) if scores else math.inf
        is_best = merit < self._best
        if is_best:
            self._best, self._best_epoch = merit, self._epoch
            torch.save(self._averaged, self._folder / BEST)
        seconds = time.monotonic() - begun
        report = EpochReport(
            self._epoch, float(np.mean(losses)), self._rate(), seconds, scores, is_best
        )
        self._write_log(report)
        self._save()
        self._report(report)

    def _learn(self, crops: Sequence[Crop]) -> float:
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate() * group["share"]
        pictures = to_tensor([each.picture for each in crops])
        with torch.autocast("cpu", torch.bfloat16, enabled=self._params.precision == "bfloat16"):
            maps = self._network(pictures.contiguous(memory_format=torch.channels_last))
        loss = self._loss(
            maps.float(), [each.heads_px / np.float32(self._stride) for each in crops]
        )
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), _LARGEST_STEP)
        self._optimiser.step()
        self._step += 1
        self._average()
        return float(loss.detach())

    def _average(self) -> None:
        # Early weights are forgotten sooner: the average must not drag the beginning along.
        decay = min(self._params.averaging, (1 + self._step) / (10 + self._step))
        for name, values in self._network.state_dict().items():
            if name not in self._averaged or not values.is_floating_point():
                self._averaged[name] = values.detach().clone()
            else:
                self._averaged[name].lerp_(values.detach(), 1 - decay)

    def _rate(self) -> float:
        """Learning rate now: linear warm-up, then a half cosine to zero."""
        done = self._step / max(self._steps_an_epoch, 1)
        if done < self._params.warm_up_epochs:
            return self._params.learning_rate * (done + 0.02) / self._params.warm_up_epochs
        share = (done - self._params.warm_up_epochs) / max(
            self._params.epochs - self._params.warm_up_epochs, 1e-9
        )
        return self._params.learning_rate * 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))

    def _batches(self) -> Iterator[list[Crop]]:
        """Crops of one epoch; made one batch ahead on another thread."""
        params = self._params
        rng = np.random.default_rng([params.seed, self._epoch])
        order = self._order(rng)
        chosen = [
            order[first : first + params.batch]
            for first in range(0, self._steps_an_epoch * params.batch, params.batch)
        ]

        def make(numbers: Any) -> list[Crop]:
            return [self._crop(int(number)) for number in numbers]

        with ThreadPoolExecutor(1, thread_name_prefix="crops") as pool:
            ahead = [pool.submit(make, each) for each in chosen[:2]]
            for following in itertools.chain(chosen[2:], (None, None)):
                crops = ahead.pop(0).result()
                if following is not None:
                    ahead.append(pool.submit(make, following))
                yield crops
                if not ahead:
                    return

    def _order(self, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Numbers of the crops of one epoch; modulo the number of pictures, those of theirs."""
        crops = len(self._pictures) * self._params.crops
        order = rng.permutation(crops)
        if self._params.crowd_power > 0:
            people = np.array([each.count for each in self._pictures], float)
            weight = (people + 1.0) ** self._params.crowd_power
            chosen = rng.choice(len(people), crops, p=weight / weight.sum())
            # a picture drawn twice is cut differently: `_crop` goes by the whole number
            order = chosen + len(people) * order
        return np.asarray(order, np.int64)

    def _crop(self, number: int) -> Crop:
        rng = np.random.default_rng([self._params.seed, self._epoch, number])
        crop = self._cut(number % len(self._pictures), rng)
        if rng.random() >= self._params.augmentation.mosaic_share:
            return crop
        others = rng.integers(len(self._pictures), size=3)
        quarters = [crop, *(self._cut(int(each), rng) for each in others)]
        order = rng.permutation(4)
        return join_crops([quarters[each] for each in order], rng)

    def _cut(self, number: int, rng: np.random.Generator) -> Crop:
        augmentation = self._params.augmentation
        if rng.random() < augmentation.texture_share:
            return cut_texture(augmentation, rng)
        return cut_crop(*self._cache.get(self._pictures[number]), augmentation, rng)

    def _validate(self) -> dict[str, Scores]:
        trained = {name: values.clone() for name, values in self._network.state_dict().items()}
        self._network.load_state_dict(self._averaged)
        self._network.eval()
        scores = {}
        for dataset in self._validation:
            counts = [count_picture(self._network, each) for each in dataset.pictures]
            truth = [each.count for each in dataset.pictures]
            scores[dataset.name] = score_counts(counts, truth)
        self._network.load_state_dict(trained)
        return scores

    def _write_log(self, report: EpochReport) -> None:
        path = self._folder / LOG
        is_new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if is_new:
                names = [each.name for each in self._validation]
                columns = [f"{name}_{kind}" for name in names for kind in ("mae", "rmse", "bias")]
                writer.writerow(["epoch", "loss", "learning_rate", "seconds", *columns])
            values: list[str] = []
            for dataset in self._validation:
                found = report.scores.get(dataset.name)
                values += (
                    ["", "", ""]
                    if found is None
                    else [f"{found.mae:.3f}", f"{found.rmse:.3f}", f"{found.bias:.3f}"]
                )
            writer.writerow(
                [
                    report.epoch,
                    f"{report.loss:.4f}",
                    f"{report.learning_rate:.2e}",
                    f"{report.seconds:.0f}",
                    *values,
                ]
            )

    def _save(self) -> None:
        state = {
            "network": self._network.state_dict(),
            "averaged": self._averaged,
            "optimiser": self._optimiser.state_dict(),
            "epoch": self._epoch,
            "step": self._step,
            "best": self._best,
            "best_epoch": self._best_epoch,
            "params": json.dumps(asdict(self._params)),
        }
        waiting = self._folder / f"{LATEST}.part"
        torch.save(state, waiting)
        waiting.replace(self._folder / LATEST)

    def _resume(self) -> None:
        path = self._folder / LATEST
        if not path.is_file():
            return
        state = torch.load(path, weights_only=True)
        if state["params"] != json.dumps(asdict(self._params)):
            raise ValueError(
                f"{path.parent.name} holds a run with other parameters: choose another folder, "
                "or the same parameters to go on"
            )
        self._network.load_state_dict(state["network"])
        self._averaged = state["averaged"]
        self._optimiser.load_state_dict(state["optimiser"])
        self._epoch, self._step = state["epoch"], state["step"]
        self._best, self._best_epoch = state["best"], state["best_epoch"]
        self._forget_unsaved_epochs()

    def _forget_unsaved_epochs(self) -> None:
        """Take rows out of the log whose epoch was lost with the process, and comes again."""
        path = self._folder / LOG
        if not path.is_file():
            return
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [row for row in rows if int(row.split(",", 1)[0]) <= self._epoch]
        path.write_text(head + "".join(kept), encoding="utf-8")


def relative_error(scores: dict[str, Scores]) -> float:
    """Mean over the datasets of the MAE relative to the mean count: the best run has the least."""
    return float(np.mean([each.mae / max(each.mean_count, 1.0) for each in scores.values()]))


def _parameter_groups(network: nn.Module, params: TrainingParams) -> list[dict[str, Any]]:
    front = getattr(network, "features", None)
    pretrained = {id(each) for each in front.parameters()} if front is not None else set()
    trained = [each for each in network.parameters() if each.requires_grad]
    groups = (
        ([each for each in trained if id(each) in pretrained], params.front_end_share),
        ([each for each in trained if id(each) not in pretrained], 1.0),
    )
    return [{"params": each, "share": share, "lr": 0.0} for each, share in groups if each]

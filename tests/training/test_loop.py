"""The training loop on a tiny network: the same again after an interruption, to the last bit."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backend.vision.density.networks.blocks import conv_norm
from tests.builders import image
from training.augmentation import AugmentationParams
from training.datasets.base import Dataset, LabelledPicture
from training.evaluation import count_picture
from training.loop import BEST, LATEST, LOG, EpochReport, Trainer, TrainingParams, relative_error

PARAMS = TrainingParams(
    network="tiny",
    loss="counting",
    epochs=4,
    batch=2,
    crops=2,
    learning_rate=5e-3,
    validate_every=2,
    augmentation=AugmentationParams(crop_px=128),
)


class PlugPulledError(Exception):
    """Somebody pulled the plug."""


class TinyNetwork(nn.Module):
    """Stride 8 in three steps; the first keeps its weights, as the light network's does."""

    stride = 8

    def __init__(self, *, seed: int = 1, fails_at: int = -1) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.features = nn.ModuleList([conv_norm(3, 4, 3, stride=2), conv_norm(4, 6, 3, stride=2)])
        self.last = conv_norm(6, 6, 3, stride=2)
        self.to_density = nn.Conv2d(6, 1, 1)
        nn.init.constant_(self.to_density.bias, 0.1)
        self._calls_left = fails_at

    def forward(self, picture: Tensor) -> Tensor:
        if self.training:
            if self._calls_left == 0:
                raise PlugPulledError
            self._calls_left -= 1
        for block in self.features:
            picture = block(picture)
        return torch.relu(self.to_density(self.last(picture)))

    def frozen_modules(self) -> tuple[nn.Module, ...]:
        return (self.features[0],)


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset]:
    """Three pictures to train on and two that validate, 64 pixels a side."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(4)
    pictures = []
    for number in range(5):
        heads = rng.uniform(4, 60, (50 * number, 2)).astype(np.float32)
        picture = image(width=64, height=64, value=60)
        for x, y in heads:
            cv2.circle(picture, (int(x), int(y)), 2, (230, 230, 230), -1)
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), picture)
        pictures.append(LabelledPicture(f"tiny/{number}", path, heads))
    return Dataset("tiny", tuple(pictures[:3])), Dataset("tiny", tuple(pictures[3:]))


Open = Callable[..., Trainer]


@pytest.fixture(scope="module")
def open_trainer(datasets: tuple[Dataset, Dataset]) -> Open:
    def build(folder: Path, network: nn.Module | None = None, **changes: Any) -> Trainer:
        report = changes.pop("report", lambda _report: None)
        return Trainer(
            network or TinyNetwork(),
            train=[datasets[0]],
            validation=[datasets[1]],
            params=replace(PARAMS, **changes),
            folder=folder,
            report=report,
        )

    return build


def read_log(folder: Path) -> list[dict[str, str]]:
    with (folder / LOG).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def without_time(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def assert_same(found: Any, wanted: Any) -> None:
    """Compare nested state to the last bit."""
    assert type(found) is type(wanted)
    if isinstance(wanted, Tensor):
        assert torch.equal(found, wanted)
    elif isinstance(wanted, Mapping):
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            assert_same(found[name], value)
    elif isinstance(wanted, list | tuple):
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
    else:
        assert found == wanted


def load(path: Path) -> Any:
    return torch.load(path, weights_only=True)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, open_trainer: Open) -> Path:
    """Folder of a run nobody disturbed; tests only read it."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    open_trainer(folder).run()
    return folder


def assert_same_run(folder: Path, wanted: Path) -> None:
    assert_same(load(folder / LATEST), load(wanted / LATEST))
    assert_same(load(folder / BEST), load(wanted / BEST))
    assert without_time(read_log(folder)) == without_time(read_log(wanted))


def test_the_same_run_twice_is_the_same(
    tmp_path: Path, open_trainer: Open, uninterrupted: Path
) -> None:
    open_trainer(tmp_path / "again").run()
    assert_same_run(tmp_path / "again", uninterrupted)


def test_another_seed_is_another_run(
    tmp_path: Path, open_trainer: Open, uninterrupted: Path
) -> None:
    open_trainer(tmp_path / "other", seed=2).run()
    assert float(read_log(uninterrupted)[0]["loss"]) > 0
    assert read_log(tmp_path / "other")[0]["loss"] != read_log(uninterrupted)[0]["loss"]


@pytest.mark.parametrize("epochs_done", [1, 2, 3])
def test_interrupted_between_epochs_it_goes_on_as_if_nothing_was(
    tmp_path: Path, open_trainer: Open, uninterrupted: Path, epochs_done: int
) -> None:
    folder = tmp_path / "resumed"

    def pull_the_plug(report: EpochReport) -> None:
        if report.epoch == epochs_done:
            raise PlugPulledError

    with contextlib.suppress(PlugPulledError):
        open_trainer(folder, report=pull_the_plug).run()
    assert len(read_log(folder)) == epochs_done
    torch.manual_seed(999)  # chance as another process finds it
    open_trainer(folder, TinyNetwork(seed=5)).run()
    assert_same_run(folder, uninterrupted)


def test_interrupted_within_an_epoch_the_epoch_is_done_again(
    tmp_path: Path, open_trainer: Open, uninterrupted: Path
) -> None:
    folder = tmp_path / "resumed"
    steps_an_epoch = 3
    with contextlib.suppress(PlugPulledError):
        open_trainer(folder, TinyNetwork(fails_at=2 * steps_an_epoch + 1)).run()
    assert [row["epoch"] for row in read_log(folder)] == ["1", "2"]
    open_trainer(folder, TinyNetwork(seed=5)).run()
    assert_same_run(folder, uninterrupted)


def test_killed_between_log_and_checkpoint_the_epoch_stands_once(
    tmp_path: Path, open_trainer: Open, uninterrupted: Path
) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    (folder / LATEST).write_bytes((uninterrupted / LATEST).read_bytes())
    log = (uninterrupted / LOG).read_text(encoding="utf-8")
    (folder / LOG).write_text(log + f"{PARAMS.epochs + 1},1,1,1\n", encoding="utf-8")
    open_trainer(folder)
    assert (folder / LOG).read_text(encoding="utf-8") == log


def test_more_a_batch_than_there_are_crops_is_refused(tmp_path: Path, open_trainer: Open) -> None:
    with pytest.raises(ValueError, match="batch is 1000"):
        open_trainer(tmp_path / "large", batch=1000)


def test_a_run_that_is_done_stays_as_it_is(open_trainer: Open, uninterrupted: Path) -> None:
    before = (uninterrupted / LATEST).read_bytes()
    open_trainer(uninterrupted).run()
    assert (uninterrupted / LATEST).read_bytes() == before
    assert len(read_log(uninterrupted)) == PARAMS.epochs


def test_other_parameters_are_refused(open_trainer: Open, uninterrupted: Path) -> None:
    for changes in ({"batch": 3}, {"augmentation": AugmentationParams(crop_px=96)}):
        with pytest.raises(ValueError, match="whole holds a run with other parameters"):
            open_trainer(uninterrupted, **changes)


def test_a_limit_of_time_ends_between_epochs(tmp_path: Path, open_trainer: Open) -> None:
    open_trainer(tmp_path / "short").run(until_s=-1.0)
    assert not (tmp_path / "short" / LATEST).exists()


def test_the_log_has_a_row_an_epoch(uninterrupted: Path) -> None:
    rows = read_log(uninterrupted)
    assert list(rows[0]) == [
        "epoch",
        "loss",
        "learning_rate",
        "seconds",
        "tiny_mae",
        "tiny_rmse",
        "tiny_bias",
    ]
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert [bool(row["tiny_mae"]) for row in rows] == [False, True, False, True]
    rates = [float(row["learning_rate"]) for row in rows]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)


def test_the_best_checkpoint_is_the_average_of_the_best_epoch(
    tmp_path: Path, open_trainer: Open, datasets: tuple[Dataset, Dataset]
) -> None:
    folder = tmp_path / "run"
    kept: list[tuple[EpochReport, dict[str, Tensor]]] = []

    def keep(report: EpochReport) -> None:
        if report.is_best:
            kept.append((report, trainer.averaged_state()))

    network = TinyNetwork()
    trainer = open_trainer(folder, network, validate_every=1, report=keep)
    trainer.run()
    report, averaged = kept[-1]
    best = load(folder / BEST)
    assert_same(dict(best), averaged)
    assert any(not torch.equal(best[name], values) for name, values in network.state_dict().items())
    other = TinyNetwork(seed=8)
    other.load_state_dict(best)
    other.eval()
    off = [abs(count_picture(other, each) - each.count) for each in datasets[1].pictures]
    assert report.scores["tiny"].mae == pytest.approx(float(np.mean(off)), rel=1e-5)
    merits = [relative_error(report.scores) for report, _ in kept]
    assert merits == sorted(merits, reverse=True)


def test_frozen_blocks_keep_their_weights_and_statistics(
    tmp_path: Path, open_trainer: Open
) -> None:
    network = TinyNetwork()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    open_trainer(tmp_path / "run", network, epochs=1).run()
    changed = {
        name
        for name, values in network.state_dict().items()
        if not torch.equal(values, before[name])
    }
    assert not any(name.startswith("features.0.") for name in changed)
    assert {"features.1.0.weight", "last.1.running_mean", "to_density.weight"} <= changed


def test_without_progress_training_ends(tmp_path: Path, open_trainer: Open) -> None:
    class Constant(nn.Module):
        stride = 8

        def __init__(self) -> None:
            super().__init__()
            self.to_density = nn.Conv2d(3, 1, 8, stride=8)

        def forward(self, picture: Tensor) -> Tensor:
            return torch.relu(self.to_density(picture))

    folder = tmp_path / "run"
    reports: list[EpochReport] = []
    open_trainer(
        folder,
        Constant(),
        epochs=20,
        patience=3,
        validate_every=1,
        learning_rate=0.0,
        report=reports.append,
    ).run()
    assert [report.is_best for report in reports] == [True, False, False, False]
    assert len(read_log(folder)) == 4


def test_every_loss_trains_without_a_warning(tmp_path: Path, open_trainer: Open) -> None:
    for loss in ("mse", "mse-adaptive", "pyramid", "bayesian", "dm-count"):
        reports: list[EpochReport] = []
        open_trainer(tmp_path / loss, loss=loss, epochs=1, report=reports.append).run()
        assert np.isfinite(reports[0].loss)
        assert reports[0].scores["tiny"].pictures == 2


class Watching(nn.Module):
    """Keeps what it is shown and the kind of numbers it is computed in."""

    stride = 8

    def __init__(self) -> None:
        super().__init__()
        self.to_density = nn.Conv2d(3, 1, 8, stride=8)
        self.seen: list[Tensor] = []
        self.kinds: set[torch.dtype] = set()

    def forward(self, picture: Tensor) -> Tensor:
        maps = self.to_density(picture)
        if self.training:
            self.seen.append(picture)
            self.kinds.add(maps.dtype)
        return torch.relu(maps)


STILL = AugmentationParams(
    crop_px=64,
    scale_low=1.0,
    scale_high=1.0,
    light=0.0,
    gamma=1.0,
    colour=0.0,
    noise=0.0,
    grey_share=0.0,
    blur_share=0.0,
    jpeg_share=0.0,
    mosaic_share=0.0,
    texture_share=0.0,
)


def crops_of_even_pictures(folder: Path, people: list[int], params: TrainingParams) -> list[Tensor]:
    """Train an epoch on pictures of one grey level each, their number times 6; what was shown."""
    pictures = []
    for number, count in enumerate(people):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), image(width=600, height=600, value=6 * number))
        pictures.append(
            LabelledPicture(f"even/{number}", path, np.full((count, 2), 300, np.float32))
        )
    network = Watching()
    Trainer(
        network,
        train=[Dataset("even", tuple(pictures))],
        validation=[Dataset("even", tuple(pictures[:1]))],
        params=replace(params, epochs=1),
        folder=folder / "run",
    ).run()
    return [crop for batch in network.seen for crop in batch]


@pytest.mark.parametrize(("share", "levels_of_a_crop"), [(0.0, {1}), (1.0, {2, 3, 4})])
def test_crops_are_put_together_from_several_pictures(
    tmp_path: Path, share: float, levels_of_a_crop: set[int]
) -> None:
    params = replace(PARAMS, augmentation=replace(STILL, mosaic_share=share))
    crops = crops_of_even_pictures(tmp_path, [0] * 40, params)
    assert len(crops) == 80
    levels = {len(torch.unique((crop[0] * 1000).round())) for crop in crops}
    assert levels <= levels_of_a_crop
    assert max(levels) == max(levels_of_a_crop)


def test_textures_stand_in_for_pictures_as_often_as_asked(tmp_path: Path) -> None:
    params = replace(PARAMS, augmentation=replace(STILL, texture_share=0.25))
    crops = crops_of_even_pictures(tmp_path, [0] * 40, params)
    textures = sum(len(torch.unique(crop)) > 3 for crop in crops)
    assert textures == pytest.approx(20, abs=8)


def test_a_quarter_of_a_mosaic_may_be_a_texture(tmp_path: Path) -> None:
    params = replace(PARAMS, augmentation=replace(STILL, mosaic_share=1.0, texture_share=0.25))
    crops = crops_of_even_pictures(tmp_path, [0] * 40, params)
    with_texture = sum(len(torch.unique(crop)) > 12 for crop in crops)
    assert with_texture == pytest.approx(80 * (1 - 0.75**4), abs=14)


@pytest.mark.parametrize(("power", "expected"), [(0.0, 30.0), (0.5, 62.3), (1.0, 80.1)])
def test_crowds_are_shown_more_often(tmp_path: Path, power: float, expected: float) -> None:
    params = replace(PARAMS, crops=30, crowd_power=power, augmentation=STILL)
    crops = crops_of_even_pictures(tmp_path, [0, 8, 80], params)
    assert len(crops) == 90
    levels = torch.stack([crop[0, 0, 0] for crop in crops])
    found = int((levels == levels.max()).sum())
    assert found == pytest.approx(expected, abs=9 if power else 0)


def test_a_run_in_bfloat16_learns_and_keeps_its_weights_in_single_precision(
    tmp_path: Path, open_trainer: Open, uninterrupted: Path
) -> None:
    network = Watching()
    open_trainer(tmp_path / "watching", network, epochs=1, precision="bfloat16").run()
    assert network.kinds == {torch.bfloat16}
    open_trainer(tmp_path / "narrow", precision="bfloat16").run()
    narrow, whole = read_log(tmp_path / "narrow"), read_log(uninterrupted)
    assert float(narrow[0]["loss"]) == pytest.approx(float(whole[0]["loss"]), rel=0.1)
    assert narrow[0]["loss"] != whole[0]["loss"]
    learned = load(tmp_path / "narrow" / BEST)
    assert {values.dtype for values in learned.values()} <= {torch.float32, torch.int64}
    assert not torch.equal(learned["last.0.weight"], TinyNetwork().last[0].weight)


def test_another_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="precision must be float32 or bfloat16"):
        replace(PARAMS, precision="float16")

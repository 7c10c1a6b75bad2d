"""A run's description, and continuing only the same run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from training.datasets.base import Dataset, DatasetError, LabelledPicture
from training.loop import TrainingParams
from training.run_file import RUN, describe_run, set_parameter, start_or_continue


def dataset(*names: str) -> Dataset:
    heads = np.zeros((2, 2), np.float32)
    return Dataset("mall", tuple(LabelledPicture(each, Path(each), heads) for each in names))


def describe(params: TrainingParams, *names: str) -> dict[str, object]:
    return describe_run(
        params,
        nn.Linear(3, 1),
        train=[dataset(*names)],
        validation=[dataset("z")],
        threads=1,
        initial_weights="drawn at random",
    )


def test_everything_a_run_depends_on_stands_there(tmp_path: Path) -> None:
    assert not start_or_continue(tmp_path / "run", describe(TrainingParams(), "a", "b"))
    run = json.loads((tmp_path / "run" / RUN).read_text("utf-8"))
    assert run["parameters"]["augmentation"]["crop_px"] == 384
    assert run["datasets"]["mall"]["train"]["pictures"] == 2
    assert run["datasets"]["mall"]["train"]["heads"] == 4
    assert run["network_parameters"] == 4
    assert set(run["versions"]) == {"python", "torch", "numpy", "opencv"}


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    start_or_continue(tmp_path, describe(TrainingParams(), "a"))
    assert start_or_continue(tmp_path, describe(TrainingParams(), "a"))


def test_another_run_is_refused_and_what_differs_is_named(tmp_path: Path) -> None:
    start_or_continue(tmp_path, describe(TrainingParams(), "a"))
    with pytest.raises(DatasetError, match=r"another parameters\.epochs \(60, now 61\)"):
        start_or_continue(tmp_path, describe(TrainingParams(epochs=61), "a"))
    with pytest.raises(DatasetError, match=r"another datasets\.mall\.train\.heads"):
        start_or_continue(tmp_path, describe(TrainingParams(), "a", "b"))
    (tmp_path / RUN).write_text("{", "utf-8")
    with pytest.raises(DatasetError, match="damaged"):
        start_or_continue(tmp_path, describe(TrainingParams(), "a"))


def test_any_parameter_can_be_set_by_name() -> None:
    params = set_parameter(TrainingParams(), "loss_params.bayes_cells=1.5")
    assert params.loss_params.bayes_cells == 1.5
    assert set_parameter(params, "seed=3").seed == 3
    assert set_parameter(params, "augmentation.scale_low=0.8").augmentation.scale_low == 0.8


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("seed", "takes NAME=VALUE"),
        ("sead=3", "must be one of network, loss"),
        ("seed=three", "--set seed: invalid literal"),
        ("augmentation=3", "is no single value"),
        ("seed.more=3", "is no single value"),
        ("augmentation.crop_px=100", "multiple of 16"),
    ],
)
def test_what_cannot_be_set_is_refused(assignment: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        set_parameter(TrainingParams(), assignment)

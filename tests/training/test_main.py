"""The command line on small datasets made up here, with networks whose answer is known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from backend.vision.density.card import load_card
from tests.training.dataset_files import positions, save_mat, save_picture
from training.__main__ import COMMANDS, FAILED, main
from training.cli.train import PROBLEMS
from training.loop import BEST, LOG
from training.networks import build_network
from training.run_file import RUN

SIDE = 256
CELLS = 64 * 64
"""Pictures of 48 x 48 pixels are enlarged to 512 x 512: 64 x 64 cells of 8."""

HEADS = 246
PEOPLE = 245.76
"""What the network below counts in every picture."""


def write_shanghaitech(root: Path, heads: list[int]) -> Path:
    """Write a test split of part B with so many heads in its pictures."""
    folder = root / "part_B" / "test_data"
    rng = np.random.default_rng(4)
    for number, people in enumerate(heads, start=1):
        inner = np.empty((1, 1), object)
        inner[0, 0] = {"location": positions(rng.uniform(0, SIDE, (people, 2)).tolist())}
        save_mat(folder / "ground_truth" / f"GT_IMG_{number}.mat", image_info=inner)
        save_picture(folder / "images" / f"IMG_{number}.jpg", wh=(SIDE, SIDE), mark=number)
    return root


def write_mall(root: Path, frames: int) -> Path:
    """Write the first frames of Mall."""
    cells = np.empty((1, 2000), object)
    for number in range(1, 2001):
        cells[0, number - 1] = {"loc": positions([(9, 9), (30, 20)])}
    save_mat(root / "mall_gt.mat", frame=cells, count=np.full((2000, 1), 2))
    save_mat(root / "perspective_roi.mat", roi={"mask": np.ones((SIDE, SIDE))})
    for number in range(1, frames + 1):
        path = root / "frames" / f"seq_{number:06d}.jpg"
        save_picture(path, wh=(SIDE, SIDE), mark=number)
    return root


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The light network, giving `PEOPLE` / `CELLS` in every cell whatever it is shown."""
    torch.manual_seed(3)
    network = build_network("light")
    last = network.to_density
    assert isinstance(last, nn.Conv2d) and last.bias is not None
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, PEOPLE / CELLS)
    path = tmp_path_factory.mktemp("run") / BEST
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def crowds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures of nearly the number of people that the network counts."""
    heads = [HEADS + off for off in range(-10, 10)]
    return write_shanghaitech(tmp_path_factory.mktemp("data"), heads)


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as left:
            main([command.NAME, "--help"])
        assert left.value.code == 0
        said = capsys.readouterr().out
        assert f"python -m training {command.NAME}" in " ".join(said.split())
    with pytest.raises(SystemExit) as left:
        main(["train"])
    assert left.value.code == 2


def test_evaluate_prints_and_writes_what_hand_computation_gives(
    tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_shanghaitech(tmp_path, [240, 250])
    arguments = ["evaluate", "--data", str(data), "--dataset", "shanghaitech-b"]
    arguments += ["--model", str(weights)]
    arguments += ["--json", str(tmp_path / "a.json"), "--csv", str(tmp_path / "a.csv")]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "incomplete: 2 of 316 published pictures are used" in said
    assert "not comparable with published" in said
    assert "MCNN, published" in said
    # 5.76 too many and 4.24 too few
    written = json.loads((tmp_path / "a.json").read_text("utf-8"))
    row = written["results"][0]["rows"][0]
    assert row["mae"] == pytest.approx(5.0, abs=1e-3)
    assert row["rmse"] == pytest.approx(np.sqrt((5.76**2 + 4.24**2) / 2), abs=1e-3)
    assert row["bias"] == pytest.approx(0.76, abs=1e-3)
    assert written["split"] == "test"
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [(each["picture"], each["true"]) for each in lines] == [
        ("part_B/IMG_1", "240"),
        ("part_B/IMG_2", "250"),
    ]
    assert float(lines[0]["counted"]) == pytest.approx(PEOPLE, abs=1e-2)


def test_from_weights_to_a_card_that_holds_what_was_measured(
    tmp_path: Path, weights: Path, crowds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = write_shanghaitech(tmp_path / "few", [HEADS])
    common = ["--dataset", "shanghaitech-b", "--split", "test", "--data"]
    interval, results = tmp_path / "interval.json", tmp_path / "results.json"
    calibrate = ["calibrate-interval", *common, str(crowds), "--model", str(weights)]
    calibrate += ["--folds", "4", "--json", str(interval)]
    assert main([*calibrate, "--input-long", "512"]) == 0
    assert "whole pictures" in capsys.readouterr().out
    evaluate = ["evaluate", *common, str(few), "--model", str(weights)]
    assert main([*evaluate, "--interval", str(interval), "--json", str(results)]) == 0
    found = json.loads(results.read_text("utf-8"))["results"][0]["rows"][0]
    assert found["coverage"] == 1
    assert found["mae"] == pytest.approx(HEADS - PEOPLE, abs=1e-3)

    out = tmp_path / "weights"
    export = ["export", *common, str(few), "--weights", str(weights), "--version", "7"]
    export += ["--interval", str(interval), "--results", str(results), "--out", str(out)]
    assert main(export) == 1
    assert "--input-long 1024" in capsys.readouterr().err
    export += ["--input-long", "512"]
    assert main(export) == 0
    card = load_card(out / "crowdsafe-light.onnx")
    assert card.version == "7"
    assert card.results["shanghaitech-b"].mae == pytest.approx(found["mae"], abs=1e-3)
    assert card.error.common == json.loads(interval.read_text("utf-8"))["error"]["common"]
    assert 0.05 < card.crowded_per_cell < 0.1

    table = tmp_path / "table.md"
    capsys.readouterr()
    compare = ["compare", *common, str(few), "--markdown", str(table)]
    assert main([*compare, "--model", str(out / "crowdsafe-light.onnx"), f"light={weights}"]) == 0
    rows = [line for line in table.read_text("utf-8").splitlines() if "light" in line]
    exported, trained = (float(row.split("|")[3]) for row in rows)
    assert exported == pytest.approx(trained, abs=0.1)

    other = tmp_path / "other.pt"
    other.write_bytes(weights.read_bytes() + b"\0")
    assert main([*export, "--weights", str(other)]) == FAILED
    assert "was measured with other weights" in capsys.readouterr().err


def test_train_resume_and_curves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = write_mall(tmp_path / "mall", 8), tmp_path / "run"
    train = ["train", "--data", str(data), "--dataset", "mall", "--out", str(out), "--network"]
    train += ["mcnn", "--loss", "mse", "--crop", "64", "--batch", "2", "--validate-every", "1"]
    train += ["--threads", "1", "--epochs", "2"]
    assert main([*train, "--minutes", "0.00001"]) == 0
    said = capsys.readouterr().out
    assert "mall: 7 pictures to learn from, 1 to validate with" in said
    assert "epoch 1 " in said and "epoch 2 " not in said
    assert len((out / PROBLEMS).read_text("utf-8").splitlines()) > 700
    assert json.loads((out / RUN).read_text("utf-8"))["parameters"]["network"] == "mcnn"
    assert (out / BEST).is_file() and (out / LOG).is_file()

    assert main(train) == 0
    said = capsys.readouterr().out
    assert "going on with the run" in said
    assert "epoch 2 " in said and "mall MAE" in said

    further = [str(tmp_path / "further") if each == str(out) else each for each in train]
    further += ["--start-from", str(out / BEST)]
    assert main([*further, "--minutes", "0.00001"]) == 0
    begun = json.loads((tmp_path / "further" / RUN).read_text("utf-8"))
    assert begun["initial_weights"].startswith(f"those of {BEST}, sha256 ")
    assert main([*further, "--start-from", str(out / LOG)]) == FAILED
    assert f"{LOG} is no weight file" in capsys.readouterr().err

    assert main([*train, "--seed", "2"]) == FAILED
    assert "holds a run with another parameters.seed (1, now 2)" in capsys.readouterr().err

    curves = tmp_path / "curves.png"
    assert main(["curves", str(out), "--out", str(curves)]) == 0
    assert curves.is_file()
    assert "run: 2 epochs" in capsys.readouterr().out


def test_check_says_what_is_missing(
    tmp_path: Path, crowds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = ["check", "--dataset", "shanghaitech-b", "--split", "test", "--data"]
    assert main([*check, str(crowds)]) == 0
    assert "20 pictures" in capsys.readouterr().out
    data = write_shanghaitech(tmp_path, [3, 4])
    (data / "part_B/test_data/ground_truth/GT_IMG_2.mat").unlink()
    assert main([*check, str(data)]) == 1
    assert "left out  IMG_2.jpg: GT_IMG_2.mat is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("evaluate --data {data} --dataset shanghaitech-a", "part_A/test_data with images/"),
        ("evaluate --data {data}/none --dataset shanghaitech-b", "there is no such folder"),
        ("evaluate --data {data} --dataset shanghai", "dataset must be one of shanghaitech-a"),
        ("evaluate --data {data} --dataset shanghaitech-b --model a.pt", "a.pt does not exist"),
        ("evaluate --data {data} --dataset shanghaitech-b --model a.txt", "takes a .pt or .onnx"),
        (
            "evaluate --data {data} --dataset shanghaitech-b --model mcnn={weights}",
            "does not fit the network 'mcnn'",
        ),
        (
            "evaluate --data {data} --dataset shanghaitech-b --interval none.json",
            "none.json: cannot be read",
        ),
        ("train --data {data} --dataset shanghaitech-b --out o --epochs 0", "--epochs must be at"),
        ("train --data {data} --dataset shanghaitech-b --out o --crop 100", "multiple of 16"),
        ("curves {data} --out curves.gif", "must end in .png or .svg"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    arguments: str,
    reason: str,
    crowds: Path,
    weights: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [each.format(data=crowds, weights=weights) for each in arguments.split()]
    assert main(words) == FAILED
    said = capsys.readouterr().err
    assert reason in said
    assert len(said.splitlines()) == 1

"""Figures of counting dense crowds: the hand-over on a growing crowd, and validation pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

from backend.vision.adapters.yolo import open_yolo
from backend.vision.density.opening import RuntimeChoice
from backend.vision.density.store import SHIPPED, DensityChoice, DensityStore
from backend.vision.detector import DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from figures.style import BLUE, GREY, ORANGE, figure_file
from training.composed_crowds import compose_ramp
from training.counters import CountedPicture, count_dataset
from training.curves import read_log
from training.datasets.base import Dataset
from training.datasets.shanghaitech import load_shanghaitech
from training.interval import compute_interval
from training.opening import OpenedModel, OpeningParams, open_model
from training.ramp import RampReading, describe_ramp, measure_ramp, plot_ramp
from training.splits import split_dataset

WEIGHTS = SHIPPED
DETECTOR = Path("models") / "yolo11n_int8_openvino_model"
DATA = Path("data") / "counting" / "ShanghaiTech"
PARTS = {"A": ORANGE, "B": BLUE}
STAGES = Path("training") / "runs" / "crowdsafe-light-3"


def draw(folder: Path, assets: Path) -> None:
    """Draw the figures of dense.md."""
    with figure_file(folder / "dense-learning.svg", height=3.0) as figure:
        _draw_learning(figure.subplots(1, len(PARTS)))
    readings = _ramp(assets)
    for line in describe_ramp(readings):
        print(line)
    with figure_file(folder / "dense-ramp.svg", height=3.8) as figure:
        plot_ramp(figure.subplots(), readings)
    with (
        open_model(WEIGHTS, OpeningParams(runtime="openvino", precision="f32")) as opened,
        figure_file(folder / "dense-validation.svg", width=4.6, height=4.2) as figure,
    ):
        _draw_validation(figure.subplots(), opened, assets)


def _draw_learning(axes: Sequence[Axes]) -> None:
    """Validation MAE of the shipped network over the epochs of all its stages."""
    logs = sorted(STAGES.glob("stage-*.csv"), key=lambda path: int(path.stem.split("-")[1]))
    runs = [read_log(path) for path in logs]
    begins = np.cumsum([0, *(run.epochs[-1] for run in runs)]).tolist()
    for axis, (part, colour) in zip(axes, PARTS.items(), strict=True):
        points = [
            (begin + epoch, mae)
            for begin, run in zip(begins, runs, strict=False)
            for epoch, mae in run.mae[f"shanghaitech-{part.lower()}"]
        ]
        for begin in begins[1:-1]:
            axis.axvline(begin, color=GREY, linewidth=0.5, alpha=0.5)
        axis.plot(*zip(*points, strict=True), color=colour, marker=".")
        axis.set(xlabel="epoch, all stages", ylabel="validation MAE, people", title=f"part {part}")
        axis.set(yscale="log")
        axis.yaxis.set_major_formatter(ScalarFormatter())
        axis.yaxis.set_minor_formatter(ScalarFormatter())


def _validation(assets: Path, part: str) -> Dataset:
    return split_dataset(load_shanghaitech(assets / DATA, part, "train"))[1]


def _ramp(assets: Path) -> list[RampReading]:
    steps = compose_ramp(_validation(assets, "B").pictures)
    with _counters(assets) as (detector, store):
        return list(measure_ramp(steps, detector, store.open_counter()))


@contextmanager
def _counters(assets: Path) -> Iterator[tuple[NetworkDetector, DensityStore]]:
    network, head = open_yolo(assets / DETECTOR, precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams()))
    # the same numbers on every processor
    choice = DensityChoice(runtime=RuntimeChoice(device="cpu", precision="f32"))
    with tempfile.TemporaryDirectory() as home:
        store = DensityStore(Path(home), choice, shipped=WEIGHTS)
        try:
            yield detector, store
        finally:
            detector.close()
            network.close()
            store.close()


def _draw_validation(axes: Axes, opened: OpenedModel, assets: Path) -> None:
    """Counted over true people of every validation picture, with the 90 % interval."""
    for part, colour in PARTS.items():
        counted = list(count_dataset(opened.counter, _validation(assets, part)))
        _plot_part(axes, opened, counted, part=part, colour=colour)
    ends = np.array([10.0, 4000.0])
    axes.plot(ends, ends, color=GREY, linestyle=":", linewidth=1)
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    axes.set(xlabel="labelled people", ylabel="counted people")
    axes.set_aspect("equal")
    axes.legend(loc="upper left")


def _plot_part(
    axes: Axes, opened: OpenedModel, counted: list[CountedPicture], *, part: str, colour: str
) -> None:
    true = np.array([each.true for each in counted])
    found = np.array([each.counted for each in counted])
    mae = np.abs(found - true).mean()
    label = f"part {part}, {len(counted)} pictures, MAE {mae:.1f}"
    if opened.counter.error is not None:
        low, high = compute_interval(opened.counter.error, found)
        axes.vlines(true, np.maximum(low, 1.0), high, color=colour, alpha=0.3, linewidth=1)
    axes.plot(true, found, "o", color=colour, markersize=3, label=label)

"""``ramp``: boxes, density map and their blend on a crowd that grows from 5 to 300 people.

Each of the composed pictures (`composed_crowds`) is shown for `SHOWN_S` seconds of stream time,
and counted once a second as a dense camera is: by the detector, by the density network, and by two
analysers as a camera has them, of which one is given boxes and maps and the other boxes alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Frame, Tracks
from backend.core.measurements import SaturationEvidence
from backend.core.observation import FrameFacts
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.params import AnalysisParams
from backend.vision.adapters.yolo import open_yolo
from backend.vision.density.counter import DensityCounter
from backend.vision.density.opening import RuntimeChoice
from backend.vision.density.store import SHIPPED, DensityChoice, DensityStore
from backend.vision.detector import Detector, DetectorParams
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from training.cli.selection import VALIDATION, add_data_argument, load_split
from training.composed_crowds import FEWEST, MOST, STEP, Composition, RampStep, compose_ramp
from training.datasets.base import DatasetError

NAME = "ramp"
SUMMARY = "plot boxes, density map and their blend on a crowd growing from 5 to 300 people"
EXAMPLE = (
    "python -m training ramp --data data/ShanghaiTech "
    "--detector models/yolo11n_int8_openvino_model --out ramp.png"
)

DATASET = "shanghaitech-b"
SHOWN_S = 4
"""Stream time for which a picture is shown, seconds: with 5 people a picture a crowd of 300 comes
within four minutes."""

COUNTED_S = 1.0
"""Stream time from one reading to the next: a dense camera is counted once a second."""

_SIZE_IN = (8.0, 4.4)
_DOTS_PER_INCH = 120
_COLOURS = {"boxes": "#2b6cb0", "map": "#c05621", "blend": "#2f855a"}
_LINES = {"boxes": "--", "map": "-.", "blend": "-"}


@dataclass(frozen=True, slots=True)
class RampReading:
    """What was counted at one instant, people.

    Attributes:
        at_s: Stream time, seconds.
        truth: True number.
        boxes: By boxes alone, corrected for what the detector misses.
        by_map: By the density map alone.
        blend: By both together.
        low, high: 90 % interval of ``blend``; high is None where it counts at least.
        map_share: Part of ``blend`` that comes from the map, in [0, 1].
    """

    at_s: float
    truth: int
    boxes: float
    by_map: float
    blend: float
    low: float
    high: float | None
    map_share: float


def measure_ramp(
    steps: Iterable[RampStep], detector: Detector, counter: DensityCounter
) -> Iterator[RampReading]:
    """Count every picture by boxes, by map and by both, once a second while it is shown.

    Args:
        steps: Pictures of one size with their truth.
        detector: Its boxes are taken as they are; nobody is followed from picture to picture.
        counter: Counts every picture.
    """
    hybrid, boxes_alone = (_open_analyzer(detector.info) for _ in range(2))
    for number, step in enumerate(steps):
        frame = _frame(step, number)
        tracks = _as_tracks(detector.detect(frame.image), first_id=1000 * number)
        counted = counter.count(frame)
        for later in range(SHOWN_S):  # a picture that stays gives the same boxes and the same map
            at_s = frame.stream_time_s + later * COUNTED_S
            found = replace(counted, stream_time_s=at_s)
            facts = FrameFacts(
                stream_time_s=at_s,
                segment=0,
                picture_wh=frame.picture_wh,
                saturation=SaturationEvidence(False, "", 0.0, at_s),
            )
            plain, _ = boxes_alone.update(tracks, facts)
            blended, _ = hybrid.update(tracks, replace(facts, crowd_map=found))
            yield RampReading(
                at_s=at_s,
                truth=step.count,
                boxes=plain.count,
                by_map=found.total,
                blend=blended.count,
                low=blended.count_low,
                high=blended.count_high,
                map_share=blended.map_share,
            )


def _open_analyzer(model: ModelInfo) -> CrowdAnalyzer:
    return CrowdAnalyzer(AnalysisParams(), area_m2=None, people_limit=None, model=model)


def _frame(step: RampStep, number: int) -> Frame:
    at_s = number * SHOWN_S * COUNTED_S
    return Frame(number, step.picture, at_s, 0, datetime.fromtimestamp(at_s, UTC), at_s)


def _as_tracks(found: Detections, *, first_id: int) -> Tracks:
    """Everybody with a number of their own: the next picture shows other people."""
    ids = np.arange(first_id, first_id + len(found), dtype=np.int64)
    return Tracks(ids, found.boxes_xyxy, found.confidence)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    parser.add_argument(
        "--detector",
        type=Path,
        required=True,
        metavar="PATH",
        help="YOLO detector, OpenVINO folder or .onnx",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=SHIPPED,
        metavar="FILE",
        help="exported density network with its card beside it (default: the shipped one)",
    )
    parser.add_argument(
        "--seed", type=int, default=Composition().seed, help="other seeds compose other crowds"
    )
    parser.add_argument(
        "--step", type=int, default=STEP, metavar="PEOPLE", help=f"people a step (default: {STEP})"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="plot to write, .png or .svg"
    )


def run(args: argparse.Namespace) -> int:
    """Measure the ramp, print the errors and draw the plot."""
    if args.out.suffix not in {".png", ".svg"}:
        raise DatasetError(f"--out must end in .png or .svg, got {args.out.name!r}")
    if args.step < 1:
        raise DatasetError(f"--step must be at least 1 person, got {args.step}")
    pictures = load_split(DATASET, args.data, VALIDATION).pictures
    steps = compose_ramp(pictures, range(FEWEST, MOST + 1, args.step), Composition(seed=args.seed))
    network, head = open_yolo(args.detector, precision="auto")
    detector = NetworkDetector(network, head, DetectorPlan(DetectorParams(), size=640))
    choice = DensityChoice(runtime=RuntimeChoice(device="cpu"))
    store = DensityStore(args.out.parent, choice, shipped=args.model)
    try:
        readings = list(measure_ramp(steps, detector, store.open_counter()))
    finally:
        detector.close()
        network.close()
        store.close()
    for line in describe_ramp(readings):
        print(line)
    draw_ramp(readings, args.out)
    print(f"written: {args.out}")
    return 0


def describe_ramp(readings: Sequence[RampReading]) -> Iterator[str]:
    """Say how far each way of counting errs and jumps, one line each."""
    truth = np.array([each.truth for each in readings], float)
    for name, counts in _series(readings).items():
        off = counts - truth
        jumps = np.abs(np.diff(counts, prepend=counts[:1]))
        yield (
            f"{name}: mean error {np.abs(off).mean():.1f} people, bias {off.mean():+.1f}, "
            f"largest {np.abs(off).max():.0f}; largest change a second {jumps.max():.0f}"
        )
    inside = [each.low <= each.truth <= (each.high or np.inf) for each in readings]
    yield f"truth inside the interval of the blend: {np.mean(inside):.0%}"


def draw_ramp(readings: Sequence[RampReading], path: Path) -> None:
    """Draw the counts over the truth; the file's ending decides the format."""
    figure = Figure(figsize=_SIZE_IN, layout="constrained")
    plot_ramp(figure.subplots(), readings)
    figure.savefig(path, dpi=_DOTS_PER_INCH)


def plot_ramp(axes: Axes, readings: Sequence[RampReading]) -> None:
    """Plot truth, boxes, map and blend with its interval over time, the map's share below."""
    times = [each.at_s for each in readings]
    top = 1.15 * max(max(each.truth, each.boxes, each.by_map) for each in readings)
    axes.fill_between(
        times,
        [each.low for each in readings],
        [top if each.high is None else each.high for each in readings],
        color=_COLOURS["blend"],
        alpha=0.15,
        linewidth=0,
        label="90 % interval of the blend",
    )
    truth = [each.truth for each in readings]
    axes.plot(times, truth, color="black", linestyle=":", label="truth")
    for name, counts in _series(readings).items():
        axes.plot(times, counts, color=_COLOURS[name], linestyle=_LINES[name], label=name)
    axes.set(xlabel="time (s)", ylabel="people", ylim=(0, top))
    beside = axes.twinx()
    beside.plot(times, [each.map_share for each in readings], color="tab:grey", linewidth=1)
    beside.set(ylabel="share of the map (grey)", ylim=(0, 4), yticks=(0, 0.5, 1))
    beside.grid(visible=False)
    axes.legend(loc="upper left")


def _series(
    readings: Sequence[RampReading],
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return {
        "boxes": np.array([each.boxes for each in readings]),
        "map": np.array([each.by_map for each in readings]),
        "blend": np.array([each.blend for each in readings]),
    }

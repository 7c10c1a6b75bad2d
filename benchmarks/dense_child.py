"""One measurement of density counting, in a process of its own; prints one line of JSON.

``python -m benchmarks.dense_child WHAT ASSETS`` with WHAT one of `MEASUREMENTS`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from backend.core.clock import Clock, SystemClock
from backend.core.frame import Frame, Image
from backend.vision.adapters.yolo import open_yolo
from backend.vision.density.card import load_card
from backend.vision.density.counter import DensityCounter
from backend.vision.density.opening import RuntimeChoice, open_density_network
from backend.vision.density.scaling import compute_scaling
from backend.vision.density.store import SHIPPED, DensityChoice, DensityStore
from backend.vision.detector import DetectorParams
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network import Network
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from backend.vision.tiling import TilingParams
from benchmarks.child import answer
from benchmarks.pipeline_child import MODEL, pictures_of

Call: TypeAlias = Callable[[Frame], object]

VIDEO = "stadium-stand-dense.mp4"
"""1280×720, a stand full of people."""

LONG_PX = 768
PICTURES = 8
ROUNDS = 5
TILES = (4, 3)
TILED_CONFIDENCE = 0.1
"""With which tiles find the most people in crowds."""

DATA = Path("data") / "counting" / "ShanghaiTech"
PARTS = ("a", "b")


def median_ms(
    calls: Mapping[str, Call], frames: Sequence[Frame], *, clock: Clock, rounds: int = ROUNDS
) -> dict[str, float]:
    """Return the median milliseconds of a call with one frame, by name.

    The calls take turns, so that all see the same weather; each is warmed up first.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call(frames[0])
    for _ in range(rounds):
        for name, call in calls.items():
            for frame in frames:
                began_s = clock.monotonic()
                call(frame)
                taken[name].append(1000 * (clock.monotonic() - began_s))
    return {name: statistics.median(times) for name, times in taken.items()}


def speed(assets: Path, home: Path, weights: Path = SHIPPED) -> dict[str, float]:
    """One density pass beside the tiled detector, on the same pictures in turns.

    ``count`` is everything a camera waits for: resizing, network, map and heads; ``network`` the
    inference in it; ``tiled`` a detector on 4 × 3 tiles; ``busy`` what one of many passes takes
    while two cameras count at once, so that every core has one. ``people`` and ``boxes`` are
    what both counted.
    """
    clock = SystemClock()
    frames = [
        _frame(number, picture)
        for number, picture in enumerate(pictures_of(assets / "videos" / VIDEO, PICTURES))
    ]
    choice = DensityChoice(long_px=LONG_PX, runtime=RuntimeChoice(runtime="openvino"))
    store = DensityStore(home, choice, shipped=weights)
    counters = [store.open_counter(), store.open_counter()]
    bare = open_density_network(weights, load_card(weights), choice.runtime).network
    opened, head = open_yolo(assets / "models" / MODEL, precision="auto")
    params = DetectorParams(confidence=TILED_CONFIDENCE, weak_confidence=TILED_CONFIDENCE)
    plan = DetectorPlan(params, tiling=TilingParams.of_grid(*TILES))
    tiled = NetworkDetector(SharedNetwork(opened), head, plan)
    try:
        calls: dict[str, Call] = {
            "count": counters[0].count,
            "network": lambda frame: _infer(bare, frame),
            "tiled": lambda frame: tiled.detect(frame.image),
        }
        found = median_ms(calls, frames, clock=clock)
        found["busy"] = _busy_ms(counters, frames, clock)
        people = [counters[0].count(frame).total for frame in frames]
        boxes = [len(tiled.detect(frame.image)) for frame in frames]
    finally:
        for counter in counters:
            counter.close()
        tiled.close()
        for network in (bare, opened):
            network.close()
        store.close()
    return {**found, "people": statistics.fmean(people), "boxes": statistics.fmean(boxes)}


def _frame(number: int, picture: Image) -> Frame:
    now = SystemClock().now()
    return Frame(number, picture, float(number), 0, now, 0.0)


def _infer(network: Network, frame: Frame) -> None:
    """The network alone, on whatever lies in its input: its time does not depend on it."""
    request = network.open_request(compute_scaling(frame.picture_wh, LONG_PX).input_hw)
    try:
        request.start()
        request.wait(30.0)
        request.outputs()
    finally:
        request.close()


def _busy_ms(counters: Sequence[DensityCounter], frames: Sequence[Frame], clock: Clock) -> float:
    """Milliseconds a pass takes of the machine's time with a camera for each counter."""
    with ThreadPoolExecutor(len(counters)) as pool:
        rounds = []
        for _ in range(ROUNDS):
            began_s = clock.monotonic()
            done: list[Future[None]] = [pool.submit(_count_all, each, frames) for each in counters]
            for each in done:
                each.result()
            passes = len(counters) * len(frames)
            rounds.append(1000 * (clock.monotonic() - began_s) / passes)
    return statistics.median(rounds)


def _count_all(counter: DensityCounter, frames: Sequence[Frame]) -> None:
    for frame in frames:
        counter.count(frame)


def accuracy(assets: Path, _home: Path, weights: Path = SHIPPED) -> dict[str, float]:
    """Errors on the fixed validation pictures, as ``python -m training evaluate`` measures them."""
    from training.counters import count_dataset  # noqa: PLC0415 - loads torch, only in the child
    from training.datasets.shanghaitech import load_shanghaitech  # noqa: PLC0415
    from training.evaluate import summarise  # noqa: PLC0415
    from training.opening import OpeningParams, open_model  # noqa: PLC0415
    from training.splits import split_dataset  # noqa: PLC0415

    found: dict[str, float] = {}
    with open_model(weights, OpeningParams(runtime="openvino", precision="f32")) as opened:
        for part in PARTS:
            whole = load_shanghaitech(assets / DATA, part.upper(), "train")
            _, validation = split_dataset(whole)
            counted = list(count_dataset(opened.counter, validation))
            row = summarise(counted, opened.counter.error)[0]
            assert row.coverage is not None and row.width is not None  # the card has an interval
            found |= {
                f"mae_{part}": row.mae,
                f"rmse_{part}": row.rmse,
                f"bias_{part}": row.bias,
                f"pictures_{part}": row.pictures,
                f"mean_{part}": row.mean_true,
                f"coverage_{part}": row.coverage,
                f"width_{part}": row.width,
            }
    return found


MEASUREMENTS: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "speed": speed,
    "accuracy": accuracy,
}


if __name__ == "__main__":
    sys.exit(answer(MEASUREMENTS))

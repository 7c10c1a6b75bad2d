"""Sequences with ground truth, and every tracker over the same boxes of them."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.core.camera import (
    CameraConfig,
    DetectionChoice,
    ModelInfo,
    SourceSpec,
    SourceType,
    TrackerKind,
)
from backend.core.clock import SystemClock
from backend.core.frame import Detections, Frame, Image, Tracks
from backend.core.observation import FrameFacts
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import PipelineParts
from backend.vision.adapters.trackers import make_tracker
from backend.vision.adapters.ultralytics_tracker import Results
from backend.vision.appearance_model import AppearanceStore
from backend.vision.model_store.programs import Programs
from backend.vision.tracker import Embedder, Tracker, TrackerParams
from benchmarks.clip_run import detect_clip
from benchmarks.tracking_score import Sighting, read_truth

OURS = ("botsort", "bytetrack", "deepsort")
STOCK = ("stock botsort", "stock bytetrack")


@dataclass(frozen=True, slots=True)
class Sequence:
    """One sequence: its boxes, found once for all trackers, and who really is there.

    Attributes:
        video: For those trackers that look at the picture.
        rate_hz: True frame rate.
    """

    video: Path
    rate_hz: float
    detections: list[Detections]
    truth: list[Sighting]

    def frames(self) -> Iterator[Frame]:
        """Decode the video again, frame by frame."""
        clock = SystemClock()
        for index, image in zip(range(len(self.truth)), _pictures(self.video), strict=False):
            yield Frame(index, image, index / self.rate_hz, 0, clock.now(), 0.0)


def _pictures(video: Path) -> Iterator[Image]:
    import av  # noqa: PLC0415 - only where trackers are judged

    with av.open(str(video)) as container:
        for picture in container.decode(video=0):
            yield np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)


def pets(assets: Path) -> Sequence:
    """Return all of PETS09-S2L1; its header says 10 Hz, the protocol 7."""
    folder = assets / "data" / "mot" / "PETS09-S2L1"
    video = folder / "PETS09-S2L1.avi"
    found = [boxes for _, boxes in detect_clip(assets, video, most=10_000)]
    truth = read_truth(folder / "gt" / "gt.txt", frames=len(found), only_pedestrians=False)
    return Sequence(video, 7.0, found, truth)


def mot17(assets: Path) -> Sequence:
    """Return the first eight frames of MOT17-04."""
    folder = assets / "data" / "mot" / "MOT17-04-first8"
    video = folder / "MOT17-04_frames1-8_1920x1080.mp4"
    found = [boxes for _, boxes in detect_clip(assets, video, most=10_000)]
    truth = read_truth(folder / "gt.txt", frames=len(found), only_pedestrians=True)
    return Sequence(video, 30.0, found, truth)


@contextmanager
def appearances() -> Iterator[Callable[[], Embedder]]:
    """Give DeepSORT's appearance network, exported into a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        programs = Programs(Path(folder) / "ultralytics", threading.Event())
        yield AppearanceStore(Path(folder) / "models", programs).open_embedder


def our_tracker(kind: str, rate_hz: float, open_embedder: Callable[[], Embedder]) -> Tracker:
    """Return a tracker as cameras get it.

    Raises:
        RuntimeError: It is another one than was asked for.
    """
    choice = DetectionChoice(tracker=TrackerKind(kind))
    tracker = make_tracker(choice, rate_hz, TrackerParams(), open_embedder=open_embedder)
    if tracker.fault:
        raise RuntimeError(tracker.fault)
    return tracker


def run_ours(tracker: Tracker, sequence: Sequence) -> tuple[list[Tracks], float]:
    """Return the tracks of every frame, and milliseconds a frame."""
    tracks: list[Tracks] = []
    spent_s = 0.0
    for frame, found in zip(sequence.frames(), sequence.detections, strict=True):
        started_s = time.perf_counter()
        tracks.append(tracker.update(found, frame))
        spent_s += time.perf_counter() - started_s
    return tracks, 1000 * spent_s / len(tracks)


def run_stock(kind: str, sequence: Sequence) -> tuple[list[Sighting], float]:
    """Return what ultralytics' own tracker makes of the same boxes with its default settings."""
    tracker = stock_tracker(kind)
    seen: list[Sighting] = []
    spent_s = 0.0
    for frame, found in zip(sequence.frames(), sequence.detections, strict=True):
        started_s = time.perf_counter()
        rows = tracker.update(Results.of(found), frame.image).reshape(-1, 8)
        spent_s += time.perf_counter() - started_s
        seen.append(Sighting(rows[:, 4].astype(np.int64), rows[:, :4].astype(np.float64)))
    return seen, 1000 * spent_s / len(seen)


def stock_tracker(kind: str) -> Any:
    """Return ultralytics' tracker exactly as its own yaml file configures it."""
    from ultralytics.trackers import BOTSORT, BYTETracker  # noqa: PLC0415 - heavy
    from ultralytics.utils import ROOT, YAML, IterableSimpleNamespace  # noqa: PLC0415

    name = kind.removeprefix("stock ")
    settings = IterableSimpleNamespace(**YAML.load(ROOT / "cfg" / "trackers" / f"{name}.yaml"))
    return (BOTSORT if name == "botsort" else BYTETracker)(settings)


def sightings(tracks: list[Tracks]) -> list[Sighting]:
    """Return tracks in the shape in which they are judged."""
    return [Sighting(item.track_ids, item.boxes_xyxy.astype(np.float64)) for item in tracks]


def counts(
    parts: PipelineParts, model: ModelInfo, sequence: Sequence, tracks: list[Tracks]
) -> list[float]:
    """Return the product's count of every frame, by the analyser a camera has."""
    spec = SourceSpec(SourceType.UPLOAD, str(sequence.video))
    config = CameraConfig(1, "clip", spec, people_limit=1000)
    analyzer = parts.make_analyzer(config, AnalysisParams(), model)
    frames = sequence.frames()
    return [
        analyzer.update(seen, FrameFacts(frame.stream_time_s, 0, frame.picture_wh))[0].count
        for frame, seen in zip(frames, tracks, strict=True)
    ]


def crowd(people: int, frames: int) -> list[tuple[Detections, Frame]]:
    """Return so many people who walk about a full-HD picture, for timing."""
    random = np.random.default_rng(people)
    picture = random.integers(0, 256, (1080, 1920, 3), np.uint8)
    places = random.uniform((0, 0), (1880, 980), (people, 2))
    steps = random.normal(0.0, 2.0, (people, 2))
    blank = Frame(0, picture, 0.0, 0, SystemClock().now(), 0.0)
    made = []
    for number in range(frames):
        low = np.clip(places + steps * number, 0, (1880, 980))
        boxes = np.concatenate([low, low + np.array((40, 100))], axis=1).astype(np.float32)
        found = Detections(boxes, np.full(people, 0.8, np.float32))
        made.append((found, dataclasses.replace(blank, index=number, stream_time_s=number / 10)))
    return made

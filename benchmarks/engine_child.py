"""One measurement of many cameras on one machine, in a process of its own; prints JSON.

``python -m benchmarks.engine_child WHAT ASSETS`` with WHAT one of `MEASUREMENTS`. The whole house
is built; full-HD videos are played as live cameras at 25 frames a second, in a loop; nothing is
recorded and nobody watches, unless said otherwise.
"""

from __future__ import annotations

import itertools
import resource
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from backend.core.camera import SourceType
from backend.core.snapshot import Snapshot
from backend.vision.detector import SLOTS
from benchmarks.child import answer
from benchmarks.pipeline_child import (
    KEPT_PICTURES,
    MODEL,
    STREAM_WIDTH,
    VIDEO,
    analyse,
    detect_alone,
    house,
    pictures_of,
)

if TYPE_CHECKING:
    from backend.services.actor import Actor
    from backend.services.camera_rules import CameraFields
    from backend.services.container import Services

VIDEOS = (VIDEO, "atrium-escalator.mp4")
"""Both 1920×1080; the first is resampled to 30 frames a second and played at its true 25."""
SCENARIOS = ("calm", "peak", "bottleneck", "surge", "counter-flow", "crush")
LIVE_FPS = 25.0
START_LIMIT_S = 60.0
SETTLE_S = 8.0
LISTEN_S = 25.0


@dataclass
class Listening:
    """What the cameras published while somebody listened."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    times: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    ages_ms: list[float] = field(default_factory=list)
    lags_shown: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, snapshot: Snapshot) -> None:
        """Note one snapshot."""
        with self.lock:
            self.times[snapshot.camera_id].append(snapshot.published_mono_s)
            age_s = snapshot.published_mono_s - snapshot.captured_mono_s
            self.ages_ms.append(1000 * age_s)
            self.lags_shown += snapshot.lag_s is not None

    def clear(self) -> None:
        """Forget everything noted so far."""
        with self.lock:
            self.times.clear()
            self.ages_ms.clear()
            self.lags_shown = 0

    @property
    def rates(self) -> list[float]:
        """Analysed frames a second of each camera."""
        return [len(times) / self.seconds for times in self.times.values()]

    def age_ms(self, share: float) -> float:
        """Return the age of a snapshot at its publication that ``share`` of them keep within."""
        return sorted(self.ages_ms)[int(share * (len(self.ages_ms) - 1))]


@contextmanager
def live_cameras(
    services: Services, actor: Actor, sources: list[CameraFields]
) -> Iterator[list[int]]:
    """Add and start cameras; they are deleted at the end."""
    ids = []
    for number, source in enumerate(sources):
        name = f"bench {time.monotonic_ns()} {number}"
        ids.append(services.cameras.create(actor, {**source, "name": name, "record": False}).id)
    for camera_id in ids:
        services.cameras.start(actor, camera_id)
    try:
        yield ids
    finally:
        for camera_id in ids:
            services.cameras.delete(actor, camera_id)


def listen(services: Services, cameras: list[int]) -> Listening:
    """Wait until every camera delivers, let them settle, then listen for `LISTEN_S` seconds."""
    found = Listening()
    unsubscribe = services.bus.subscribe(found.take, name="bench")
    never = threading.Event()
    deadline_s = time.monotonic() + START_LIMIT_S
    while len(found.times) < len(cameras):
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"only {len(found.times)} of {len(cameras)} cameras deliver")
        never.wait(0.1)
    never.wait(SETTLE_S)
    found.clear()
    began_s, used_s = time.monotonic(), time.process_time()
    never.wait(LISTEN_S)
    found.seconds = time.monotonic() - began_s
    found.cpu_s = time.process_time() - used_s
    unsubscribe()
    for camera_id in cameras:
        found.times.setdefault(camera_id, [])
    return found


def files(assets: Path, count: int, *, target_fps: float | None = None) -> list[CameraFields]:
    """Return ``count`` full-HD videos as live cameras, each at `LIVE_FPS`."""
    videos = itertools.islice(itertools.cycle(VIDEOS), count)
    return [
        {
            "source_type": SourceType.FILE,
            "source": str(assets / "videos" / name),
            "true_fps": LIVE_FPS,
            "loop": True,
            "target_fps": target_fps,
        }
        for name in videos
    ]


@contextmanager
def engine(assets: Path, home: Path, **settings: object) -> Iterator[tuple[Services, Actor]]:
    """Build the house with the INT8 network, allowed to read the test videos."""
    model = str(assets / "models" / MODEL)
    folders = str(assets / "videos")
    with house(home, model, CROWDSAFE_FILE_FOLDERS=folders, **settings) as built:
        yield built


def heard(assets: Path, home: Path, sources: list[CameraFields]) -> Listening:
    """Build the house, play ``sources``, listen."""
    with (
        engine(assets, home) as (services, actor),
        live_cameras(services, actor, sources) as ids,
    ):
        return listen(services, ids)


def four(assets: Path, home: Path) -> dict[str, float]:
    """Four cameras as fast as the machine can, beside the detector alone on all cores."""
    with engine(assets, home) as (services, actor):
        pictures = pictures_of(assets / "videos" / VIDEO, KEPT_PICTURES)
        detect_alone(services, pictures, under_way=SLOTS)
        bare = [detect_alone(services, pictures, under_way=SLOTS).fps]
        with live_cameras(services, actor, files(assets, 4)) as ids:
            found = listen(services, ids)
        bare.append(detect_alone(services, pictures, under_way=SLOTS).fps)
    return {
        "share": sum(found.rates) / statistics.fmean(bare),
        "fairness": min(found.rates) / statistics.fmean(found.rates),
        "sum_fps": sum(found.rates),
        "bare_fps": statistics.fmean(bare),
        "age_p95_ms": found.age_ms(0.95),
    }


def memory(assets: Path, home: Path) -> dict[str, float]:
    """The largest resident size with four cameras."""
    found = heard(assets, home, files(assets, 4))
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"rss_mb": peak_kb / 1024, "sum_fps": sum(found.rates)}


def five_hz(assets: Path, home: Path) -> dict[str, float]:
    """The age of snapshots of four cameras at five frames a second each."""
    found = heard(assets, home, files(assets, 4, target_fps=5.0))
    return {
        "age_p95_ms": found.age_ms(0.95),
        "age_median_ms": found.age_ms(0.5),
        "min_fps": min(found.rates),
    }


def eight(assets: Path, home: Path) -> dict[str, float]:
    """Eight cameras as fast as the machine can."""
    found = heard(assets, home, files(assets, 8))
    total = sum(len(times) for times in found.times.values())
    return {
        "min_fps": min(found.rates),
        "sum_fps": sum(found.rates),
        "lags_shown": found.lags_shown / max(total, 1),
        "age_p95_ms": found.age_ms(0.95),
    }


def twelve(assets: Path, home: Path) -> dict[str, float]:
    """Twelve simulated cameras at two frames a second."""
    sources: list[CameraFields] = [
        {
            "source_type": SourceType.SIMULATED,
            "source": f"{SCENARIOS[number % len(SCENARIOS)]}:{number + 1}",
            "target_fps": 2.0,
        }
        for number in range(12)
    ]
    found = heard(assets, home, sources)
    return {
        "min_fps": min(found.rates),
        "age_p95_ms": found.age_ms(0.95),
        "cores": found.cpu_s / found.seconds,
    }


def whole(assets: Path, home: Path) -> dict[str, float]:
    """One recording from decoding to the drawn and encoded picture of every frame."""
    return _drawn(assets, home, STREAM_WIDTH)


def whole_full_hd(assets: Path, home: Path) -> dict[str, float]:
    """The same with pictures as large as the recording's own."""
    return _drawn(assets, home, 1920)


def _drawn(assets: Path, home: Path, width: int) -> dict[str, float]:
    settings = {"CROWDSAFE_STREAM_FPS": 60, "CROWDSAFE_STREAM_WIDTH": width}
    with engine(assets, home, **settings) as (services, actor):
        video = assets / "videos" / VIDEO
        analyse(services, actor, video, frames=60, stream_width=width)
        before = services.frames.counters().encodes
        found = analyse(services, actor, video, stream_width=width)
        drawn = services.frames.counters().encodes - before
    return {"fps": found.fps, "drawn": drawn}


MEASUREMENTS: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "four": four,
    "memory": memory,
    "five_hz": five_hz,
    "eight": eight,
    "twelve": twelve,
    "whole": whole,
    "whole_full_hd": whole_full_hd,
}


if __name__ == "__main__":
    sys.exit(answer(MEASUREMENTS))

"""One measurement of the pipeline in a process of its own; prints one line of JSON.

``python -m benchmarks.pipeline_child WHAT ASSETS`` with WHAT one of ``share``, ``memory`` and
``default``. The whole house is built (database, metrics, alerts, frame hub), one full-HD video
is analysed as an upload, one person watches; nothing is recorded.
"""

from __future__ import annotations

import os
import resource
import secrets
import shutil
import statistics
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from backend.core.camera import DEFAULT_OVERLAYS, JobState, SourceType
from backend.core.snapshot import Snapshot
from backend.vision.detector import SLOTS
from benchmarks.child import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.core.frame import Image
    from backend.services.actor import Actor
    from backend.services.container import Services

VIDEO = "town-centre.mp4"
MODEL = "yolo11n_int8_openvino_model"
STREAM_WIDTH = 960
PASSES = 3
BARE_FRAMES = 200
KEPT_PICTURES = 24
PASS_LIMIT_S = 600.0
DEFAULT_FRAMES = 60
CPU_EVERY_FRAMES = 50


@dataclass
class Pass:
    """One analysis of the video."""

    times: list[float] = field(default_factory=list)
    cpu: list[tuple[int, float]] = field(default_factory=list)
    enough: int | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def take(self, _snapshot: Snapshot) -> None:
        """Note a published snapshot."""
        self.note()
        if self.enough is not None and len(self.times) >= self.enough:
            self.done.set()

    def note(self) -> None:
        """Note a frame; now and then also the processor time, which takes a millisecond to ask."""
        if len(self.times) % CPU_EVERY_FRAMES == 0:
            self.cpu.append((len(self.times), _cpu_s()))
        self.times.append(time.perf_counter())

    @property
    def fps(self) -> float:
        """Analysed frames a second, first snapshot to last."""
        return (len(self.times) - 1) / (self.times[-1] - self.times[0])

    @property
    def cpu_ms(self) -> float:
        """Processor time a frame, milliseconds."""
        (first, begin_s), (last, end_s) = self.cpu[0], self.cpu[-1]
        return 1000 * (end_s - begin_s) / (last - first)


def _cpu_s() -> float:
    used = os.times()
    return used.user + used.system


@contextmanager
def house(home: Path, model: str, **settings_given: object) -> Iterator[tuple[Services, Actor]]:
    """Build the application on a fresh database, run it, end it.

    Args:
        home: Empty folder for its data.
        model: Name or path of the detector.
        settings_given: Further settings, by their names in the environment.
    """
    from backend.db.accounts import Role  # noqa: PLC0415 - only in the child
    from backend.db.base import Base  # noqa: PLC0415
    from backend.factory import create_app  # noqa: PLC0415
    from backend.services.actor import SYSTEM_ACTOR, Actor  # noqa: PLC0415
    from backend.services.users import NewUser  # noqa: PLC0415
    from config import Settings  # noqa: PLC0415

    settings = Settings.model_validate(
        {
            "CROWDSAFE_HOME": home,
            "YOLO_MODEL": model,
            "CROWDSAFE_OFFLINE": True,
            **settings_given,
        }
    )
    services: Services = create_app(settings).extensions["crowdsafe"]
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    Base.metadata.create_all(services.engine)
    user = services.users.create(
        SYSTEM_ACTOR, NewUser(username="bench", password=secrets.token_urlsafe(16), role=Role.ADMIN)
    )
    services.models.prepare()
    services.lifecycle.start()
    try:
        yield services, Actor(user.id, user.username, Role.ADMIN)
    finally:
        services.lifecycle.stop()
        services.models.close()


def analyse(
    services: Services,
    actor: Actor,
    video: Path,
    *,
    frames: int | None = None,
    stream_width: int = STREAM_WIDTH,
) -> Pass:
    """Upload ``video``, watch it ``stream_width`` wide, wait for the end (or ``frames`` frames)."""
    from backend.services.uploads import UploadForm  # noqa: PLC0415 - only in the child

    camera = services.cameras.create(
        actor,
        {
            "name": f"bench {time.monotonic_ns()}",
            "source_type": SourceType.UPLOAD,
            "record": False,
        },
    )
    found = Pass(enough=frames)
    unsubscribe = services.bus.subscribe(found.take, name="bench")
    stop = threading.Event()
    viewer = threading.Thread(
        target=_watch, args=(services, camera.id, stop, stream_width), name="viewer"
    )
    viewer.start()

    def read(stream: BinaryIO) -> UploadForm:
        with video.open("rb") as file:
            shutil.copyfileobj(file, stream)
        return UploadForm(video.name, None)

    services.uploads.receive(actor, camera.id, read, expected_bytes=None)
    _wait_for_end(services, camera.id, found)
    stop.set()
    viewer.join()
    unsubscribe()
    services.cameras.delete(actor, camera.id)
    return found


def _watch(services: Services, camera_id: int, stop: threading.Event, width: int) -> None:
    """Look at the stream as a browser does."""
    from backend.pipeline.picture_encoder import StreamVariant  # noqa: PLC0415

    with services.frames.watch(camera_id, StreamVariant(DEFAULT_OVERLAYS, width)) as seen:
        while not stop.is_set():
            seen.next(0.2)


def _wait_for_end(services: Services, camera_id: int, found: Pass) -> None:
    deadline_s = time.monotonic() + PASS_LIMIT_S
    ended = {JobState.FINISHED, JobState.FAILED, JobState.CANCELLED}
    while time.monotonic() < deadline_s:
        if found.done.wait(0.1):
            return
        status = services.manager.status(camera_id)
        if status is not None and status.job is not None and status.job.state in ended:
            if status.job.state is not JobState.FINISHED:
                raise RuntimeError(f"the analysis ended as {status.job.state}: {status.job.error}")
            return
    raise RuntimeError(f"the analysis did not end within {PASS_LIMIT_S:.0f} s")


def pictures_of(video: Path, count: int) -> list[Image]:
    """Return the first pictures of ``video``, decoded."""
    import av  # noqa: PLC0415 - only in the child

    found: list[Image] = []
    with av.open(str(video)) as container:
        for frame in container.decode(video=0):
            found.append(frame.to_ndarray(format="bgr24"))
            if len(found) == count:
                break
    return found


def detect_alone(services: Services, pictures: list[Image], *, under_way: int) -> Pass:
    """Run the detector on pictures in memory, so many at once, and nothing else."""
    detector = services.models.open_detector()
    found = Pass()
    try:
        detector.detect(pictures[0])
        tickets: deque[Any] = deque()
        for number in range(BARE_FRAMES + under_way):
            tickets.append(detector.submit(pictures[number % len(pictures)]))
            if len(tickets) >= under_way:
                tickets.popleft().result()
                found.note()
    finally:
        detector.close()
    return found


def share(assets: Path, home: Path) -> dict[str, float]:
    """Return the pipeline's share of what the detector alone would do, pass beside pass."""
    video = assets / "videos" / VIDEO
    with house(home, str(assets / "models" / MODEL)) as (services, actor):
        pictures = pictures_of(video, KEPT_PICTURES)
        analyse(services, actor, video)  # libraries are loaded, caches are warm
        bare = [detect_alone(services, pictures, under_way=SLOTS)]
        whole: list[Pass] = []
        for _ in range(PASSES):
            whole.append(analyse(services, actor, video))
            bare.append(detect_alone(services, pictures, under_way=SLOTS))
        single = detect_alone(services, pictures, under_way=1)
    shares = [
        found.fps / statistics.fmean((bare[n].fps, bare[n + 1].fps))
        for n, found in enumerate(whole)
    ]
    return {
        "share": statistics.median(shares),
        "whole_fps": statistics.median(found.fps for found in whole),
        "bare_fps": statistics.median(found.fps for found in bare),
        "single_fps": single.fps,
        "whole_cpu_ms": statistics.median(found.cpu_ms for found in whole),
        "bare_cpu_ms": statistics.median(found.cpu_ms for found in bare),
    }


def memory(assets: Path, home: Path) -> dict[str, float]:
    """Return the largest resident size of the process after two analyses."""
    with house(home, str(assets / "models" / MODEL)) as (services, actor):
        for _ in range(2):
            found = analyse(services, actor, assets / "videos" / VIDEO)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"rss_mb": peak_kb / 1024, "whole_fps": found.fps}


def default(assets: Path, home: Path) -> dict[str, float]:
    """Return the speed with the default model's architecture at its default size."""
    weights = home / "models" / "yolo11s.pt"
    weights.parent.mkdir(parents=True, exist_ok=True)
    _build_weights(weights)
    with house(home, str(weights)) as (services, actor):
        info = services.models.status().info
        if info is None or info.reduced_accuracy:
            raise RuntimeError(f"the default model was not loaded: {services.models.status()}")
        video = assets / "videos" / VIDEO
        analyse(services, actor, video, frames=10)
        found = analyse(services, actor, video, frames=DEFAULT_FRAMES)
        bare = detect_alone(services, pictures_of(video, KEPT_PICTURES)[:8], under_way=SLOTS)
    return {"fps": found.fps, "bare_fps": bare.fps}


def _build_weights(path: Path) -> None:
    """Make an untrained YOLO11s: as fast as the trained one, which cannot be had offline."""
    from ultralytics import YOLO  # noqa: PLC0415 - only in the child

    YOLO("yolo11s.yaml").save(str(path))


MEASUREMENTS: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "share": share,
    "memory": memory,
    "default": default,
}


if __name__ == "__main__":
    sys.exit(answer(MEASUREMENTS))

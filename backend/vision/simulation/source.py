"""The simulated camera as a video source: live, in real time, and never for real."""

from __future__ import annotations

import math
import threading
import time
from datetime import timedelta

import numpy as np

from backend.core.camera import SourceInfo, SourceSpec
from backend.core.clock import Clock
from backend.core.errors import InvalidInputError, SourceLostError, SourceRefusedError
from backend.core.frame import Frame, Tracks
from backend.vision.simulation.catalogue import ScenarioInfo, parse_source
from backend.vision.simulation.crowd import STEP_S, Standing
from backend.vision.simulation.painter import Painter
from backend.vision.simulation.world import World
from backend.vision.sources.base import SourceLimits, SourceStart

FRAME_RATE_HZ = 1.0 / STEP_S
CAPTION = "SIMULATED"
MAX_CATCH_UP_S = 3.0
"""A reader that was away for longer finds the simulation where it left it, this much later at
most: catching up on hours would take minutes."""

_IDS_PER_SEGMENT = 10_000_000
_WAIT_S = 0.05
"""Longest wait without a look at the clock, which a test may move by hand."""


def open_simulation(
    spec: SourceSpec, *, limits: SourceLimits, clock: Clock, start: SourceStart
) -> SimulatedSource:
    """Return the source for a simulated camera, not yet opened.

    Args:
        spec: ``<scenario>`` or ``<scenario>:<seed>``.
        limits: Of sources; a simulation opens nothing that they could limit.
        clock: Paces and stamps the frames.
        start: Where numbering goes on after a restart.

    Raises:
        SourceRefusedError: There is no such scenario.
    """
    try:
        scenario, seed = parse_source(spec.source)
    except InvalidInputError as error:
        raise SourceRefusedError(str(error)) from error
    return SimulatedSource(scenario, seed=seed, clock=clock, start=start)


class SimulatedSource:
    """A `FrameSource` that draws a simulated crowd, and says who really is in the picture.

    It has no thread: time passes for the people when a frame is asked for, as much as the clock
    says has passed, and only frames that are fetched are drawn. Frame n of a scenario and seed
    is the same whichever frames are fetched before it.

    Args:
        scenario: What happens.
        seed: Of all chance.
        clock, start: See `open_simulation`.
    """

    def __init__(
        self, scenario: ScenarioInfo, *, seed: int, clock: Clock, start: SourceStart
    ) -> None:
        self._scenario = scenario
        self._seed = seed
        self._clock = clock
        self._start = start
        self._closed = threading.Event()
        self._world: World | None = None
        self._painter: Painter | None = None
        self._step = 0
        self._due_step = 0
        self._origin_mono_s = 0.0
        self._wanted_rate_hz: float | None = None
        self._dropped = 0
        self._draw_ms = 0.0

    @property
    def info(self) -> SourceInfo:
        """See `FrameSource.info`."""
        if self._world is None:
            raise SourceLostError("The source has not been opened.")
        width, height = self._world.place.camera.picture_wh
        return SourceInfo(
            width=width,
            height=height,
            nominal_fps=FRAME_RATE_HZ,
            duration_s=None,
            frames_total=None,
            codec="drawn",
            container="simulation",
        )

    @property
    def dropped_frames(self) -> int:
        """See `FrameSource.dropped_frames`."""
        return self._dropped

    @property
    def decode_ms(self) -> float:
        """Milliseconds spent moving the people and drawing them for the frame delivered last."""
        return self._draw_ms

    def open(self) -> None:
        """See `FrameSource.open`."""
        if self._world is not None or self._closed.is_set():
            raise SourceLostError("A source can be opened only once.")
        world = World(self._scenario.name, seed=self._seed)
        self._painter = Painter(world.place, seed=self._seed, caption=CAPTION)
        self._world = world
        self._origin_mono_s = self._clock.monotonic()

    def read(self, timeout_s: float) -> Frame | None:
        """See `FrameSource.read`."""
        world, painter = self._world, self._painter
        if world is None or painter is None:
            raise SourceLostError("The source has not been opened.")
        if not self._wait_until_due(timeout_s):
            return None
        began_s = time.perf_counter()
        newest = self._newest_step()
        while self._step < newest:
            if self._closed.is_set():
                return None
            try:
                world.step()
            except RuntimeError as error:  # of the model's library; a new start helps
                raise SourceLostError("The simulation broke off and has to begin again.") from error
            self._step += 1
        frame = self._frame(world, painter)
        stride = self._stride()
        self._dropped += max((newest - self._due_step) // stride, 0)
        self._due_step = newest + stride
        self._draw_ms = (time.perf_counter() - began_s) * 1e3
        return frame

    def set_wanted_rate(self, rate_hz: float | None) -> None:
        """See `FrameSource.set_wanted_rate`."""
        self._wanted_rate_hz = rate_hz

    def close(self) -> None:
        """See `FrameSource.close`."""
        self._closed.set()

    def _stride(self) -> int:
        """Every so-manieth frame is delivered."""
        wanted = self._wanted_rate_hz
        if wanted is None or wanted <= 0:
            return 1
        return max(math.floor(FRAME_RATE_HZ / wanted + 1e-9), 1)

    def _wait_until_due(self, timeout_s: float) -> bool:
        """Whether the next frame became due within ``timeout_s`` seconds."""
        due_s = self._origin_mono_s + self._due_step * STEP_S
        left_s = timeout_s
        while not self._closed.is_set():
            early_s = due_s - self._clock.monotonic()
            if early_s <= 1e-9:
                return True
            if left_s <= 0:
                return False
            slice_s = min(early_s, left_s, _WAIT_S)
            self._closed.wait(slice_s)
            left_s -= slice_s
        return False

    def _newest_step(self) -> int:
        """The step the clock has reached; a reader that was away for long is waited for."""
        passed_s = self._clock.monotonic() - self._origin_mono_s
        late_s = passed_s - self._due_step * STEP_S
        if late_s > MAX_CATCH_UP_S:
            self._origin_mono_s += late_s - MAX_CATCH_UP_S
            passed_s -= late_s - MAX_CATCH_UP_S
        return max(math.floor(passed_s / STEP_S + 1e-9), self._due_step)

    def _frame(self, world: World, painter: Painter) -> Frame:
        now_s = self._clock.monotonic()
        captured_mono_s = min(self._origin_mono_s + self._step * STEP_S, now_s)
        people = world.in_picture()
        image = painter.paint(people, gates_shut=world.gates_shut)
        return Frame(
            index=self._start.first_index + self._step,
            image=image,
            stream_time_s=self._step * STEP_S,
            segment=self._start.segment,
            captured_at=self._clock.now() - timedelta(seconds=now_s - captured_mono_s),
            captured_mono_s=captured_mono_s,
            truth=self._truth(world, people),
        )

    def _truth(self, world: World, people: Standing) -> Tracks:
        return Tracks(
            track_ids=people.ids + self._start.segment * _IDS_PER_SEGMENT,
            boxes_xyxy=world.place.camera.body_boxes(people.positions_m).astype(np.float32),
            confidence=np.ones(len(people.ids), np.float32),
        )

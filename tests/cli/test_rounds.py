from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from backend.cli.rounds import DetectionRounds, PlannedCamera
from backend.core.camera import SourceType
from backend.core.clock import SystemClock
from backend.core.errors import SourceRefusedError
from backend.core.frame import Frame
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.metric_row import MetricRow
from backend.pipeline.shared_parts import ProcessorLimits
from tests import builders
from tests.pipeline.fakes import PARAMS, Bench, ScriptedSource, SourceShelf, StuckSource, config

CLOCK = SystemClock()


def stream(count: int) -> list[Frame]:
    """Return frames that lie a second of stream time apart."""
    return [
        builders.frame(index=n, stream_time_s=float(n), captured_mono_s=CLOCK.monotonic())
        for n in range(count)
    ]


class Rows:
    def __init__(self) -> None:
        self.rows: list[MetricRow] = []

    def write(self, rows: Sequence[MetricRow]) -> None:
        self.rows.extend(rows)


def rounds_of(
    rows: Rows, cameras: int, *sources: ScriptedSource, **changes: Any
) -> DetectionRounds:
    bench = Bench(CLOCK, SourceShelf(list(sources)))
    planned = [
        PlannedCamera(config(camera_id=n + 1, source_type=SourceType.FILE), run_id=7)
        for n in range(cameras)
    ]
    return DetectionRounds(
        planned,
        interval_s=0.02,
        parts=bench.parts(),
        params=PARAMS,
        write_rows=rows.write,
        clock=CLOCK,
        limits=ProcessorLimits(**changes),
    )


def test_so_many_rounds_of_each_camera_are_stored_as_rows() -> None:
    rows, told = Rows(), list[Snapshot]()
    work = rounds_of(rows, 2, StuckSource(stream(9)), StuckSource(stream(9)))
    outcome = work.run(3, stop=threading.Event(), tell=told.append, warn=lambda _status: None)
    assert outcome.rounds == {1: 3, 2: 3}
    assert outcome.missing == {}
    assert len(told) == 6
    assert {(row.camera_id, row.run_id) for row in rows.rows} == {(1, 7), (2, 7)}
    assert len(rows.rows) >= 6
    assert (outcome.writer.lost, outcome.writer.written) == (0, len(rows.rows))


def test_a_refused_camera_is_reported_and_holds_up_nobody() -> None:
    rows, warned = Rows(), list[CameraStatus]()
    refused = ScriptedSource([], opening=SourceRefusedError("It is no video."))
    work = rounds_of(rows, 1, refused)
    outcome = work.run(2, stop=threading.Event(), tell=lambda _s: None, warn=warned.append)
    assert outcome.missing == {1: "It is no video."}
    assert rows.rows == []


def test_a_silent_camera_is_given_up_when_its_time_is_over() -> None:
    clockwise = {"open_timeout_s": 0.1, "read_timeout_s": 0.1}
    work = rounds_of(Rows(), 1, StuckSource([]), **clockwise)
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    outcome = work.run(1, stop=stop, tell=lambda _s: None, warn=lambda _status: None)
    assert list(outcome.missing) == [1]


def test_without_a_number_of_rounds_it_goes_on_until_stopped() -> None:
    rows, stop, told = Rows(), threading.Event(), list[Snapshot]()

    def tell(snapshot: Snapshot) -> None:
        told.append(snapshot)
        if len(told) == 5:
            stop.set()

    work = rounds_of(rows, 1, StuckSource(stream(50)))
    outcome = work.run(None, stop=stop, tell=tell, warn=lambda _status: None)
    assert outcome.rounds[1] == 5
    assert outcome.missing == {}
    assert len(rows.rows) >= 5

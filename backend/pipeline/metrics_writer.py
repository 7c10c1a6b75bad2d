"""Stores measurements: one thread, one transaction a second, nothing lost silently."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from backend.core.clock import Clock
from backend.core.snapshot import Snapshot
from backend.pipeline.listeners import GuardedListener
from backend.pipeline.metric_row import MetricRow, SecondGatherer

logger = logging.getLogger(__name__)

WriteRows: TypeAlias = Callable[[Sequence[MetricRow]], object]
"""Writes all rows in one transaction or raises."""


@dataclass(frozen=True, slots=True)
class WriterParams:
    """Limits of the writer.

    Attributes:
        interval_s: Time between two transactions.
        batch_rows: Rows in one transaction at most.
        buffer_rows: Rows kept while the database is away; beyond that the oldest go, counted.
        recording_rows: Rows that may wait before the analysis of recordings has to wait too.
        idle_s: A second that no further snapshot ended is written after so long.
        retry_cap_s: Longest wait between two attempts.
        suspect_after: Failed attempts after which rows are tried one by one, so that a single
            row the database refuses does not hold up all others.
    """

    interval_s: float = 1.0
    batch_rows: int = 2000
    buffer_rows: int = 20_000
    recording_rows: int = 1000
    idle_s: float = 2.0
    retry_cap_s: float = 30.0
    suspect_after: int = 3


@dataclass(frozen=True, slots=True)
class WriterStats:
    """How the writer fares; shown by health.

    Attributes:
        written: Rows stored.
        waiting: Rows in the buffer.
        lost: Rows that fell out of the full buffer or were left at the end.
        refused: Rows the database did not take although it took others.
        failures: Failed transactions.
        consecutive_failures: Failed transactions since the last good one; 0 is healthy.
        last_error: What the last failure said.
    """

    written: int
    waiting: int
    lost: int
    refused: int
    failures: int
    consecutive_failures: int
    last_error: str


class MetricsWriter:
    """Gathers at most one row a stream second and camera and writes them in batches.

    `sink` is subscribed to the `SnapshotBus`: it only appends to a bounded buffer. Recordings
    are analysed faster than real time and are slowed down by `wait_for_room` instead of losing
    rows; live cameras never wait.

    Args:
        write_rows: Stores rows in one transaction; may be slow, may raise.
        clock: Monotonic time.
        params: Limits.
    """

    def __init__(
        self, write_rows: WriteRows, clock: Clock, params: WriterParams | None = None
    ) -> None:
        self._params = params or WriterParams()
        self._write_rows = GuardedListener("metrics-writer", write_rows)
        self._clock = clock
        self._changed = threading.Condition()
        self._gatherers: dict[int, SecondGatherer] = {}
        self._buffer: deque[MetricRow] = deque()
        self._written = self._lost = self._refused = 0
        self._failures = self._in_a_row = 0
        self._not_before_mono_s = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def sink(self, snapshot: Snapshot) -> None:
        """Take a snapshot; never waits."""
        with self._changed:
            gatherer = self._gatherers.setdefault(snapshot.camera_id, SecondGatherer())
            self._append(gatherer.add(snapshot))

    def wait_for_room(self, timeout_s: float) -> bool:
        """Wait until recordings may add rows; False if there was no room in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self._buffer) < self._params.recording_rows, timeout_s
            )

    def start(self) -> None:
        """Start the thread; no effect while it runs."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="metrics-writer", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Write what is left and end the thread; return whether everything was stored."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout_s)
        with self._changed:
            left = len(self._buffer)
            self._lost += left
            self._buffer.clear()
        if left:
            logger.error("metrics_lost rows=%s reason=left at the end", left)
        return not left

    def stats(self) -> WriterStats:
        """Return the counters."""
        with self._changed:
            return WriterStats(
                written=self._written,
                waiting=len(self._buffer),
                lost=self._lost,
                refused=self._refused,
                failures=self._failures,
                consecutive_failures=self._in_a_row,
                last_error=self._write_rows.stats().last_error if self._in_a_row else "",
            )

    def write_due(self, *, final: bool = False) -> int:
        """Do one round of the thread: write one batch if there is one; return rows stored.

        Args:
            final: Nothing more will come: seconds under way are written, back-off is ignored.
        """
        now_s = self._clock.monotonic()
        with self._changed:
            for gatherer in self._gatherers.values():
                if final or now_s - gatherer.touched_mono_s >= self._params.idle_s:
                    self._append(gatherer.flush())
            if not self._buffer or (now_s < self._not_before_mono_s and not final):
                return 0
            size = min(len(self._buffer), self._params.batch_rows)
            batch = [self._buffer.popleft() for _ in range(size)]
        if self._write_rows(batch):
            return self._note_stored(len(batch))
        return self._note_failure(batch)

    def _run(self) -> None:
        while not self._stop.wait(self._params.interval_s):
            self.write_due()
        while self.write_due(final=True):
            pass

    def _append(self, row: MetricRow | None) -> None:
        """Add a row to the buffer; the lock is held."""
        if row is None:
            return
        self._buffer.append(row)
        while len(self._buffer) > self._params.buffer_rows:
            self._buffer.popleft()
            self._lost += 1
            if self._lost % 1000 == 1:
                logger.error("metrics_lost rows=%s reason=buffer full", self._lost)

    def _note_stored(self, rows: int) -> int:
        with self._changed:
            self._written += rows
            self._in_a_row = 0
            self._not_before_mono_s = 0.0
            self._changed.notify_all()
        return rows

    def _note_failure(self, batch: list[MetricRow]) -> int:
        """Keep the rows of a failed transaction for the next attempt."""
        with self._changed:
            self._failures += 1
            self._in_a_row += 1
            delay_s = min(2.0 ** (self._in_a_row - 1), self._params.retry_cap_s)
            self._not_before_mono_s = self._clock.monotonic() + delay_s
            is_suspect = self._in_a_row >= self._params.suspect_after
        stored = 0
        if is_suspect:
            batch, stored = self._write_singly(batch)
        with self._changed:
            self._buffer.extendleft(reversed(batch))
            while len(self._buffer) > self._params.buffer_rows:
                self._buffer.popleft()
                self._lost += 1
        return self._note_stored(stored) if stored else 0

    def _write_singly(self, batch: list[MetricRow]) -> tuple[list[MetricRow], int]:
        """Find out whether it is the database or a row; return the rows left and the stored.

        A row is refused only when another one was stored: otherwise the database is away and
        every row is kept.
        """
        bad: list[MetricRow] = []
        stored = 0
        for index, row in enumerate(batch):
            if self._write_rows([row]):
                stored += 1
                continue
            bad.append(row)
            if not stored and len(bad) >= self._params.suspect_after:
                return [*bad, *batch[index + 1 :]], 0
        if not stored:
            return bad, 0
        with self._changed:
            self._refused += len(bad)
        if bad:
            logger.error("metrics_refused rows=%s first=%s", len(bad), bad[0])
        return [], stored

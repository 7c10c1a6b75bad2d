"""What every camera of a process is given, and the time limits it works under."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.core.backoff import BackoffParams
from backend.core.clock import Clock, SystemClock
from backend.pipeline.frame_pipeline import PipelineLimits
from backend.pipeline.job_queue import JobQueue
from backend.pipeline.ports import PipelineParts, SnapshotOutlet, WaitForRoom
from backend.vision.detector import SLOTS
from backend.vision.inference.scheduler import InferenceScheduler


@dataclass(frozen=True, slots=True)
class ProcessorLimits:
    """Time limits of one camera's thread.

    Attributes:
        open_timeout_s, read_timeout_s: What the sources were given; the watchdog's patience
            and the guard against a source that stays silent rest on them.
        reconnect: Waits of a lost camera before it is tried again.
        progress_interval_s: Shortest time between two progress reports of a recording.
        live, recorded: Pacing of the chain.
    """

    open_timeout_s: float = 10.0
    read_timeout_s: float = 5.0
    reconnect: BackoffParams = field(default_factory=BackoffParams)
    progress_interval_s: float = 0.5
    live: PipelineLimits = field(default_factory=PipelineLimits)
    recorded: PipelineLimits = field(
        default_factory=lambda: PipelineLimits(depth=SLOTS, depth_behind=SLOTS)
    )

    @property
    def heartbeat_s(self) -> float:
        """Silence after which a thread counts as stuck."""
        return max(10.0, 3 * self.read_timeout_s)

    @property
    def silence_s(self) -> float:
        """Silence after which a source that reports nothing is given up."""
        return 2 * self.read_timeout_s


@dataclass(frozen=True, slots=True)
class SharedParts:
    """What all cameras of a process share.

    Attributes:
        parts: Factories of the stages.
        outlet: Where snapshots go (the bus).
        clock: Both clocks.
        scheduler: Grants turns at the networks, by the risk of the place, recordings last.
        jobs: Places for recordings.
        wait_for_room: Back-pressure of the metrics writer on recordings.
    """

    parts: PipelineParts
    outlet: SnapshotOutlet
    clock: Clock
    scheduler: InferenceScheduler = field(default_factory=lambda: InferenceScheduler(SystemClock()))
    jobs: JobQueue = field(default_factory=JobQueue)
    wait_for_room: WaitForRoom = lambda _timeout_s: True
    limits: ProcessorLimits = field(default_factory=ProcessorLimits)

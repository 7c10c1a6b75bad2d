"""One run of one camera: its processor, its thread and the event that ends it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend.core.camera import CameraConfig, CameraState
from backend.core.snapshot import CameraStatus
from backend.pipeline.ports import PipelineParams
from backend.pipeline.shared_parts import SharedParts
from backend.pipeline.video_processor import VideoProcessor

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What was asked to run.

    Attributes:
        config: The camera.
        recorded_at: Start of the recording (uploads), None if unknown or live.
    """

    config: CameraConfig
    recorded_at: datetime | None = None


class CameraRun:
    """Owns the thread of one processor.

    Args:
        request: What to run.
        run_id: Greater than that of every earlier run of the camera.
        restarts: Times the watchdog restarted this camera before.
        shared: What all cameras share.
        params: Parameters to begin with.
        announce: Given the status at each change; must only enqueue.
    """

    def __init__(
        self,
        request: RunRequest,
        *,
        run_id: int,
        restarts: int,
        shared: SharedParts,
        params: PipelineParams,
        announce: Callable[[CameraStatus], None],
    ) -> None:
        self.request = request
        self.run_id = run_id
        self._announce = announce
        self._stop = threading.Event()
        self._publishing = threading.Lock()
        self.processor = VideoProcessor(
            request.config,
            run_id=run_id,
            shared=shared,
            params=params,
            recorded_at=request.recorded_at,
            restarts=restarts,
            on_change=self.publish,
        )
        # a thread that is stuck in native code must not keep the process from ending; the
        # others are joined in stop_all, so none is left writing at exit
        self._thread = threading.Thread(
            target=self.processor.run,
            args=(self._stop,),
            name=f"video-{request.config.camera_id}",
            daemon=True,
        )

    @property
    def camera_id(self) -> int:
        """The camera."""
        return self.request.config.camera_id

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def is_over(self) -> bool:
        """Whether the run has come to its end (its thread may still be letting go)."""
        return self.processor.state in {CameraState.STOPPED, CameraState.FAILED}

    def start(self) -> None:
        """Announce the run and start its thread."""
        self.processor.begin()
        self._thread.start()

    def signal_stop(self) -> None:
        """Tell the thread to end; returns at once."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; return whether it ended."""
        if self._thread.ident is None:  # it could not be started
            return True
        self._thread.join(max(timeout_s, 0.0))
        return not self._thread.is_alive()

    def abandon(self, reason: str, *, failed: bool) -> None:
        """Give a stuck thread up: whatever it does when it wakes, nobody will see it."""
        logger.error("camera_abandoned camera=%s reason=%s", self.camera_id, reason)
        self._stop.set()
        self.processor.retire(reason, failed=failed)

    def publish(self) -> None:
        """Announce the present status; later announcements never carry older facts."""
        with self._publishing:
            self._announce(self.processor.status())

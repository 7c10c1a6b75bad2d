"""The system as a whole: health with reasons, and the figures behind it."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any

import psutil

from backend import __version__
from backend.core.camera import CameraState
from backend.core.clock import Clock
from backend.core.snapshot import CameraLoad
from backend.db.accounts import Role
from backend.pipeline.frame_hub import HubCounters
from backend.pipeline.metrics_writer import WriterStats
from backend.services.actor import Actor
from backend.services.health import Check, Health, HealthState, examine
from backend.services.live_state import LiveState

_PACKAGES = ("flask", "gunicorn", "sqlalchemy", "openvino", "onnxruntime", "torch", "av", "numpy")

LICENCE = "AGPL-3.0-or-later"


class SystemService:
    """Looks at the process and its parts.

    Args:
        clock: Uptime.
        checks: All health checks.
        live: Cameras and their numbers.
        streams, writer: Counters.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        checks: Sequence[Check],
        live: LiveState,
        streams: Callable[[], HubCounters],
        writer: Callable[[], WriterStats],
    ) -> None:
        self._clock = clock
        self._checks = tuple(checks)
        self._live = live
        self._streams = streams
        self._writer = writer
        self._began_at = clock.now()
        self._began_mono_s = clock.monotonic()
        self._versions: dict[str, str] | None = None
        self._process = psutil.Process()  # one: its CPU share is that since it was last asked

    def health(self) -> Health:
        """Ask every part how it is."""
        return examine(self._checks)

    def summary(self) -> dict[str, Any]:
        """Return the health as the browsers are told it every few seconds: ills only."""
        health = self.health()
        return {
            "status": health.status.value,
            "checks": [
                {"name": check.name, "status": check.status.value, "reason": check.reason}
                for check in health.checks
                if check.status is not HealthState.OK
            ],
        }

    def stats(self, actor: Actor) -> dict[str, Any]:
        """Return figures for people who look after the system; suffixes tell the units."""
        actor.require(Role.OPERATOR)
        process = self._process
        streams, writer = self._streams(), self._writer()
        return {
            "licence": LICENCE,
            "versions": self._package_versions(),
            "started_at": self._began_at.isoformat(),
            "uptime_s": self._clock.monotonic() - self._began_mono_s,
            "threads": threading.active_count(),
            "memory_rss_bytes": process.memory_info().rss,
            "cpu_percent": process.cpu_percent(),
            "machine_cpus": psutil.cpu_count() or 1,
            "machine_memory_bytes": psutil.virtual_memory().total,
            "streams": {"viewers": streams.viewers, "encodes": streams.encodes},
            "metrics": {"written": writer.written, "waiting": writer.waiting, "lost": writer.lost},
            "cameras": self._camera_figures(),
        }

    def _camera_figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = {}
        for facts in self._live.cameras():
            status = self._live.status(facts.camera_id)
            is_running = status.state == CameraState.RUNNING.value
            # speeds of a camera that stands still are nobody's speeds
            snapshot = self._live.latest(facts.camera_id) if is_running else None
            timings = snapshot.timings if snapshot is not None else None
            load = status.analysis_load or CameraLoad()
            figures[str(facts.camera_id)] = {
                "name": facts.name,
                "state": status.state,
                "fps": status.fps if is_running else None,
                "wanted_fps": load.wanted_hz,
                "shed_percent": 100.0 * load.shed_share if status.analysis_load else None,
                "shed_reason": load.reason,
                "dropped_frames": status.dropped_frames,
                "reconnects": status.reconnects,
                "restarts": status.restarts,
                "lag_s": snapshot.lag_s if snapshot is not None else None,
                "decode_ms": timings.decode_ms if timings else None,
                "detect_ms": timings.detect_ms if timings else None,
                "total_ms": timings.total_ms if timings else None,
                "count_ms": timings.count_ms or None if timings else None,
            }
        return figures

    def _package_versions(self) -> dict[str, str]:
        if self._versions is None:
            found = {"crowdsafe": __version__, "python": platform.python_version()}
            for name in _PACKAGES:
                try:
                    found[name] = metadata.version(name)
                except metadata.PackageNotFoundError:
                    continue
            self._versions = found
        return self._versions

"""What services tell the browsers; realtime listens and turns it into socket events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from backend.services.alert_views import AlertView
from backend.services.camera_views import JobView


@dataclass(frozen=True, slots=True)
class AlertNotice:
    """An incident was opened, changed or resolved; committed before this is made.

    Attributes:
        is_private: It concerns an upload: only its owner and operators may see it.
        owner_id: Whose upload it is.
    """

    alert: AlertView
    is_private: bool = False
    owner_id: int | None = None


AlertListener: TypeAlias = Callable[[AlertNotice], None]
JobListener: TypeAlias = Callable[[int, JobView], None]


class Events:
    """Hands what services tell to whoever listens; listeners must only enqueue."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alert_listeners: tuple[AlertListener, ...] = ()
        self._job_listeners: tuple[JobListener, ...] = ()

    def on_alert(self, listener: AlertListener) -> None:
        """Have ``listener`` called with every incident that changed."""
        with self._lock:
            self._alert_listeners += (listener,)

    def on_job(self, listener: JobListener) -> None:
        """Have ``listener`` called with every job whose progress was committed."""
        with self._lock:
            self._job_listeners += (listener,)

    def alert(self, notice: AlertNotice) -> None:
        """Tell about an incident."""
        for listener in self._alert_listeners:
            listener(notice)

    def job(self, camera_id: int, job: JobView) -> None:
        """Tell about a job."""
        for listener in self._job_listeners:
            listener(camera_id, job)

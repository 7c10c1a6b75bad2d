"""Stored and current metrics of cameras, and the writer's way into the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.core.errors import InvalidInputError, NotFoundError
from backend.db import camera_store, metric_store
from backend.db.base import SessionFactory
from backend.db.paging import Page
from backend.pipeline.metric_row import MetricRow
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.camera_rules import is_simulated
from backend.services.live_state import LiveState
from backend.services.metric_views import MetricView, metric_from_row
from backend.services.quantity_views import quantities_of_row


@dataclass(frozen=True, slots=True)
class TimeRange:
    """``start`` <= time < ``end``, aware; None leaves a side open."""

    start: datetime | None = None
    end: datetime | None = None

    def check(self) -> TimeRange:
        """Return self; raises InvalidInputError when it ends before it starts."""
        if self.start and self.end and self.end <= self.start:
            raise InvalidInputError("The end must lie after the start.", field="to")
        return self


class MetricService:
    """Use cases on metrics.

    Args:
        session_factory: Opens database sessions.
        live: Current numbers with their age.
    """

    def __init__(self, *, session_factory: SessionFactory, live: LiveState) -> None:
        self._open = session_factory
        self._live = live

    def current(self, actor: Actor, camera_id: int) -> MetricView:
        """Return the newest numbers as far as they may be believed now.

        A camera that has not delivered since the process started shows its last stored second,
        marked unknown.

        Raises:
            NotFoundError: No such camera, or nothing was ever measured.
        """
        with self._open() as session:
            camera = rules.require_found(
                camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
            )
            current = self._live.current(camera_id)
            if current is not None:
                return current
            row = metric_store.latest_metric(session, camera_id)
        if row is None:
            raise NotFoundError("Nothing has been measured by this camera yet.")
        outdated = metric_from_row(row, is_simulated=is_simulated(camera))
        outdated = replace(outdated, quantities=quantities_of_row(row))
        return self._live.as_outdated(outdated)

    def stored(
        self, actor: Actor, camera_id: int, wanted: TimeRange, *, page: int, per_page: int
    ) -> Page[MetricView]:
        """Return stored seconds, oldest first; raises NotFoundError, InvalidInputError."""
        wanted.check()
        with self._open() as session:
            camera = rules.require_found(
                camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
            )
            found = metric_store.list_metrics(
                session,
                camera_id,
                start=wanted.start,
                end=wanted.end,
                page=page,
                per_page=per_page,
            )
        of_simulation = is_simulated(camera)
        return found.map(lambda row: metric_from_row(row, is_simulated=of_simulation))

    def write_rows(self, rows: Sequence[MetricRow]) -> None:
        """Store the writer's rows in one transaction; raises what the database raises."""
        with self._open() as session, session.begin():
            metric_store.insert_metrics(session, [row.columns() for row in rows])

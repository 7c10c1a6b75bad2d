"""What is to be committed of incidents: in order, tried again, told only afterwards."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from backend.core.errors import ConflictError, NotFoundError
from backend.db.alerts import AlertOrigin
from backend.risk.alert_rules import ChangeKind
from backend.services.actor import SYSTEM_ACTOR
from backend.services.alert_log import AlertLog, IncidentRecord
from backend.services.alert_place import AlertPlace
from backend.services.alert_views import AlertView
from backend.services.camera_alerts import ClosedPlace, PlaceChange
from backend.services.events import AlertNotice, Events
from backend.services.live_state import LiveState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Write:
    """Something that is to be committed.

    Attributes:
        record: A change of an incident; None: the place is no more and its incidents end.
        reason: Why they end.
    """

    place: AlertPlace
    record: IncidentRecord | None
    reason: str = ""


class AlertWriter:
    """Commits changes of incidents, then tells of them; used under the manager's lock only.

    Args:
        log: Writes rows.
        live: Whose upload a camera is.
        events: Tells the browsers.
        wake_outbox: Called after a commit that may have queued notifications.
    """

    def __init__(
        self,
        *,
        log: AlertLog,
        live: LiveState,
        events: Events,
        wake_outbox: Callable[[], None],
    ) -> None:
        self._log = log
        self._live = live
        self._events = events
        self._wake_outbox = wake_outbox
        self._waiting: deque[_Write] = deque()
        self._errors = 0

    @property
    def waiting(self) -> int:
        """What could not be committed yet; may be asked by any thread."""
        return len(self._waiting)

    @property
    def errors(self) -> int:
        """Failed attempts to commit; may be asked by any thread."""
        return self._errors

    def put(self, place: AlertPlace, record: IncidentRecord) -> None:
        """Have a change of one of the place's incidents committed by the next `flush`."""
        self._waiting.append(_Write(place, record))

    def record(
        self, changes: tuple[PlaceChange, ...], describe: Callable[[PlaceChange], IncidentRecord]
    ) -> None:
        """Commit changes; what the database does not take now is tried again, in order."""
        for changed in changes:
            if changed.change.kind is ChangeKind.UPDATE and self._waiting:
                continue  # numbers only; newer ones come once the database is back
            self.put(changed.place, describe(changed))
        if changes:
            self.flush()

    def end(self, closed: Iterable[ClosedPlace]) -> None:
        """End the incidents of places that are no more; the database may take its time."""
        writes = [_Write(gone.place, None, gone.reason) for gone in closed]
        self._waiting.extend(writes)
        if writes:
            self.flush()

    def forget(self, camera_id: int) -> None:
        """Leave out what waits of a deleted camera."""
        self._waiting = deque(
            write for write in self._waiting if write.place.name.camera_id != camera_id
        )

    def flush(self) -> None:
        """Commit what waits; nobody is told of anything that is not committed."""
        while self._waiting:
            write = self._waiting[0]
            try:
                self._commit(write)
            except SQLAlchemyError:
                self._errors += 1
                logger.exception("alerts.write_failed place=%s", write.place.name)
                return
            self._waiting.popleft()

    def announce(self, alert: AlertView) -> None:
        """Tell the browsers and wake the outbox; only after a commit."""
        facts = self._live.facts(alert.camera_id) if alert.camera_id is not None else None
        is_private = alert.origin == AlertOrigin.RECORDED.value
        self._events.alert(AlertNotice(alert, is_private, facts.owner_id if facts else None))
        self._wake_outbox()

    def _commit(self, write: _Write) -> None:
        place, record = write.place, write.record
        if record is None:
            self._commit_end(place, write.reason)
            return
        family = record.change.incident.family
        alert = self._log.write(record, place.alert_ids.get(family))
        if alert is None:
            return
        if record.change.kind is ChangeKind.CLEAR:
            place.alert_ids.pop(family, None)
        else:
            place.alert_ids[family] = alert.id
        self.announce(alert)

    def _commit_end(self, place: AlertPlace, reason: str) -> None:
        for family, alert_id in tuple(place.alert_ids.items()):
            with suppress(ConflictError, NotFoundError):  # a person came first
                self.announce(self._log.resolve(SYSTEM_ACTOR, alert_id, reason))
            del place.alert_ids[family]

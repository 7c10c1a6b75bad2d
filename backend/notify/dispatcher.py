"""The outbox dispatcher: one thread that delivers what has been committed.

At least once: a row is claimed before it is sent and settled afterwards, so a crash in
between sends it again when the lease has run out. Nothing is told that is not committed,
nothing committed is forgotten by a restart.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from backend.core.clock import Clock
from backend.notify.channel import Channel, DeliveryError, Notification

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One claimed outbox row.

    Attributes:
        attempts: Number of this attempt, 1 for the first.
    """

    delivery_id: int
    alert_id: int | None
    channel: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Rows by state, and since when the oldest is waiting."""

    pending: int
    sent: int
    failed: int
    oldest_pending_at: datetime | None


class OutboxStore(Protocol):
    """The outbox table as the dispatcher sees it; every call is its own transaction."""

    def claim_next(self, *, now: datetime, lease_s: float) -> OutboxItem | None:
        """Take the next due row for ``lease_s`` seconds and count the attempt."""

    def mark_sent(self, item: OutboxItem, *, now: datetime) -> None:
        """Record success."""

    def mark_retry(self, item: OutboxItem, *, error: str, next_attempt_at: datetime) -> None:
        """Plan another attempt."""

    def mark_failed(self, item: OutboxItem, *, error: str, now: datetime) -> None:
        """Give up; the incident's timeline says so."""

    def counts(self) -> OutboxCounts:
        """Count rows by state."""


@dataclass(frozen=True, slots=True)
class DispatchParams:
    """Patience of the dispatcher, seconds unless said otherwise.

    Attributes:
        poll_s: Pause between looks at the outbox; a new row wakes the thread at once.
        lease_s: Time a claimed row belongs to this process; longer than any channel's timeout.
        first_retry_s, max_retry_s: Back-off doubles from the one to the other.
        max_attempts: Attempts after which a notification is given up.
        max_age_s: Age after which it is given up: old news misleads.
    """

    poll_s: float = 5.0
    lease_s: float = 120.0
    first_retry_s: float = 2.0
    max_retry_s: float = 300.0
    max_attempts: int = 100
    max_age_s: float = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class DispatchStats:
    """Health of the deliveries.

    Attributes:
        failing_since: First failure after the last success of any channel, None while well.
        last_error: Sentence of the last failure, empty while well.
        store_errors: Times the outbox itself could not be read or written.
    """

    pending: int
    sent: int
    failed: int
    oldest_pending_at: datetime | None
    failing_since: datetime | None
    last_error: str
    store_errors: int
    is_running: bool


class OutboxDispatcher:
    """Thread ``outbox``: claims due rows, sends them, settles them."""

    def __init__(
        self,
        *,
        store: OutboxStore,
        channels: Mapping[str, Channel],
        evidence_folder: Path,
        clock: Clock,
        params: DispatchParams | None = None,
    ) -> None:
        self._store = store
        self._channels = dict(channels)
        self._evidence_folder = evidence_folder
        self._clock = clock
        self._params = params or DispatchParams()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._failing_since: datetime | None = None
        self._last_error = ""
        self._store_errors = 0

    def start(self) -> None:
        """Start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="outbox")
        self._thread.start()

    def stop(self, timeout_s: float = 30.0) -> None:
        """Finish the delivery under way and end; idempotent."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                logger.error("outbox.stop_timed_out seconds=%s", timeout_s)

    def wake(self) -> None:
        """Look at the outbox now: a row has been committed."""
        self._wake.set()

    def run(self) -> None:
        """Deliver until stopped; a failing database is retried, counted and logged."""
        while not self._stop.is_set():
            try:
                busy = self.step()
            except Exception as error:
                with self._lock:
                    self._store_errors += 1
                self._note_failure(f"The outbox could not be read or written: {error}")
                logger.exception("outbox.step_failed")
                busy = False
            if not busy:
                self._wake.wait(self._params.poll_s)
            self._wake.clear()

    def step(self) -> bool:
        """Send the next due notification; return whether there was one."""
        item = self._store.claim_next(now=self._clock.now(), lease_s=self._params.lease_s)
        if item is not None:
            self._attempt(item)
        return item is not None

    def stats(self) -> DispatchStats:
        """Return counts and health, for the page and the health route."""
        counts = self._store.counts()
        with self._lock:
            return DispatchStats(
                pending=counts.pending,
                sent=counts.sent,
                failed=counts.failed,
                oldest_pending_at=counts.oldest_pending_at,
                failing_since=self._failing_since,
                last_error=self._last_error,
                store_errors=self._store_errors,
                is_running=self._thread is not None and self._thread.is_alive(),
            )

    def _attempt(self, item: OutboxItem) -> None:
        """Send one row and settle it."""
        channel = self._channels.get(item.channel)
        notification = Notification.from_payload(
            item.payload, created_at=item.created_at, evidence_folder=self._evidence_folder
        )
        try:
            if self._is_worn_out(item, attempts_made=item.attempts - 1):
                raise DeliveryError("Too old to be sent; it would mislead.", permanent=True)
            if channel is None:
                raise DeliveryError(f"There is no channel {item.channel!r}.", permanent=True)
            channel.send(notification)
        except DeliveryError as error:
            self._after_failure(item, error)
            return
        self._store.mark_sent(item, now=self._clock.now())
        with self._lock:
            self._failing_since, self._last_error = None, ""
        logger.info("outbox.sent delivery=%s channel=%s", item.delivery_id, item.channel)

    def _after_failure(self, item: OutboxItem, error: DeliveryError) -> None:
        """Plan the next attempt, or give up loudly."""
        now = self._clock.now()
        self._note_failure(str(error))
        if error.permanent or self._is_worn_out(item, attempts_made=item.attempts):
            self._store.mark_failed(item, error=str(error), now=now)
            logger.error(
                "outbox.given_up delivery=%s channel=%s attempts=%s error=%s",
                item.delivery_id,
                item.channel,
                item.attempts,
                error,
            )
            return
        delay_s = self.retry_delay_s(item.attempts, error.retry_after_s)
        self._store.mark_retry(
            item, error=str(error), next_attempt_at=now + timedelta(seconds=delay_s)
        )
        logger.warning(
            "outbox.retry delivery=%s channel=%s in_s=%.0f error=%s",
            item.delivery_id,
            item.channel,
            delay_s,
            error,
        )

    def _is_worn_out(self, item: OutboxItem, *, attempts_made: int) -> bool:
        """Return whether the row is too old or was tried too often."""
        age_s = (self._clock.now() - item.created_at).total_seconds()
        return attempts_made >= self._params.max_attempts or age_s >= self._params.max_age_s

    def retry_delay_s(self, attempts: int, asked_s: float | None) -> float:
        """Return seconds until the next attempt; never sooner than the service asked."""
        doubled = self._params.first_retry_s * 2.0 ** min(attempts - 1, 30)
        capped = min(doubled, self._params.max_retry_s)
        return max(capped, min(asked_s, 3600.0)) if asked_s is not None else capped

    def _note_failure(self, message: str) -> None:
        with self._lock:
            self._last_error = message
            if self._failing_since is None:
                self._failing_since = self._clock.now()

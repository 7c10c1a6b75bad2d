"""Outbox dispatcher: at least once, patient, loud when it gives up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.db.alerts import Delivery, DeliveryState
from backend.db.base import SessionFactory, make_session_factory
from backend.notify.channel import DeliveryError, Notification
from backend.notify.dispatcher import DispatchParams, OutboxDispatcher
from backend.services.outbox import SqlOutbox
from tests.builders import ManualClock
from tests.database import make_engine


class FakeChannel:
    """Fails as often as told, then takes everything."""

    name = "fake"
    is_configured = True

    def __init__(self) -> None:
        self.failures: list[DeliveryError] = []
        self.sent: list[Notification] = []
        self.was_sent = threading.Event()

    def send(self, notification: Notification) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(notification)
        self.was_sent.set()


@pytest.fixture
def database() -> Iterator[SessionFactory]:
    engine = make_engine()
    yield make_session_factory(engine)
    engine.dispose()


def add(database: SessionFactory, at: datetime, *, key: str = "k1", channel: str = "fake") -> int:
    with database() as session, session.begin():
        row = Delivery(
            channel=channel,
            dedupe_key=key,
            payload={"headline": key, "lines": ["one"], "picture": "../../etc/passwd"},
            created_at=at,
            next_attempt_at=at,
        )
        session.add(row)
        session.flush()
        return row.id


def row(database: SessionFactory, delivery_id: int) -> Delivery:
    with database() as session:
        return session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


def dispatcher(
    database: SessionFactory,
    channel: FakeChannel,
    clock: ManualClock,
    tmp_path: Path,
    params: DispatchParams | None = None,
) -> OutboxDispatcher:
    return OutboxDispatcher(
        store=SqlOutbox(database),
        channels={"fake": channel},
        evidence_folder=tmp_path,
        clock=clock,
        params=params,
    )


def test_a_committed_row_is_sent_once(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    delivery_id = add(database, manual_clock.now())
    outbox = dispatcher(database, channel, manual_clock, tmp_path)
    assert outbox.step()
    assert not outbox.step()
    assert [one.headline for one in channel.sent] == ["k1"]
    assert channel.sent[0].picture is None, "a path outside the folder is left out"
    done = row(database, delivery_id)
    assert (done.state, done.attempts) == (DeliveryState.SENT.value, 1)
    assert done.delivered_at == manual_clock.now()
    assert outbox.stats().sent == 1


def test_failures_are_retried_with_growing_pauses_and_seen_in_the_stats(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    delivery_id = add(database, manual_clock.now())
    outbox = dispatcher(database, channel, manual_clock, tmp_path)
    channel.failures = [DeliveryError("away"), DeliveryError("slow down", retry_after_s=40)]
    assert outbox.step()
    assert not outbox.step(), "not before its time"
    began = manual_clock.now()
    stats = outbox.stats()
    assert (stats.pending, stats.last_error, stats.failing_since) == (1, "away", began)
    manual_clock.advance(2)
    assert outbox.step()
    manual_clock.advance(39)
    assert not outbox.step(), "the service asked for 40 s"
    manual_clock.advance(1)
    assert outbox.step()
    assert row(database, delivery_id).state == DeliveryState.SENT.value
    assert outbox.stats().failing_since is None


def test_the_back_off_is_capped(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    outbox = dispatcher(database, channel, manual_clock, tmp_path)
    assert [outbox.retry_delay_s(n, None) for n in (1, 2, 3)] == [2, 4, 8]
    assert outbox.retry_delay_s(1000, None) == 300
    assert outbox.retry_delay_s(1, 1e9) == 3600


def test_what_is_never_accepted_and_what_is_too_old_fails_loudly(
    database: SessionFactory,
    channel: FakeChannel,
    manual_clock: ManualClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused = add(database, manual_clock.now())
    outbox = dispatcher(database, channel, manual_clock, tmp_path)
    channel.failures = [DeliveryError("bad chat", permanent=True)]
    assert outbox.step()
    failed = row(database, refused)
    assert (failed.state, failed.last_error) == (DeliveryState.FAILED.value, "bad chat")
    old = add(database, manual_clock.now(), key="k2")
    manual_clock.advance(7 * 3600)
    assert outbox.step()
    assert row(database, old).state == DeliveryState.FAILED.value
    assert not channel.sent
    assert caplog.text.count("outbox.given_up") == 2
    assert outbox.stats().failed == 2


def test_too_many_attempts_end_it(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    delivery_id = add(database, manual_clock.now())
    params = DispatchParams(max_attempts=2)
    outbox = dispatcher(database, channel, manual_clock, tmp_path, params)
    channel.failures = [DeliveryError("a"), DeliveryError("b")]
    outbox.step()
    manual_clock.advance(60)
    outbox.step()
    assert row(database, delivery_id).state == DeliveryState.FAILED.value


def test_an_unknown_channel_fails_instead_of_blocking(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    strange = add(database, manual_clock.now(), channel="pigeon")
    good = add(database, manual_clock.now(), key="k2")
    outbox = dispatcher(database, channel, manual_clock, tmp_path)
    while outbox.step():
        pass
    assert row(database, strange).state == DeliveryState.FAILED.value
    assert row(database, good).state == DeliveryState.SENT.value


def test_a_row_claimed_by_a_process_that_died_is_sent_when_its_lease_ends(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    delivery_id = add(database, manual_clock.now())
    taken = SqlOutbox(database).claim_next(now=manual_clock.now(), lease_s=120)
    assert taken is not None
    assert taken.delivery_id == delivery_id
    outbox = dispatcher(database, channel, manual_clock, tmp_path)
    assert not outbox.step()
    manual_clock.advance(121)
    assert outbox.step()
    assert row(database, delivery_id).attempts == 2


def test_two_dispatchers_never_take_the_same_row(
    database: SessionFactory, manual_clock: ManualClock
) -> None:
    add(database, manual_clock.now())
    store = SqlOutbox(database)
    first = store.claim_next(now=manual_clock.now(), lease_s=60)
    assert first is not None
    assert store.claim_next(now=manual_clock.now(), lease_s=60) is None


def test_the_thread_wakes_for_a_new_row_and_stops(
    database: SessionFactory, channel: FakeChannel, manual_clock: ManualClock, tmp_path: Path
) -> None:
    params = DispatchParams(poll_s=30)
    outbox = dispatcher(database, channel, manual_clock, tmp_path, params)
    outbox.start()
    outbox.start()
    add(database, manual_clock.now())
    outbox.wake()
    assert channel.was_sent.wait(5)
    outbox.stop()
    outbox.stop()
    assert not outbox.stats().is_running

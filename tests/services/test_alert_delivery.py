"""From a crowded frame to a message on somebody's phone, through a restart and an outage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.risk import RiskLevel
from backend.notify.dispatcher import OutboxDispatcher
from backend.notify.telegram import TelegramAccount, TelegramChannel
from backend.services.outbox import SqlOutbox
from tests.builders import ManualClock
from tests.database import make_engine
from tests.notify.bot_server import Answer, BotServer
from tests.services.alert_world import OPERATOR, AlertWorld, crowding

ACCOUNT = TelegramAccount("123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp", "42")


@pytest.fixture
def bot() -> Iterator[BotServer]:
    server = BotServer()
    yield server
    server.close()


@pytest.fixture
def world(manual_clock: ManualClock, tmp_path: Path) -> Iterator[AlertWorld]:
    engine = make_engine()
    made = AlertWorld(manual_clock, tmp_path / "evidence", engine)
    made.add_camera()
    yield made
    engine.dispose()


def outbox(world: AlertWorld, bot: BotServer) -> OutboxDispatcher:
    channel = TelegramChannel(base_url=bot.url, account=lambda: ACCOUNT, clock=world.clock)
    return OutboxDispatcher(
        store=SqlOutbox(world.database),
        channels={channel.name: channel},
        evidence_folder=world.folder,
        clock=world.clock,
    )


def test_an_outage_and_a_restart_lose_no_message(world: AlertWorld, bot: BotServer) -> None:
    world.play(crowding(RiskLevel.CRITICAL), seconds=1)
    bot.answers = [Answer(500, b"down")]
    assert outbox(world, bot).step()
    world.clock.advance(60)
    after = world.restart()
    assert outbox(after, bot).step(), "the next process goes on"
    message = bot.received[-1]
    assert message.files["photo"] == b"\xff\xd8jpeg"
    assert message.fields["caption"].startswith("<b>CRITICAL · Gate 1: crowding</b>")
    detail = world.service.get(OPERATOR, world.only().id)
    assert [event.kind for event in detail.events] == ["opened", "notified"]
    (receipt,) = detail.deliveries
    assert (receipt.state, receipt.attempts) == ("SENT", 2)
    assert not outbox(after, bot).step(), "once"


def test_giving_up_stands_in_the_timeline(world: AlertWorld, bot: BotServer) -> None:
    world.play(crowding(RiskLevel.WARNING), seconds=1)
    refusal = b'{"ok": false, "description": "Bad Request: chat not found"}'
    bot.answers = [Answer(400, refusal), Answer(400, refusal)]
    assert outbox(world, bot).step()
    detail = world.service.get(OPERATOR, world.only().id)
    assert detail.events[-1].kind == "notification_failed"
    assert "chat not found" in detail.events[-1].detail["error"]
    assert detail.deliveries[0].state == "FAILED"

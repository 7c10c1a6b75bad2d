"""Telegram channel against a real HTTP server."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from backend.core.errors import InvalidInputError
from backend.notify.channel import DeliveryError, Notification
from backend.notify.telegram import TelegramAccount, TelegramChannel, check_account
from tests.builders import ManualClock
from tests.notify.bot_server import Answer, BotServer, refusal

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp"
ACCOUNT = TelegramAccount(TOKEN, "-100200")


def channel(
    bot: BotServer, clock: ManualClock, *, account: TelegramAccount | None = ACCOUNT
) -> TelegramChannel:
    return TelegramChannel(
        base_url=bot.url,
        account=lambda: account,
        clock=clock,
        connect_timeout_s=1.0,
        read_timeout_s=0.3,
    )


def notification(clock: ManualClock, *, picture: Path | None = None) -> Notification:
    return Notification(
        headline="WARNING · Gate <A> & B: crowding",
        lines=("Density 4.6 > 4 people per m².", "Since 12:00:00 UTC."),
        created_at=clock.now(),
        picture=picture,
    )


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.jpg"
    path.write_bytes(b"\xff\xd8jpeg")
    return path


def failure(send: TelegramChannel, note: Notification) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send.send(note)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value.__context__)
    return caught.value


def test_a_picture_goes_out_with_escaped_words(
    bot: BotServer, manual_clock: ManualClock, picture: Path
) -> None:
    channel(bot, manual_clock).send(notification(manual_clock, picture=picture))
    (sent,) = bot.received
    assert sent.path == f"/bot{TOKEN}/sendPhoto"
    assert sent.files == {"photo": b"\xff\xd8jpeg"}
    assert sent.fields["chat_id"] == "-100200"
    assert sent.fields["caption"].startswith("<b>WARNING · Gate &lt;A&gt; &amp; B: crowding</b>\n")
    assert "Density 4.6 &gt; 4" in sent.fields["caption"]


def test_without_a_picture_it_is_a_message(bot: BotServer, manual_clock: ManualClock) -> None:
    gone = Path("/nonexistent/evidence.jpg")
    channel(bot, manual_clock).send(notification(manual_clock, picture=gone))
    assert [one.path.rpartition("/")[2] for one in bot.received] == ["sendMessage"]


def test_a_refused_picture_does_not_hold_the_words_back(
    bot: BotServer, manual_clock: ManualClock, picture: Path
) -> None:
    bot.answers.append(refusal(400, "Bad Request: IMAGE_PROCESS_FAILED"))
    channel(bot, manual_clock).send(notification(manual_clock, picture=picture))
    methods = [one.path.rpartition("/")[2] for one in bot.received]
    assert methods == ["sendPhoto", "sendMessage"]


def test_a_late_message_says_so(bot: BotServer, manual_clock: ManualClock) -> None:
    note = notification(manual_clock)
    manual_clock.advance(15 * 60)
    channel(bot, manual_clock).send(note)
    assert "15 minutes late" in bot.received[0].fields["text"]


def test_long_text_is_cut_at_whole_lines(
    bot: BotServer, manual_clock: ManualClock, picture: Path
) -> None:
    note = Notification(
        "H & M" * 100, tuple(f"line {i} <&>" for i in range(400)), manual_clock.now(), picture
    )
    channel(bot, manual_clock).send(note)
    words, shown = bot.received
    for text, limit in ((words.fields["text"], 4096), (shown.fields["caption"], 1024)):
        assert limit / 2 < len(text) <= limit
        assert text.splitlines()[-1].startswith("line ")
        assert text.splitlines()[-1].endswith("&lt;&amp;&gt;")


def test_words_without_room_below_a_picture_go_out_first(
    bot: BotServer, manual_clock: ManualClock, picture: Path
) -> None:
    lines = ("Too many people.", "Announce: “" + "x" * 900 + "”", "Look: Alerts")
    note = Notification("WARNING · " + "Gate " * 30, lines, manual_clock.now(), picture)
    bot.answers += [Answer(), refusal(500, "try again")]
    channel(bot, manual_clock).send(note)
    words, shown = bot.received
    assert words.path.endswith("sendMessage")
    assert words.fields["text"].endswith("”\nLook: Alerts")
    assert shown.path.endswith("sendPhoto")
    assert shown.fields["caption"].endswith("Too many people."), "and nobody is told twice"


def test_slow_down_is_heard_from_the_body_and_from_the_header(
    bot: BotServer, manual_clock: ManualClock
) -> None:
    sender, note = channel(bot, manual_clock), notification(manual_clock)
    bot.answers.append(refusal(429, "Too Many Requests", parameters={"retry_after": 17}))
    assert failure(sender, note).retry_after_s == 17
    bot.answers.append(Answer(429, b"", {"Retry-After": "23"}))
    error = failure(sender, note)
    assert (error.retry_after_s, error.permanent) == (23, False)
    bot.answers.append(Answer(429, b"", {"Retry-After": "tomorrow"}))
    assert failure(sender, note).retry_after_s is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"oops"),
        Answer(200, b"<html>captive portal</html>"),
        Answer(200, b"[1, 2]"),
        Answer(200, b'{"ok": false}'),
        Answer(200, b"\xff\xfe"),
        Answer(302, b"", {"Location": "http://127.0.0.1:1/steal"}),
        Answer(break_off=True),
        refusal(401, "Unauthorized"),
        refusal(403, "Forbidden: bot was kicked"),
    ],
    ids=["500", "portal", "list", "not-ok", "bytes", "redirect", "broken-off", "401", "403"],
)
def test_trouble_is_worth_another_try(
    bot: BotServer, manual_clock: ManualClock, answer: Answer
) -> None:
    bot.answers.append(answer)
    error = failure(channel(bot, manual_clock), notification(manual_clock))
    assert not error.permanent
    assert len(bot.received) == 1, "redirects are not followed"


def test_a_message_that_is_never_accepted_is_given_up(
    bot: BotServer, manual_clock: ManualClock
) -> None:
    bot.answers.append(refusal(400, "Bad Request: chat not found"))
    error = failure(channel(bot, manual_clock), notification(manual_clock))
    assert error.permanent
    assert "chat not found" in str(error)


def test_silence_is_bounded_in_time(bot: BotServer, manual_clock: ManualClock) -> None:
    release = threading.Event()
    bot.answers.append(Answer(wait_for=release))
    error = failure(channel(bot, manual_clock), notification(manual_clock))
    release.set()
    assert "in time" in str(error)


def test_nobody_listening_is_said_without_the_token(manual_clock: ManualClock) -> None:
    sender = TelegramChannel(
        base_url="http://127.0.0.1:9", account=lambda: ACCOUNT, clock=manual_clock
    )
    assert "reached" in str(failure(sender, notification(manual_clock)))


def test_without_an_account_it_says_where_to_set_it(
    bot: BotServer, manual_clock: ManualClock
) -> None:
    sender = channel(bot, manual_clock, account=None)
    assert not sender.is_configured
    assert "Settings" in str(failure(sender, notification(manual_clock)))
    assert not bot.received


def test_the_token_stays_out_of_the_log(
    bot: BotServer, manual_clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        channel(bot, manual_clock).send(notification(manual_clock))
        requests.get(f"{bot.url}/nothing", timeout=2)
    assert "sendMessage" in caplog.text, "the HTTP library does log the request"
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(ACCOUNT)


@pytest.mark.parametrize(
    ("token", "chat", "field"),
    [
        ("nonsense", "1", "telegram_bot_token"),
        (TOKEN + "/../x", "1", "telegram_bot_token"),
        (TOKEN, "the group", "telegram_chat_id"),
    ],
)
def test_what_cannot_be_an_account_is_refused(token: str, chat: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_account(TelegramAccount(token, chat))
    assert caught.value.field == field
    assert token not in str(caught.value)


def test_lateness_is_counted_from_the_commit(bot: BotServer, manual_clock: ManualClock) -> None:
    note = Notification("x", (), manual_clock.now() - timedelta(seconds=60))
    channel(bot, manual_clock).send(note)
    assert "late" not in bot.received[0].fields["text"]

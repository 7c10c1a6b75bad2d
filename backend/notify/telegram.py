"""Telegram: a photo with a caption, or a message where there is no picture.

The bot token is part of every URL of the Bot API. It must not reach a log or an error
text, so exceptions of the HTTP library are never quoted and its own log lines are filtered.
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from backend.core.clock import Clock
from backend.core.errors import InvalidInputError
from backend.notify.channel import DeliveryError, Notification

logger = logging.getLogger(__name__)

CAPTION_LIMIT: Final = 1024
MESSAGE_LIMIT: Final = 4096
LATE_AFTER = timedelta(minutes=2)
_MAX_ANSWER_BYTES: Final = 64 * 1024
_TOKEN = re.compile(r"^[0-9]{3,20}:[A-Za-z0-9_-]{20,100}$")
_TOKEN_IN_TEXT = re.compile(r"/bot[^/\s]+")


class _TokenFilter(logging.Filter):
    """Takes bot tokens out of the HTTP library's log lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message when it names a bot URL."""
        message = record.getMessage()
        if "/bot" in message:
            record.msg = _TOKEN_IN_TEXT.sub("/bot<token>", message)
            record.args = ()
        return True


_FILTER: Final = _TokenFilter()


def install_log_filter() -> None:
    """Keep tokens out of urllib3's debug lines, whatever the log level; idempotent."""
    logger = logging.getLogger("urllib3.connectionpool")
    if _FILTER not in logger.filters:
        logger.addFilter(_FILTER)


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    """Where to send, as kept in the settings."""

    token: str = field(repr=False)
    chat_id: str


def check_account(account: TelegramAccount) -> None:
    """Refuse a token or chat id that cannot be one.

    Raises:
        InvalidInputError: Naming the setting and the expected shape, never the token.
    """
    if not _TOKEN.match(account.token):
        raise InvalidInputError(
            "The bot token should look like 123456789:AbC… as given by @BotFather.",
            field="telegram_bot_token",
        )
    if not re.match(r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64})$", account.chat_id):
        raise InvalidInputError(
            "The chat id should be a number (groups are negative) or @channelname.",
            field="telegram_chat_id",
        )


class TelegramChannel:
    """Sends through the Bot API (``sendPhoto`` and ``sendMessage``).

    Args:
        base_url: Scheme and host of the Bot API, with an optional path.
        account: Gives the account now in the settings, None when it is not set.
        clock: For saying that a message comes late.
        connect_timeout_s, read_timeout_s: Bounds of one request.
    """

    name = "telegram"

    def __init__(
        self,
        *,
        base_url: str,
        account: Callable[[], TelegramAccount | None],
        clock: Clock,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 20.0,
    ) -> None:
        if urlsplit(base_url).scheme not in {"http", "https"}:
            raise InvalidInputError(
                "TELEGRAM_BASE_URL must start with https:// or http://", field="telegram_base_url"
            )
        self._base_url = base_url.rstrip("/")
        self._account = account
        self._clock = clock
        self._timeout = (connect_timeout_s, read_timeout_s)
        install_log_filter()

    @property
    def is_configured(self) -> bool:
        """Whether a token and a chat are set."""
        return self._account() is not None

    def send(self, notification: Notification) -> None:
        """Deliver one notification.

        A picture that cannot be read or that Telegram refuses does not hold the words back:
        they go out as a plain message. Words that have no room below a picture go out first, as
        a message of their own; the picture follows with what there is room for, and is not tried
        again: its words have been told.

        Raises:
            DeliveryError: With the service's own words where it gave any.
        """
        account = self._account()
        if account is None:
            raise DeliveryError("Telegram has no bot token or chat id: set both on Settings.")
        picture = _read_picture(notification.picture)
        text = self._text(notification, MESSAGE_LIMIT)
        caption = self._text(notification, CAPTION_LIMIT)
        is_told = picture is not None and caption != text
        if is_told:
            self._post_words(account, text)
        if picture is not None:
            try:
                self._post(account, "sendPhoto", {"caption": caption}, picture=picture)
            except DeliveryError as error:
                if is_told:
                    logger.warning("telegram.picture_lost reason=%s", error)
                elif not error.permanent:
                    raise
            else:
                return
        if not is_told:
            self._post_words(account, text)

    def _post_words(self, account: TelegramAccount, text: str) -> None:
        self._post(account, "sendMessage", {"text": text, "disable_web_page_preview": "true"})

    def _text(self, notification: Notification, limit: int) -> str:
        """Return HTML no longer than ``limit`` characters, cut at whole lines."""
        parts = [f"<b>{html.escape(notification.headline[:300], quote=False)}</b>"]
        age = self._clock.now() - notification.created_at
        if age > LATE_AFTER:
            minutes = int(age.total_seconds() // 60)
            parts.append(f"<i>This message comes {minutes} minutes late.</i>")
        for line in notification.lines:
            escaped = html.escape(line, quote=False)
            if sum(len(part) + 1 for part in parts) + len(escaped) > limit:
                break
            parts.append(escaped)
        return "\n".join(parts)

    def _post(
        self,
        account: TelegramAccount,
        method: str,
        fields: dict[str, str],
        *,
        picture: bytes | None = None,
    ) -> None:
        """Call one method of the Bot API; raises `DeliveryError`."""
        form = {"chat_id": account.chat_id, "parse_mode": "HTML", **fields}
        files = {"photo": ("evidence.jpg", picture, "image/jpeg")} if picture else None
        trouble = ""
        try:
            with requests.post(
                f"{self._base_url}/bot{account.token}/{method}",
                data=form,
                files=files,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                retry_header = response.headers.get("Retry-After")
                body = response.raw.read(_MAX_ANSWER_BYTES, decode_content=True)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            trouble = _trouble(error)
        if trouble:
            # Raised out here: the library's own exception carries the URL and with it the
            # token, and must not travel along as the context of ours.
            raise DeliveryError(trouble)
        _judge(status, _parse(body), retry_header)


def _read_picture(path: Path | None) -> bytes | None:
    """Return the JPEG, or None where there is none any more."""
    if path is None:
        return None
    try:
        return path.read_bytes() or None
    except OSError:
        return None


def _trouble(error: Exception) -> str:
    """Return a sentence for a failed request that quotes nothing of it."""
    if isinstance(error, requests.ConnectTimeout | requests.ReadTimeout):
        return "Telegram did not answer in time."
    if isinstance(error, requests.exceptions.SSLError):
        return "The secure connection to Telegram could not be set up (certificate?)."
    if isinstance(error, requests.ConnectionError):
        return "Telegram could not be reached: no connection."
    return f"The request to Telegram failed ({type(error).__name__})."


def _parse(body: bytes) -> dict[str, Any]:
    """Return the answer's JSON object, empty when it is not one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _judge(status: int, answer: dict[str, Any], retry_header: str | None) -> None:
    """Return for success; otherwise raise the fitting `DeliveryError`."""
    if status == 200 and answer.get("ok") is True:
        return
    words = _TOKEN_IN_TEXT.sub("/bot<token>", str(answer.get("description", ""))[:200])
    said = f": {words}" if words else ""
    if status == 429:
        wait_s = _retry_after(answer, retry_header)
        raise DeliveryError(f"Telegram asks to slow down{said}.", retry_after_s=wait_s)
    if status == 200 or status >= 500 or 300 <= status < 400:
        raise DeliveryError(f"Telegram gave an unexpected answer (HTTP {status}){said}.")
    if status in {400, 413}:
        raise DeliveryError(f"Telegram refused the message (HTTP {status}){said}.", permanent=True)
    hint = " Check the bot token and the chat id on Settings." if status in {401, 403, 404} else ""
    raise DeliveryError(f"Telegram refused (HTTP {status}){said}.{hint}")


def _retry_after(answer: dict[str, Any], header: str | None) -> float | None:
    """Return the seconds to wait from ``parameters.retry_after`` or the header."""
    parameters = answer.get("parameters")
    stated: object = parameters.get("retry_after") if isinstance(parameters, dict) else header
    try:
        seconds = float(str(stated if stated is not None else header))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None

"""Limits on guessing passwords and on costly requests, counted in memory or in Redis."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import structlog
from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from werkzeug.exceptions import TooManyRequests

logger = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

LOG_IN: Final = "account"
REGISTRATION: Final = "registration"
PASSWORD_CHANGE: Final = "password-change"  # noqa: S105 - what is counted, no password
DETECTION: Final = "detection"

_EXTENSION = "crowdsafe_throttle"
# A Redis that hangs must not hold log-ins up for longer than this, in seconds.
_REDIS_PATIENCE: Final[dict[str, Any]] = {"socket_connect_timeout": 2, "socket_timeout": 2}


class Throttle:
    """Counts attempts in moving windows.

    Every attempt counts against the account until one succeeds, so that many addresses cannot
    guess at one account. Only failures count against the address: a control room behind one
    address may log in at shift change, a guesser cannot go through all names.

    When Redis does not answer, this process counts by itself: people can still log in, and
    guessing is still slow.

    Args:
        limiter: Flask-Limiter with its storage.
        rate: For instance ``10 per minute``.
    """

    def __init__(self, limiter: Limiter, rate: str) -> None:
        self._limiter = limiter
        self._rate = parse(rate)
        self._own = MovingWindowRateLimiter(MemoryStorage())

    def begin(self, *, account: str, address: str, purpose: str = LOG_IN) -> None:
        """Count an attempt.

        Args:
            account: Whose password is tried, or who else makes the attempt.
            address: Where it comes from.
            purpose: Each is counted by itself, so that names made up at the log-in cannot
                use up the attempts at something else.

        Raises:
            TooManyRequests: With Retry-After in seconds.
        """
        if not self._ask(lambda window: window.test(self._rate, "address", address)):
            self._refuse("address", address)
        if not self._ask(lambda window: window.hit(self._rate, purpose, account)):
            self._refuse(purpose, account)

    def use(self, *, account: str, purpose: str, rate: str) -> None:
        """Count one use of something costly, with a rate of its own.

        Args:
            account: Who uses it.
            purpose: Each is counted by itself.
            rate: For instance ``120 per minute``.

        Raises:
            TooManyRequests: With Retry-After in seconds.
        """
        limit = parse(rate)
        if not self._ask(lambda window: window.hit(limit, purpose, account)):
            self._refuse(purpose, account, rate=limit)

    def failed(self, *, address: str) -> None:
        """The attempt was wrong: count it against the address as well."""
        self._ask(lambda window: window.hit(self._rate, "address", address))

    def succeeded(self, *, account: str, purpose: str = LOG_IN) -> None:
        """The attempt was right: the account starts afresh."""
        self._ask(lambda window: window.clear(self._rate, purpose, account))

    def _refuse(self, *keys: str, rate: RateLimitItem | None = None) -> None:
        stats = self._ask(lambda window: window.get_window_stats(rate or self._rate, *keys))
        raise TooManyRequests(retry_after=max(1, round(stats.reset_time - time.time())))

    def _ask(self, question: Callable[[RateLimiter], Answer]) -> Answer:
        try:
            return question(self._limiter.limiter)
        except StorageError as error:
            logger.error("throttle_storage_unavailable", error=str(error))
            return question(self._own)


def install_throttle(app: Flask, *, rate: str, redis_url: str | None) -> None:
    """Set up Flask-Limiter; its counters live in Redis where one is configured."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=redis_url or "memory://",
        storage_options={"wrap_exceptions": True, **(_REDIS_PATIENCE if redis_url else {})},
        strategy="moving-window",
    )
    app.extensions[_EXTENSION] = Throttle(limiter, rate)


def throttle() -> Throttle:
    """Return the throttle of the running application."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Throttle)
    return found

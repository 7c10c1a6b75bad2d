"""Limits on guessing passwords: by address and by account, in memory or in Redis."""

from __future__ import annotations

import time

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from werkzeug.exceptions import TooManyRequests

_EXTENSION = "crowdsafe_throttle"


class Throttle:
    """Counts attempts in moving windows.

    Every attempt counts against the account until one succeeds, so that many addresses cannot
    guess at one account. Only failures count against the address: a control room behind one
    address may log in at shift change, a guesser cannot go through all names.

    Args:
        limiter: Flask-Limiter with its storage.
        rate: For instance ``10 per minute``.
    """

    def __init__(self, limiter: Limiter, rate: str) -> None:
        self._limiter = limiter
        self._rate = parse(rate)

    def begin(self, *, account: str, address: str) -> None:
        """Count an attempt.

        Raises:
            TooManyRequests: With Retry-After in seconds.
        """
        window = self._limiter.limiter
        if not window.test(self._rate, "address", address):
            self._refuse("address", address)
        if not window.hit(self._rate, "account", account):
            self._refuse("account", account)

    def failed(self, *, address: str) -> None:
        """The attempt was wrong: count it against the address as well."""
        self._limiter.limiter.hit(self._rate, "address", address)

    def succeeded(self, *, account: str) -> None:
        """The attempt was right: the account starts afresh."""
        self._limiter.limiter.clear(self._rate, "account", account)

    def _refuse(self, *keys: str) -> None:
        stats = self._limiter.limiter.get_window_stats(self._rate, *keys)
        raise TooManyRequests(retry_after=max(1, round(stats.reset_time - time.time())))


def install_throttle(app: Flask, *, rate: str, redis_url: str | None) -> None:
    """Set up Flask-Limiter; its counters live in Redis where one is configured."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=redis_url or "memory://",
        strategy="moving-window",
        in_memory_fallback_enabled=redis_url is not None,
        in_memory_fallback=[],
    )
    app.extensions[_EXTENSION] = Throttle(limiter, rate)


def throttle() -> Throttle:
    """Return the throttle of the running application."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Throttle)
    return found

"""A Bot API of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notify.bot_server import BotServer


@pytest.fixture
def bot() -> Iterator[BotServer]:
    """A running server that answers as told."""
    server = BotServer()
    yield server
    server.close()

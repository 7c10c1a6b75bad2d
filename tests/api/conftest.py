"""An application per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.db.accounts import Role
from tests.builders import ManualClock
from tests.web import Browser, add_user, make_app, services_of


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application with one account for each role, named after it."""
    app = make_app(tmp_path)
    for role in Role:
        add_user(app, role.value, role)
    yield app
    services_of(app).engine.dispose()


@pytest.fixture
def timed_app(tmp_path: Path, manual_clock: ManualClock) -> Iterator[Flask]:
    """Like `app`, on a clock that moves only when told (tokens themselves use real time)."""
    app = make_app(tmp_path, clock=manual_clock)
    for role in Role:
        add_user(app, role.value, role)
    yield app
    services_of(app).engine.dispose()


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """A browser nobody has logged in with."""
    return Browser(app)


@pytest.fixture
def viewer(app: Flask) -> Browser:
    """A browser logged in as ``viewer``."""
    return logged_in(app, "viewer")


@pytest.fixture
def operator(app: Flask) -> Browser:
    """A browser logged in as ``operator``."""
    return logged_in(app, "operator")


@pytest.fixture
def admin(app: Flask) -> Browser:
    """A browser logged in as ``admin``."""
    return logged_in(app, "admin")


def logged_in(app: Flask, name: str) -> Browser:
    """Return a browser logged in as ``name``."""
    browser = Browser(app)
    assert browser.log_in(name).status_code == 200
    return browser

"""A real application on a throw-away database, and a client that behaves like a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.core.clock import Clock
from backend.db.accounts import Role
from backend.db.base import Base
from backend.factory import create_app
from backend.services.actor import SYSTEM_ACTOR
from backend.services.container import Services
from backend.services.passwords import PasswordHasher
from backend.services.users import NewUser
from config import Settings

PASSWORD = "correct horse battery"


def settings(home: Path, **changes: Any) -> Settings:
    """Return settings below ``home``; ``changes`` by environment name."""
    # No .env: the developer's own must not reach a test.
    return Settings(_env_file=None, **{"CROWDSAFE_HOME": home, **changes})  # type: ignore[call-arg]


def make_app(home: Path, *, clock: Clock | None = None, **changes: Any) -> Flask:
    """Return an application with an empty database and cheap password hashing."""
    app = create_app(settings(home, **changes), clock=clock, hasher=PasswordHasher(rounds=4))
    app.testing = True
    Base.metadata.create_all(services_of(app).engine)
    return app


def services_of(app: Flask) -> Services:
    """Return the services of an application."""
    found: Services = app.extensions["crowdsafe"]
    return found


def add_user(app: Flask, name: str, role: Role, *, must_change: bool = False) -> int:
    """Create an account with `PASSWORD` and return its id."""
    user = services_of(app).users.create(
        SYSTEM_ACTOR,
        NewUser(username=name, password=PASSWORD, role=role, must_change_password=must_change),
    )
    return user.id


class Browser:
    """Keeps cookies and sends the CSRF value, as the pages' own client does."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def log_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        """Log in; the cookies stay."""
        return self.post("/api/auth/login", json={"username": name, "password": password})

    def cookie(self, name: str) -> str:
        """Return a cookie's value, empty when there is none."""
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def get(self, path: str, **rest: Any) -> TestResponse:
        return self._open("GET", path, **rest)

    def post(self, path: str, **rest: Any) -> TestResponse:
        return self._open("POST", path, **rest)

    def put(self, path: str, **rest: Any) -> TestResponse:
        return self._open("PUT", path, **rest)

    def patch(self, path: str, **rest: Any) -> TestResponse:
        return self._open("PATCH", path, **rest)

    def delete(self, path: str, **rest: Any) -> TestResponse:
        return self._open("DELETE", path, **rest)

    def _open(self, method: str, path: str, **rest: Any) -> TestResponse:
        kind = "refresh" if path == "/api/auth/refresh" else "access"
        headers = {"X-CSRF-TOKEN": self.cookie(f"csrf_{kind}_token"), **rest.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value}
        return self.client.open(path, method=method, headers=headers, **rest)


def bearer(token: str) -> dict[str, str]:
    """Return the header of an API client."""
    return {"Authorization": f"Bearer {token}"}

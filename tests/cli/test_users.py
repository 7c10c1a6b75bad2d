"""Accounts from the terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from backend.db.accounts import Role
from tests.web import PASSWORD, Browser, add_user, make_app, services_of


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = make_app(tmp_path)
    add_user(app, "admin", Role.ADMIN)
    return app


def run(app: Flask, *arguments: str, typed: str = "") -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["users", *arguments], input=typed)
    return done.exit_code, done.output


def test_list(app: Flask) -> None:
    code, output = run(app, "list")
    assert code == 0
    assert re.search(r"^admin +admin$", output, re.MULTILINE)


def test_reset_makes_a_password_up(app: Flask) -> None:
    browser = Browser(app)
    browser.log_in("admin")
    code, output = run(app, "reset-password")
    assert code == 0
    found = re.search(r"password (\S+)", output)
    assert found is not None
    assert browser.get("/api/auth/me").status_code == 401
    assert Browser(app).log_in("admin").status_code == 401
    assert Browser(app).log_in("admin", found[1]).json["user"]["must_change_password"] is True


def test_reset_asks(app: Flask) -> None:
    code, output = run(app, "reset-password", "--ask", typed="another long one\n" * 2)
    assert code == 0
    assert "another" not in output
    assert Browser(app).log_in("admin", "another long one").status_code == 200


def test_reset_refuses(app: Flask) -> None:
    assert run(app, "reset-password", "nobody")[0] == 1
    code, output = run(app, "reset-password", "--ask", typed="short\nshort\n")
    assert code == 1
    assert "at least 10" in output
    assert Browser(app).log_in("admin", PASSWORD).status_code == 200


def test_create(app: Flask) -> None:
    code, output = run(app, "create", "zoe", "--role", "operator")
    assert code == 0
    found = re.search(r"password (\S+)", output)
    assert found is not None
    assert Browser(app).log_in("zoe", found[1]).json["user"]["role"] == "operator"
    assert run(app, "create", "zoe")[0] == 1
    services_of(app).engine.dispose()

"""The test button of the Telegram settings, against a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from backend.db.accounts import AuditEntry, Role
from tests.web import Browser, add_user, make_app, services_of

TOKEN = "123456789:" + "A" * 35


class FakeBotApi(BaseHTTPRequestHandler):
    """Answers like the Bot API; refuses the chat id 13."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.bodies.append((self.path, body))  # type: ignore[attr-defined]
        refused = "chat_id=13&" in body
        answer = {"ok": not refused, "description": "chat not found"}
        self.send_response(400 if refused else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


@pytest.fixture
def bot_api() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeBotApi)
    server.bodies = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="bot-api")
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def admin(tmp_path: Path, bot_api: ThreadingHTTPServer) -> Browser:
    app = make_app(tmp_path, TELEGRAM_BASE_URL=f"http://127.0.0.1:{bot_api.server_port}")
    add_user(app, "admin", Role.ADMIN)
    add_user(app, "operator", Role.OPERATOR)
    browser = Browser(app)
    browser.log_in("admin")
    return browser


def press(browser: Browser) -> dict[str, object]:
    answer = browser.post("/api/settings/telegram/test")
    assert answer.status_code == 200
    found: dict[str, object] = answer.json
    return found


def test_without_a_token_it_says_what_is_missing(admin: Browser) -> None:
    outcome = press(admin)
    assert outcome["ok"] is False
    assert "Settings" in str(outcome["message"])


def test_a_message_goes_out_at_once(admin: Browser, bot_api: ThreadingHTTPServer) -> None:
    admin.put("/api/settings/", json={"telegram_bot_token": TOKEN, "telegram_chat_id": "42"})
    assert press(admin)["ok"] is True
    path, body = bot_api.bodies[0]  # type: ignore[attr-defined]
    assert path == f"/bot{TOKEN}/sendMessage"
    assert "TEST" in body
    with services_of(admin.client.application).session_factory() as session:
        entry = session.query(AuditEntry).filter_by(action="channel.test").one()
        assert (entry.username, entry.after) == ("admin", {"ok": True})


def test_a_refusal_is_told_without_the_token(admin: Browser) -> None:
    admin.put("/api/settings/", json={"telegram_bot_token": TOKEN, "telegram_chat_id": "13"})
    outcome = press(admin)
    assert outcome["ok"] is False
    assert "chat not found" in str(outcome["message"])
    assert TOKEN not in str(outcome)


def test_operators_may_not(admin: Browser) -> None:
    browser = Browser(admin.client.application)
    browser.log_in("operator")
    assert browser.post("/api/settings/telegram/test").status_code == 403

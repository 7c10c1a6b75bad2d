"""Logs are structured, go to the file, and hold no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from backend.logging_setup import FILE_NAME, configure_logging, redact_text

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
BOT = "123456789:" + "AbCdE_-9" * 5


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for handler in handlers:
        root.removeHandler(handler)
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("open rtsp://admin:hunter2@10.0.0.7/live failed", "hunter2"),
        ("open rtsp://admin:p@ss/word@10.0.0.7/live failed", "p@ss"),
        (f"POST https://api.telegram.org/bot{BOT}/sendMessage", BOT),
        (f"Authorization: Bearer {JWT}", JWT),
        (f"cookie access_token_cookie={JWT}; x=1", JWT),
        ("password=hunter2 user=zoe", "hunter2"),
        ('{"api_key": "hunter2"}', "hunter2"),
        ("telegram_bot_token='hunter2'", "hunter2"),
    ],
)
def test_secrets_are_taken_out_of_text(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize("text", ["camera 3 lost", "http://host/path?x=1", "12:30:45.123 fine"])
def test_the_rest_stays(text: str) -> None:
    assert redact_text(text) == text


def logged(folder: Path) -> list[str]:
    for handler in logging.getLogger().handlers:
        handler.flush()
    return (folder / FILE_NAME).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("as_json", [True, False])
def test_both_kinds_of_loggers_are_redacted(tmp_path: Path, as_json: bool) -> None:
    configure_logging(level="INFO", as_json=as_json, folder=tmp_path)
    structlog.get_logger("backend.x").info("camera_opened", source="rtsp://a:hunter2@h/", camera=3)
    structlog.get_logger("backend.x").info(
        "log_in", password="hunter2", nested={"token": "hunter2"}
    )
    logging.getLogger("backend.y").warning("lost %s", "rtsp://a:hunter2@h/")
    try:
        raise ValueError("rtsp://a:hunter2@h/")
    except ValueError:
        logging.getLogger("backend.y").exception("failed")
    text = "\n".join(logged(tmp_path))
    assert "hunter2" not in text
    assert "camera_opened" in text
    assert "ValueError" in text
    assert "lost" in text


def test_json_lines(tmp_path: Path) -> None:
    configure_logging(level="INFO", as_json=True, folder=tmp_path, rotates=True)
    structlog.contextvars.bind_contextvars(request_id="abc")
    structlog.get_logger("backend.x").info("camera_opened", camera=3)
    structlog.contextvars.clear_contextvars()
    line = json.loads(logged(tmp_path)[0])
    assert (line["event"], line["camera"], line["request_id"]) == ("camera_opened", 3, "abc")
    assert (line["level"], line["logger"]) == ("info", "backend.x")
    assert line["timestamp"].endswith("Z")


def test_nobody_forges_a_line(tmp_path: Path) -> None:
    configure_logging(level="INFO", as_json=False, folder=tmp_path)
    logging.getLogger("backend.x").info("user %s", "zoe\n2026-01-01 forged line")
    assert len(logged(tmp_path)) == 1


def test_libraries_stay_quiet(tmp_path: Path) -> None:
    configure_logging(level="DEBUG", as_json=False, folder=tmp_path)
    logging.getLogger("urllib3").debug("chatter")
    logging.getLogger("backend.x").debug("ours")
    text = "\n".join(logged(tmp_path))
    assert "chatter" not in text
    assert "ours" in text

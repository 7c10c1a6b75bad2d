"""Structured logs: readable or JSON lines, to the console and to a rotating file, redacted."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler, WatchedFileHandler
from pathlib import Path
from typing import Any, Final

import structlog
from structlog.typing import Processor

from backend.vision.sources.redact import redact_urls

FILE_NAME: Final = "crowdsafe.log"
MAX_FILE_BYTES: Final = 10 * 1024 * 1024
KEPT_FILES: Final = 5
REDACTED: Final = "[redacted]"

_SECRET_KEYS: Final = re.compile(
    r"passw|secret|token|authorization|cookie|api_?key|credential|encryption_key", re.IGNORECASE
)
_PATTERNS: Final = (
    # user:password@ of a URL, whatever characters the password has
    (re.compile(r"(?<=://)[^\s'\"]*@"), f"{REDACTED}@"),
    # JSON Web Tokens
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), REDACTED),
    # Telegram bot tokens
    (re.compile(r"\d{6,20}:[\w-]{30,}"), REDACTED),
    # name=value and "name": "value" of anything that sounds secret
    (
        re.compile(
            r"(?i)\b([\w-]*(?:passw(?:or)?d|passwd|pwd|secret|token|api_?key|authorization))"
            r"(['\"]?\s*[=:]\s*['\"]?)(?:Bearer\s+)?[^\s'\",;&}]+"
        ),
        rf"\1\2{REDACTED}",
    ),
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]")
_MULTILINE_KEYS: Final = frozenset({"exception", "stack"})


def redact_text(text: str) -> str:
    """Return ``text`` without credentials of URLs, tokens and named secrets."""
    text = redact_urls(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_event(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take secrets out of an event, and line breaks out of what others have written in it."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:
    if isinstance(value, str):
        if _SECRET_KEYS.search(key):
            return REDACTED
        text = redact_text(value)
        return text if key in _MULTILINE_KEYS else _CONTROL.sub("␤", text)
    if isinstance(value, dict):
        return {inner: _clean(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(key, item) for item in value]
    return value


def configure_logging(
    *, level: str, as_json: bool, folder: Path | None = None, rotates: bool = False
) -> None:
    """Send all logs of the process to the console and, with ``folder``, to a file.

    Args:
        level: Of CrowdSafe's own loggers; libraries stay at WARNING at least.
        as_json: One JSON object a line instead of readable text.
        folder: Where ``crowdsafe.log`` lies, None for the console alone.
        rotates: This process rotates the file; of several that write it, exactly one may.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact_event,
            renderer,
        ],
    )
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if folder is not None:
        handlers.append(_file_handler(folder, rotates=rotates))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelName(level)))
    for name in ("backend", "app", "gunicorn"):
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=True)


def _file_handler(folder: Path, *, rotates: bool) -> logging.Handler:
    path = folder / FILE_NAME
    if rotates:
        return RotatingFileHandler(
            path, maxBytes=MAX_FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True
        )
    return WatchedFileHandler(path, encoding="utf-8", delay=True)

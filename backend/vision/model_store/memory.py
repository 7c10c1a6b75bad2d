"""Failures worth remembering across restarts: an unreachable host is not asked every time."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

RETRY_AFTER = timedelta(hours=24)


class FailureMemory:
    """When fetching something last failed, in a small file; unreadable files count as empty.

    Args:
        file: JSON file, created when the first failure is remembered.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def recall(self, name: str, now: datetime) -> str:
        """Return why ``name`` failed less than `RETRY_AFTER` ago, else an empty string."""
        entry = self._read().get(name)
        if not isinstance(entry, dict):
            return ""
        try:
            age = now - datetime.fromisoformat(str(entry.get("failed_at")))
        except (ValueError, TypeError):  # not a date, or one without a zone
            return ""
        fresh = timedelta(0) <= age < RETRY_AFTER
        return str(entry.get("reason", "")) if fresh else ""

    def remember(self, name: str, reason: str, now: datetime) -> None:
        """Note that fetching ``name`` failed just now."""
        self._write({**self._read(), name: {"failed_at": now.isoformat(), "reason": reason}})

    def forget(self, name: str) -> None:
        """Drop what is remembered of ``name``."""
        entries = self._read()
        if entries.pop(name, None) is not None:
            self._write(entries)

    def _read(self) -> dict[str, object]:
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stored if isinstance(stored, dict) else {}

    def _write(self, entries: dict[str, object]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._file.parent, suffix=".tmp")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=1)
        Path(name).replace(self._file)

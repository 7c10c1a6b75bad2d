"""What a notification channel is, and how it says that it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from backend.core.errors import CrowdSafeError


class DeliveryError(CrowdSafeError):
    """A channel could not deliver.

    Args:
        message: Sentence for a person; never contains a token or an address with one.
        retry_after_s: Seconds the service asked us to wait, None if it did not say.
        permanent: The same message will never be accepted: trying again is pointless.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, permanent: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Notification:
    """What people are told, independent of the channel.

    Attributes:
        headline: One line: level, place and what is wrong.
        lines: Plain text lines below it, without markup.
        picture: JPEG with the evidence, None without one.
        created_at: Aware UTC time at which the incident was committed; a channel may say
            that a message comes late.
    """

    headline: str
    lines: tuple[str, ...]
    created_at: datetime
    picture: Path | None = None

    @classmethod
    def from_payload(
        cls, payload: Mapping[str, Any], *, created_at: datetime, evidence_folder: Path
    ) -> Notification:
        """Read the JSON kept in an outbox row; a picture outside the folder is left out."""
        name = payload.get("picture")
        picture = None
        if isinstance(name, str) and name:
            path = (evidence_folder / name).resolve()
            inside = path.is_relative_to(evidence_folder.resolve())
            picture = path if inside and path.is_file() else None
        return cls(
            headline=str(payload.get("headline", "")),
            lines=tuple(str(line) for line in payload.get("lines", ())),
            created_at=created_at,
            picture=picture,
        )


class Channel(Protocol):
    """A way to reach people."""

    @property
    def name(self) -> str:
        """Stable key kept in outbox rows."""

    @property
    def is_configured(self) -> bool:
        """Whether everything needed to send is set."""

    def send(self, notification: Notification) -> None:
        """Deliver, bounded in time; raises `DeliveryError`."""

"""The audit trail: who changed what, with the values before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.db.accounts import AuditEntry
from backend.services.actor import Actor

REDACTED = "[redacted]"
_SECRET_WORDS = ("password", "secret", "token", "encrypted", "api_key", "credential")


class AuditLog:
    """Writes audit rows inside the transaction of the change they describe."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def record(
        self,
        session: Session,
        actor: Actor,
        *,
        action: str,
        object_type: str = "",
        object_id: object = "",
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one row to ``session``; it is committed with the change, or not at all.

        Args:
            session: The open transaction.
            actor: Who does it.
            action: Dotted verb, for instance ``user.update`` or ``camera.delete``.
            object_type, object_id: What it is done to.
            before, after: JSON-ready values; entries whose key names a secret are replaced.
        """
        session.add(
            AuditEntry(
                at=self._clock.now(),
                user_id=actor.user_id,
                username=actor.username[:64],
                action=action,
                object_type=object_type,
                object_id=str(object_id)[:64],
                before=redact(before),
                after=redact(after),
            )
        )


def redact(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a copy of ``values`` without secrets; None stays None.

    A key that names a secret keeps only whether there is one. Flags such as
    ``must_change_password`` are no secrets: booleans and None pass.
    """
    if values is None:
        return None
    return {key: _redact_one(key, value) for key, value in values.items()}


def _redact_one(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return redact(value)
    if value is None or isinstance(value, bool) or value == "":
        return value
    return REDACTED if any(word in key.lower() for word in _SECRET_WORDS) else value


def changed_values(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return only the entries that differ, as ``(before, after)``."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}

"""Set-up of the first account, without the rest of the services."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from backend.core.clock import SystemClock
from backend.db.base import make_session_factory
from backend.services.accounts import AccountService
from backend.services.audit import AuditLog
from backend.services.passwords import PasswordHasher


def ensure_first_admin(engine: Engine, password: str | None) -> str | None:
    """Create the account ``admin`` in an empty database; see `AccountService`."""
    clock = SystemClock()
    accounts = AccountService(
        session_factory=make_session_factory(engine),
        clock=clock,
        hasher=PasswordHasher(),
        audit=AuditLog(clock=clock),
        refresh_lifetime=timedelta(days=1),
    )
    return accounts.ensure_first_admin(password)

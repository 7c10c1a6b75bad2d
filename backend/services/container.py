"""All services of one process, wired once and handed to whoever serves requests.

The factory puts a `Services` at ``app.extensions["crowdsafe"]``; nothing is started here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from backend.core.clock import Clock
from backend.core.settings import Settings
from backend.db.base import SessionFactory, make_session_factory
from backend.services.accounts import AccountService
from backend.services.audit import AuditLog
from backend.services.lifecycle import Lifecycle
from backend.services.passwords import PasswordHasher
from backend.services.secret_box import SecretBox
from backend.services.settings_service import SettingsService
from backend.services.users import UserService


@dataclass(frozen=True, slots=True)
class Services:
    """Every service, by the name the API uses."""

    settings: Settings
    clock: Clock
    engine: Engine
    session_factory: SessionFactory
    secret_box: SecretBox
    audit: AuditLog
    accounts: AccountService
    users: UserService
    live_settings: SettingsService
    lifecycle: Lifecycle


def build_services(
    settings: Settings, *, engine: Engine, clock: Clock, hasher: PasswordHasher
) -> Services:
    """Wire all services on ``engine``; opens no connection and starts no thread."""
    session_factory = make_session_factory(engine)
    audit = AuditLog(clock=clock)
    accounts = AccountService(
        session_factory=session_factory,
        clock=clock,
        hasher=hasher,
        audit=audit,
        refresh_lifetime=timedelta(days=settings.refresh_token_days),
    )
    secret_box = SecretBox(settings.encryption_key)
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        session_factory=session_factory,
        secret_box=secret_box,
        audit=audit,
        accounts=accounts,
        users=UserService(
            session_factory=session_factory,
            clock=clock,
            hasher=hasher,
            audit=audit,
            accounts=accounts,
            registration_open=settings.registration_open,
        ),
        live_settings=SettingsService(
            session_factory=session_factory,
            clock=clock,
            audit=audit,
            secret_box=secret_box,
            environment=settings.live_defaults,
        ),
        lifecycle=Lifecycle(()),
    )

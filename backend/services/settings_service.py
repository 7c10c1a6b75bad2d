"""Live settings: from the environment, then the settings page; validated, audited, announced."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import CrowdSafeError, InvalidInputError
from backend.db import account_store
from backend.db.accounts import Role, SettingRow
from backend.db.base import SessionFactory
from backend.services.actor import Actor
from backend.services.audit import REDACTED, AuditLog
from backend.services.live_settings import (
    BY_KEY,
    REGISTRY,
    Kind,
    LiveSetting,
    LiveSettings,
    build_live_settings,
    parse_environment,
)
from backend.services.map_tiles import tile_origin
from backend.services.secret_box import SecretBox

logger = logging.getLogger(__name__)

ChangeListener: TypeAlias = Callable[[LiveSettings], None]


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting as the settings page shows it; a secret's value is always None.

    Attributes:
        is_set: Whether there is a value besides the built-in default.
        changed_by, changed_at: Last change on the settings page, None without one.
    """

    key: str
    section: str
    title: str
    effect: str
    kind: str
    unit: str
    minimum: float | None
    maximum: float | None
    value: Any
    default: Any
    is_set: bool
    changed_by: str | None
    changed_at: datetime | None


class SettingsService:
    """Owns the live settings; whoever needs them listens.

    Args:
        session_factory: Opens database sessions.
        clock: Stamps.
        audit: Where every change is written down, secrets redacted.
        secret_box: Encrypts secrets at rest.
        environment: Defaults from the environment by key.

    Raises:
        InvalidInputError: A default from the environment is out of bounds.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        secret_box: SecretBox,
        environment: Mapping[str, object],
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._secret_box = secret_box
        self._environment = parse_environment(environment)
        self._listeners: list[ChangeListener] = []
        self._changing = threading.RLock()  # a listener may read
        self._current: LiveSettings | None = None
        self._problems: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read from the database, as sentences for the health page."""
        return self._problems

    def on_change(self, listener: ChangeListener) -> None:
        """Call ``listener`` with the settings in force after every change.

        It runs on the thread of the request that made the change and must return quickly.
        """
        self._listeners.append(listener)

    def current(self) -> LiveSettings:
        """Return the settings in force; read from the database once, then kept."""
        with self._changing:
            if self._current is None:
                with self._open() as session:
                    self._current = self._load(session)
            return self._current

    def views(self, actor: Actor) -> list[SettingView]:
        """Return every setting with its bounds and value, secrets without theirs."""
        actor.require(Role.OPERATOR)
        with self._open() as session:
            rows = account_store.load_settings(session)
            authors = {row.updated_by for row in rows.values() if row.updated_by is not None}
            names = account_store.usernames(session, authors)
        return [self._view(setting, rows.get(setting.key), names) for setting in REGISTRY]

    def update(self, actor: Actor, changes: Mapping[str, Any]) -> LiveSettings:
        """Change settings together, or none of them; None takes a setting back to its default.

        Raises:
            InvalidInputError: Unknown key, wrong type, out of bounds, or contradicting another
                setting; the message names the key.
            PermissionDeniedError: Not an administrator.
        """
        actor.require(Role.ADMIN)
        parsed = {key: _parsed(key, value) for key, value in changes.items()}
        _check_telegram(parsed)
        if parsed.get("map_tiles_url") is not None:
            tile_origin(parsed["map_tiles_url"])
        with self._changing:
            with self._open() as session, session.begin():
                rows = account_store.load_settings(session)
                before = {key: self._shown(key, rows.get(key)) for key in parsed}
                for key, value in parsed.items():
                    self._store(session, rows, actor, key, value)
                session.flush()
                live = self._load(session, strict=True)
                rows = account_store.load_settings(session)
                after = {key: self._shown(key, rows.get(key)) for key in parsed}
                self._audit.record(
                    session,
                    actor,
                    action="settings.update",
                    object_type="settings",
                    before=before,
                    after=after,
                )
            self._current = live
            for listener in self._listeners:
                listener(live)
        return live

    def _store(
        self,
        session: Session,
        rows: Mapping[str, SettingRow],
        actor: Actor,
        key: str,
        value: Any,
    ) -> None:
        row = rows.get(key)
        if value is None:
            if row is not None:
                session.delete(row)
            return
        if row is None:
            row = SettingRow(key=key)
            session.add(row)
        is_secret = BY_KEY[key].kind is Kind.SECRET
        row.value = None if is_secret else value
        row.secret = self._secret_box.encrypt(value) if is_secret else None
        row.updated_at = self._clock.now()
        row.updated_by = actor.user_id

    def _load(self, session: Session, *, strict: bool = False) -> LiveSettings:
        """Read all rows over the environment's defaults.

        A row that no longer makes sense must not keep the cameras from starting: it is left
        out, logged and shown in health. With ``strict`` it is an error, and nothing is stored.
        """
        values = dict(self._environment)
        problems: list[str] = []
        for key, row in account_store.load_settings(session).items():
            try:
                values[key] = self._read(key, row)
            except CrowdSafeError as error:
                problems.append(f"Setting {key} is not used. {error}")
        try:
            live = build_live_settings(values)
        except InvalidInputError as error:
            if strict:
                raise
            problems.append(f"The settings contradict each other; defaults are used. {error}")
            texts = {key: value for key, value in values.items() if isinstance(value, str)}
            live = build_live_settings(self._environment | texts)
        for problem in problems:
            logger.error("setting_unusable: %s", problem)
        self._problems = tuple(problems)
        return live

    def _read(self, key: str, row: SettingRow) -> Any:
        setting = BY_KEY.get(key)
        if setting is None:
            raise InvalidInputError("This version does not know it.", field=key)
        value = self._secret_box.decrypt(row.secret) if row.secret else row.value
        return setting.parse(value)

    def _shown(self, key: str, row: SettingRow | None) -> Any:
        """Return the value in force for people and the audit trail."""
        if BY_KEY[key].kind is Kind.SECRET:
            return REDACTED if row is not None or key in self._environment else None
        return row.value if row is not None else self._fallback(key)

    def _fallback(self, key: str) -> Any:
        return self._environment.get(key, BY_KEY[key].default)

    def _view(
        self, setting: LiveSetting, row: SettingRow | None, names: Mapping[int, str]
    ) -> SettingView:
        is_secret = setting.kind is Kind.SECRET
        author = None
        if row is not None and row.updated_by is not None:
            author = names.get(row.updated_by)
        return SettingView(
            key=setting.key,
            section=setting.section,
            title=setting.title,
            effect=setting.effect,
            kind=setting.kind.value,
            unit=setting.unit,
            minimum=setting.minimum,
            maximum=setting.maximum,
            value=None if is_secret else self._shown(setting.key, row),
            default=None if is_secret else self._fallback(setting.key),
            is_set=row is not None or setting.key in self._environment,
            changed_by=author,
            changed_at=row.updated_at if row is not None else None,
        )


def _parsed(key: str, value: Any) -> Any:
    setting = BY_KEY.get(key)
    if setting is None:
        raise InvalidInputError(f"There is no setting {key!r}.", field=key)
    return None if value is None else setting.parse(value)


def _check_telegram(changes: Mapping[str, Any]) -> None:
    """Refuse a token or chat id that cannot be one, whichever of the two is given."""
    from backend.notify.telegram import (  # noqa: PLC0415 - brings an HTTP library
        TelegramAccount,
        check_account,
    )

    token, chat = changes.get("telegram_bot_token"), changes.get("telegram_chat_id")
    if token is None and chat is None:
        return
    check_account(TelegramAccount(token=token or f"123456789:{'x' * 35}", chat_id=chat or "1"))

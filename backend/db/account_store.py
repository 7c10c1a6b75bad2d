"""Queries on accounts, log-in sessions and settings. The caller owns the transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend.db.accounts import LoginSession, Role, SettingRow, User


def find_user_by_name(session: Session, username: str) -> User | None:
    """Return the account with this exact name; names are stored lower case."""
    return session.scalar(select(User).where(User.username == username))


def count_users(session: Session) -> int:
    """Return how many accounts there are."""
    return session.scalar(select(func.count()).select_from(User)) or 0


def list_users(session: Session, *, page: int, per_page: int) -> tuple[list[User], int]:
    """Return one page of accounts by name (1-based) and the total number."""
    query = select(User).order_by(User.username).offset((page - 1) * per_page).limit(per_page)
    return list(session.scalars(query)), count_users(session)


def lock_active_admins(session: Session) -> list[User]:
    """Return all administrators who may log in, locked until the transaction ends.

    The lock keeps two administrators from removing each other at the same moment. SQLite
    has no row locks: there a write that changes nothing takes the only write lock first.
    """
    active_admin = (User.role == Role.ADMIN.value, User.is_active.is_(True))
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            update(User)
            .where(*active_admin)
            .values(is_active=True)
            .execution_options(synchronize_session=False)
        )
    query = select(User).where(*active_admin).order_by(User.id).with_for_update()
    return list(session.scalars(query))


def find_session_with_user(session: Session, session_id: str) -> tuple[LoginSession, User] | None:
    """Return a log-in session and its account in one query."""
    row = session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.id == session_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def swap_refresh_id(
    session: Session,
    session_id: str,
    *,
    expected: str,
    fresh: str,
    rotated_at: datetime,
    expires_at: datetime,
) -> bool:
    """Rotate the refresh token's id if it still is ``expected``.

    Returns:
        False when another request has rotated it meanwhile, or the session is revoked.
    """
    changed = session.execute(
        update(LoginSession)
        .where(
            LoginSession.id == session_id,
            LoginSession.refresh_jti == expected,
            LoginSession.revoked_at.is_(None),
        )
        .values(
            refresh_jti=fresh,
            previous_refresh_jti=expected,
            rotated_at=rotated_at,
            expires_at=expires_at,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(getattr(changed, "rowcount", 0) == 1)


def revoke_sessions(
    session: Session,
    *,
    at: datetime,
    user_id: int | None = None,
    session_id: str | None = None,
    keep_session_id: str | None = None,
) -> list[str]:
    """Revoke the live sessions that match and return their ids."""
    query = select(LoginSession).where(LoginSession.revoked_at.is_(None))
    if user_id is not None:
        query = query.where(LoginSession.user_id == user_id)
    if session_id is not None:
        query = query.where(LoginSession.id == session_id)
    if keep_session_id is not None:
        query = query.where(LoginSession.id != keep_session_id)
    rows = list(session.scalars(query))
    for row in rows:
        row.revoked_at = at
    return [row.id for row in rows]


def delete_expired_sessions(session: Session, *, before: datetime) -> None:
    """Forget sessions whose refresh token expired before ``before``."""
    session.execute(
        delete(LoginSession)
        .where(LoginSession.expires_at < before)
        .execution_options(synchronize_session=False)
    )


def load_settings(session: Session) -> dict[str, SettingRow]:
    """Return all settings changed on the settings page, by key."""
    return {row.key: row for row in session.scalars(select(SettingRow))}


def usernames(session: Session, user_ids: set[int]) -> dict[int, str]:
    """Return the names of these accounts; deleted ones are missing."""
    if not user_ids:
        return {}
    rows = session.execute(select(User.id, User.username).where(User.id.in_(user_ids)))
    return {row[0]: row[1] for row in rows}

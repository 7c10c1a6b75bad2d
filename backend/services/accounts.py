"""Log-in sessions: signing in, proving who asks, rotating refresh tokens, signing out."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import AuthenticationError
from backend.db import account_store
from backend.db.accounts import LoginSession, Role, User
from backend.db.base import SessionFactory
from backend.services.actor import SYSTEM_ACTOR, Actor, Identity
from backend.services.audit import AuditLog
from backend.services.passwords import PasswordHasher

FIRST_ADMIN = "admin"
REUSE_GRACE = timedelta(seconds=20)
"""Two tabs may refresh at the same moment: the token rotated away just now still counts."""

RevokedListener: TypeAlias = Callable[[Sequence[str]], None]

_WRONG = "The user name or the password is wrong."
_ENDED = "The session has ended. Please log in again."


@dataclass(frozen=True, slots=True)
class SignIn:
    """A proven account with the ids its tokens must carry.

    Attributes:
        session_id: Claim ``sid`` of both tokens.
        refresh_jti: Claim ``jti`` of the refresh token.
    """

    user: User
    session_id: str
    refresh_jti: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Where a log-in came from, for the list of sessions and the audit trail."""

    address: str = ""
    user_agent: str = ""


def to_identity(user: User, session_id: str) -> Identity:
    """Return the acting user behind a proven session."""
    actor = Actor(user_id=user.id, username=user.username, role=Role(user.role))
    return Identity(actor, session_id, user.must_change_password)


class AccountService:
    """Owns log-in sessions. Every request asks it, so that changes take effect at once.

    Args:
        session_factory: Opens database sessions.
        clock: Stamps and expiry.
        hasher: Checks passwords.
        audit: Where log-ins and refusals are written down.
        refresh_lifetime: How long a session lives without being used.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        hasher: PasswordHasher,
        audit: AuditLog,
        refresh_lifetime: timedelta,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._hasher = hasher
        self._audit = audit
        self._refresh_lifetime = refresh_lifetime
        self._revoked_listeners: list[RevokedListener] = []

    def on_revoked(self, listener: RevokedListener) -> None:
        """Call ``listener`` with the ids of sessions that have just been revoked.

        Open sockets and streams are closed through it. It is called after the commit on the
        thread of the request that revoked, and must only enqueue.
        """
        self._revoked_listeners.append(listener)

    def log_in(self, username: str, password: str, *, client: ClientInfo) -> SignIn:
        """Check name and password and open a session.

        Raises:
            AuthenticationError: Wrong name, wrong password or deactivated account; one
                message and one duration for all three.
        """
        name = normalise_username(username)
        with self._open() as session:
            user = account_store.find_user_by_name(session, name)
            known_hash = user.password_hash if user and user.is_active else None
        # Checked outside any transaction: a quarter of a second must not hold a connection.
        fits = self._hasher.verify(password, known_hash)
        with self._open() as session, session.begin():
            user = account_store.find_user_by_name(session, name)
            if user is None or not fits or not user.is_active or user.password_hash != known_hash:
                self._record_refusal(session, name, client)
                sign_in = None
            else:
                sign_in = self._open_session(session, user, client)
        if sign_in is None:
            raise AuthenticationError(_WRONG)
        return sign_in

    def identify(self, *, session_id: str, user_id: int) -> Identity:
        """Return who owns a live session, with the role the account has right now.

        Every request asks; streams and sockets ask again now and then.

        Raises:
            AuthenticationError: The session is revoked or expired, the account deactivated.
        """
        with self._open() as session:
            found = account_store.find_session_with_user(session, session_id)
        if found is None or not self._is_live(*found) or found[1].id != user_id:
            raise AuthenticationError(_ENDED)
        return to_identity(found[1], session_id)

    def rotate(self, *, session_id: str, user_id: int, refresh_jti: str) -> SignIn:
        """Exchange a refresh token for the next one.

        A token that has been exchanged before was copied by somebody: the session is revoked.
        Within `REUSE_GRACE` it is taken for a second tab and gets the current token.

        Raises:
            AuthenticationError: Revoked, expired, reused or unknown.
        """
        now = self._clock.now()
        with self._open() as session, session.begin():
            found = account_store.find_session_with_user(session, session_id)
            if found is None or not self._is_live(*found) or found[1].id != user_id:
                raise AuthenticationError(_ENDED)
            row, user = found
            fresh = str(uuid.uuid4())
            if refresh_jti == row.refresh_jti and account_store.swap_refresh_id(
                session,
                session_id,
                expected=refresh_jti,
                fresh=fresh,
                rotated_at=now,
                expires_at=now + self._refresh_lifetime,
            ):
                return SignIn(user, session_id, fresh)
            session.refresh(row, with_for_update=True)
            in_grace = row.rotated_at is not None and now - row.rotated_at <= REUSE_GRACE
            if refresh_jti == row.previous_refresh_jti and in_grace and row.revoked_at is None:
                return SignIn(user, session_id, row.refresh_jti)
            revoked = account_store.revoke_sessions(session, at=now, session_id=session_id)
            actor = to_identity(user, session_id).actor
            self._audit.record(session, actor, action="session.reuse_detected")
        self.announce_revoked(revoked)
        raise AuthenticationError(_ENDED)

    def log_out(self, identity: Identity) -> None:
        """Revoke the session behind ``identity``; its tokens are worthless from now on."""
        with self._open() as session, session.begin():
            revoked = account_store.revoke_sessions(
                session, at=self._clock.now(), session_id=identity.session_id
            )
            self._audit.record(session, identity.actor, action="session.log_out")
        self.announce_revoked(revoked)

    def ensure_first_admin(self, password: str | None) -> str | None:
        """Create the account ``admin`` when there is no account at all.

        Args:
            password: Chosen by whoever installs; None to have one made up.

        Returns:
            The made-up password, to be shown once and changed at the first log-in; None when
            accounts exist already or the password was given.
        """
        with self._open() as session, session.begin():
            if account_store.count_users(session):
                return None
            chosen = password or secrets.token_urlsafe(12)
            session.add(
                User(
                    username=FIRST_ADMIN,
                    password_hash=self._hasher.hash(chosen),
                    role=Role.ADMIN.value,
                    must_change_password=password is None,
                    created_at=self._clock.now(),
                )
            )
            self._audit.record(
                session,
                SYSTEM_ACTOR,
                action="user.create",
                object_type="user",
                object_id=FIRST_ADMIN,
                after={"username": FIRST_ADMIN, "role": Role.ADMIN.value},
            )
        return None if password else chosen

    def announce_revoked(self, session_ids: Sequence[str]) -> None:
        """Tell the listeners about revoked sessions, after the commit."""
        if session_ids:
            for listener in self._revoked_listeners:
                listener(session_ids)

    def _open_session(self, session: Session, user: User, client: ClientInfo) -> SignIn:
        now = self._clock.now()
        account_store.delete_expired_sessions(session, before=now)
        row = LoginSession(
            id=str(uuid.uuid4()),
            user_id=user.id,
            refresh_jti=str(uuid.uuid4()),
            created_at=now,
            expires_at=now + self._refresh_lifetime,
            user_agent=client.user_agent[:200],
            address=client.address[:45],
        )
        session.add(row)
        user.last_login_at = now
        self._audit.record(
            session,
            to_identity(user, row.id).actor,
            action="session.log_in",
            after={"address": client.address},
        )
        return SignIn(user, row.id, row.refresh_jti)

    def _record_refusal(self, session: Session, name: str, client: ClientInfo) -> None:
        self._audit.record(
            session,
            Actor(user_id=None, username=name, role=Role.VIEWER),
            action="session.refused",
            after={"address": client.address},
        )

    def _is_live(self, row: LoginSession, user: User) -> bool:
        return row.revoked_at is None and row.expires_at > self._clock.now() and user.is_active


def normalise_username(username: str) -> str:
    """Return the form names are stored and compared in: trimmed, lower case."""
    return username.strip().lower()

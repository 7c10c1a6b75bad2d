"""Accounts as administrators and their owners see them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.db import account_store
from backend.db.accounts import Role, User
from backend.db.base import SessionFactory
from backend.services.accounts import AccountService, normalise_username
from backend.services.actor import Actor, Identity
from backend.services.audit import AuditLog, changed_values
from backend.services.passwords import PasswordHasher, check_password_rules

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
PROFILE_FIELDS = ("email", "date_of_birth", "place", "gender")
_OLDEST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """An account to be created; ``role`` None means the lowest."""

    username: str
    password: str = field(repr=False)
    role: Role = Role.VIEWER
    email: str | None = None
    must_change_password: bool = True


class UserService:
    """Creates, changes and removes accounts; never the last administrator.

    Args:
        session_factory: Opens database sessions.
        clock: Stamps.
        hasher: Hashes and checks passwords.
        audit: Where every change is written down.
        accounts: Revokes and announces sessions.
        registration_open: Whether people may make their own (viewer) account.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        hasher: PasswordHasher,
        audit: AuditLog,
        accounts: AccountService,
        registration_open: bool,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._hasher = hasher
        self._audit = audit
        self._accounts = accounts
        self.registration_open = registration_open

    def page(self, actor: Actor, *, page: int, per_page: int) -> tuple[list[User], int]:
        """Return one page of accounts (1-based) and how many there are."""
        actor.require(Role.ADMIN)
        with self._open() as session:
            return account_store.list_users(session, page=page, per_page=per_page)

    def get(self, actor: Actor, user_id: int) -> User:
        """Return one account.

        Raises:
            NotFoundError: No such account.
            PermissionDeniedError: Not an administrator and not one's own.
        """
        if actor.user_id != user_id:
            actor.require(Role.ADMIN)
        with self._open() as session:
            return _existing(session, user_id)

    def create(self, actor: Actor, new: NewUser) -> User:
        """Create an account as an administrator.

        Raises:
            ConflictError: The name is taken.
            InvalidInputError: Bad name or password.
        """
        actor.require(Role.ADMIN)
        return self._create(actor, new)

    def register(self, new: NewUser) -> User:
        """Create one's own account, always a viewer's.

        Raises:
            PermissionDeniedError: Registration is switched off.
        """
        if not self.registration_open:
            raise PermissionDeniedError("Registration is switched off. Ask an administrator.")
        actor = Actor(user_id=None, username=normalise_username(new.username), role=Role.VIEWER)
        return self._create(
            actor,
            NewUser(
                username=new.username,
                password=new.password,
                email=new.email,
                must_change_password=False,
            ),
        )

    def update(self, actor: Actor, user_id: int, changes: Mapping[str, Any]) -> User:
        """Change role, activity, profile or password of an account as an administrator.

        A new role counts from the account's next request on. A deactivated account and one
        whose password was set lose all their sessions at once.

        Args:
            actor: An administrator.
            user_id: Whose account.
            changes: Any of role, is_active, must_change_password, password and the profile.

        Raises:
            ConflictError: The last active administrator would be gone.
        """
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            admins = account_store.lock_active_admins(session)
            user = _existing(session, user_id)
            before = audit_values(user)
            password_set = self._apply_password(user, changes)
            for name in ("role", "is_active", "must_change_password", *PROFILE_FIELDS):
                if name in changes:
                    setattr(user, name, _checked(name, changes[name]))
            _keep_one_admin(admins, user)
            revoked: list[str] = []
            if password_set or not user.is_active:
                revoked = account_store.revoke_sessions(
                    session, at=self._clock.now(), user_id=user.id
                )
            self._record_update(session, actor, user, before, password_set=password_set)
        self._accounts.announce_revoked(revoked)
        return user

    def delete(self, actor: Actor, user_id: int) -> None:
        """Remove an account; what it did stays in the audit trail under its name.

        Raises:
            ConflictError: It is the last active administrator's, or one's own.
        """
        actor.require(Role.ADMIN)
        if actor.user_id == user_id:
            raise ConflictError("You cannot delete the account you are logged in with.")
        with self._open() as session, session.begin():
            admins = account_store.lock_active_admins(session)
            user = _existing(session, user_id)
            if [admin.id for admin in admins] == [user.id]:
                raise ConflictError("The last administrator cannot be deleted.")
            revoked = account_store.revoke_sessions(session, at=self._clock.now(), user_id=user.id)
            self._audit.record(
                session,
                actor,
                action="user.delete",
                object_type="user",
                object_id=user.id,
                before=audit_values(user),
            )
            session.flush()
            session.delete(user)
        self._accounts.announce_revoked(revoked)

    def update_profile(self, identity: Identity, changes: Mapping[str, Any]) -> User:
        """Change one's own profile."""
        actor = identity.actor
        with self._open() as session, session.begin():
            user = _existing(session, actor.user_id)
            before = audit_values(user)
            for name in PROFILE_FIELDS:
                if name in changes:
                    setattr(user, name, _checked(name, changes[name]))
            self._record_update(session, actor, user, before, password_set=False)
        return user

    def change_password(self, identity: Identity, *, current: str, new: str) -> User:
        """Change one's own password; all other sessions of the account end.

        Raises:
            InvalidInputError: The current password is wrong, or the new one breaks a rule.
        """
        actor = identity.actor
        with self._open() as session:
            known_hash = _existing(session, actor.user_id).password_hash
        if not self._hasher.verify(current, known_hash):
            raise InvalidInputError("The current password is wrong.", field="current_password")
        check_password_rules(new, username=actor.username, field="new_password")
        if new == current:
            raise InvalidInputError(
                "The new password must differ from the current one.", field="new_password"
            )
        with self._open() as session, session.begin():
            user = _existing(session, actor.user_id)
            user.password_hash = self._hasher.hash(new)
            user.must_change_password = False
            revoked = account_store.revoke_sessions(
                session,
                at=self._clock.now(),
                user_id=user.id,
                keep_session_id=identity.session_id,
            )
            self._audit.record(
                session, actor, action="user.password", object_type="user", object_id=user.id
            )
        self._accounts.announce_revoked(revoked)
        return user

    def reset_password(self, actor: Actor, username: str, password: str) -> User:
        """Set a password by user name (command line); it must be changed at the next log-in.

        Raises:
            NotFoundError: No such account.
        """
        with self._open() as session:
            user = account_store.find_user_by_name(session, normalise_username(username))
        if user is None:
            raise NotFoundError(f"There is no account named {username!r}.")
        return self.update(
            actor,
            user.id,
            {"password": password, "is_active": True, "must_change_password": True},
        )

    def _create(self, actor: Actor, new: NewUser) -> User:
        name = normalise_username(new.username)
        if not _USERNAME.fullmatch(name):
            raise InvalidInputError(
                "A user name has 2 to 64 characters: letters a to z, digits and . _ @ -, "
                "beginning with a letter or digit.",
                field="username",
            )
        check_password_rules(new.password, username=name)
        user = User(
            username=name,
            password_hash=self._hasher.hash(new.password),
            role=new.role.value,
            is_active=True,
            must_change_password=new.must_change_password,
            email=_checked("email", new.email),
            created_at=self._clock.now(),
        )
        try:
            with self._open() as session, session.begin():
                session.add(user)
                session.flush()
                self._audit.record(
                    session,
                    actor,
                    action="user.create",
                    object_type="user",
                    object_id=user.id,
                    after=audit_values(user),
                )
        except IntegrityError as error:
            raise ConflictError(f"The user name {name!r} is taken.") from error
        return user

    def _apply_password(self, user: User, changes: Mapping[str, Any]) -> bool:
        password = changes.get("password")
        if password is None:
            return False
        check_password_rules(password, username=user.username)
        user.password_hash = self._hasher.hash(password)
        user.must_change_password = True
        return True

    def _record_update(
        self,
        session: Session,
        actor: Actor,
        user: User,
        before: dict[str, Any],
        *,
        password_set: bool,
    ) -> None:
        old, new = changed_values(before, audit_values(user))
        if password_set:
            new["password_changed"] = True
        if new:
            self._audit.record(
                session,
                actor,
                action="user.update",
                object_type="user",
                object_id=user.id,
                before=old,
                after=new,
            )


def audit_values(user: User) -> dict[str, Any]:
    """Return the JSON-ready values of an account that the audit trail compares."""
    return {
        "username": user.username,
        "role": str(user.role),
        "is_active": user.is_active,
        "must_change_password": user.must_change_password,
        "email": user.email,
        "date_of_birth": user.date_of_birth.isoformat() if user.date_of_birth else None,
        "place": user.place,
        "gender": user.gender,
    }


def _existing(session: Session, user_id: int | None) -> User:
    user = session.get(User, user_id) if user_id is not None else None
    if user is None:
        raise NotFoundError("There is no such account.")
    return user


def _keep_one_admin(admins: list[User], changed: User) -> None:
    """Refuse a change after which nobody could administer any more."""
    others = [admin for admin in admins if admin.id != changed.id]
    was_admin = len(others) < len(admins)
    is_admin = changed.is_active and changed.role == Role.ADMIN.value
    if was_admin and not is_admin and not others:
        raise ConflictError("The last administrator must stay active and an administrator.")


def _checked(name: str, value: Any) -> Any:
    """Return a profile value in the form it is stored in; empty text becomes None."""
    if name == "role":
        return Role(value).value
    if isinstance(value, str):
        value = value.strip() or None
    if name == "email" and value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise InvalidInputError("This is not an e-mail address.", field="email")
    if name == "date_of_birth" and value is not None and value < _OLDEST_BIRTH:
        raise InvalidInputError("The date of birth is too long ago.", field="date_of_birth")
    return value

"""Who asks: the acting user every service method is told about."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import PermissionDeniedError
from backend.db.accounts import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting user, as plain values.

    Attributes:
        user_id: Row id; None for the machine itself (set-up, command line, workers).
        username: Shown in the audit trail.
        role: Decides what is allowed.
    """

    user_id: int | None
    username: str
    role: Role

    def require(self, role: Role) -> None:
        """Refuse unless this actor's role includes ``role``.

        Raises:
            PermissionDeniedError: The role is lower.
        """
        if not self.role.includes(role):
            raise PermissionDeniedError(
                f"This needs the role {role.value}; you are {self.role.value}."
            )


SYSTEM_ACTOR = Actor(user_id=None, username="system", role=Role.ADMIN)
"""The machine itself: set-up, command line, workers."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An actor together with the log-in session that proved it.

    Attributes:
        must_change_password: Nothing but changing the password or logging out is allowed.
    """

    actor: Actor
    session_id: str
    must_change_password: bool

"""User administration."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.accounts import (
    UserChangeSchema,
    UserCreateSchema,
    UserPageSchema,
    UserSchema,
)
from backend.api.schemas.common import PageQuerySchema, page_of
from backend.db.accounts import Role, User
from backend.services.users import NewUser
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "users", __name__, url_prefix="/api/users", description="Accounts, for administrators"
)


@blueprint.route("/")
class Users(MethodView):
    """All accounts."""

    @require_role(Role.ADMIN)
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, UserPageSchema)
    def get(self, query: dict[str, int]) -> dict[str, object]:
        """List accounts by name."""
        rows, total = services().users.page(current_actor(), **query)
        return page_of(rows, total=total, **query)

    @require_role(Role.ADMIN)
    @blueprint.arguments(UserCreateSchema)
    @blueprint.response(201, UserSchema)
    def post(self, wanted: dict[str, Any]) -> User:
        """Create an account."""
        new = NewUser(**{**wanted, "role": Role(wanted["role"])})
        return services().users.create(current_actor(), new)


@blueprint.route("/<int:user_id>")
class OneUser(MethodView):
    """One account."""

    @require_role(Role.ADMIN)
    @blueprint.response(200, UserSchema)
    def get(self, user_id: int) -> User:
        """Return an account."""
        return services().users.get(current_actor(), user_id)

    @require_role(Role.ADMIN)
    @blueprint.arguments(UserChangeSchema)
    @blueprint.response(200, UserSchema)
    def put(self, changes: dict[str, Any], user_id: int) -> User:
        """Change an account; a new password ends its sessions and must be changed at log-in."""
        return services().users.update(current_actor(), user_id, changes)

    @require_role(Role.ADMIN)
    @blueprint.response(204)
    def delete(self, user_id: int) -> None:
        """Delete an account; the last administrator's and one's own cannot be deleted."""
        services().users.delete(current_actor(), user_id)

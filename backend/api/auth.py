"""Log-in, refresh, log-out, registration and one's own profile."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView

from backend.api import tokens
from backend.api.blueprint import Blueprint
from backend.api.guard import client_address
from backend.api.schemas.accounts import (
    LogInSchema,
    ProfileChangeSchema,
    RegisterSchema,
    TokensSchema,
    UserSchema,
)
from backend.api.throttle import PASSWORD_CHANGE, REGISTRATION, throttle
from backend.core.errors import AuthenticationError
from backend.db.accounts import Role, User
from backend.services.accounts import ClientInfo, SignIn, normalise_username
from backend.services.users import PROFILE_FIELDS, NewUser
from backend.web.context import current_actor, current_identity, require_role, services

blueprint = Blueprint(
    "auth", __name__, url_prefix="/api/auth", description="Log-in, registration and profile"
)


def _signed_in(sign_in: SignIn) -> Response:
    access, refresh = tokens.issue_tokens(sign_in)
    body = {"access_token": access, "refresh_token": refresh, "user": sign_in.user}
    answer = jsonify(TokensSchema().dump(body))
    tokens.set_token_cookies(answer, access, refresh)
    return answer


@blueprint.route("/login", methods=["POST"])
@blueprint.arguments(LogInSchema)
@blueprint.response(200, TokensSchema)
def log_in(credentials: dict[str, Any]) -> Response:
    """Log in: sets the cookies and returns both tokens."""
    account = normalise_username(credentials["username"])
    client = ClientInfo(client_address(), request.user_agent.string)
    throttle().begin(account=account, address=client.address)
    try:
        sign_in = services().accounts.log_in(account, credentials["password"], client=client)
    except AuthenticationError:
        throttle().failed(address=client.address)
        raise
    throttle().succeeded(account=account)
    return _signed_in(sign_in)


@blueprint.route("/refresh", methods=["POST"])
@blueprint.response(200, TokensSchema)
@blueprint.doc(security=[{"bearer": []}, {"refreshCookie": []}])
def refresh() -> Response:
    """Exchange the refresh token (Bearer or cookie) for a new pair; the old one is spent."""
    return _signed_in(tokens.rotate_request())


@blueprint.route("/logout", methods=["POST"])
@require_role(Role.VIEWER)
@blueprint.response(204)
def log_out() -> Response:
    """Revoke this session and take the cookies away."""
    services().accounts.log_out(current_identity())
    answer = Response(status=204)
    tokens.clear_token_cookies(answer)
    return answer


@blueprint.route("/register", methods=["POST"])
@blueprint.arguments(RegisterSchema)
@blueprint.response(201, UserSchema)
def register(wanted: dict[str, Any]) -> User:
    """Make oneself a viewer's account, where an administrator has switched this on."""
    address = client_address()
    throttle().begin(account=address, address=address, purpose=REGISTRATION)
    return services().users.register(NewUser(**wanted))


@blueprint.route("/me", endpoint="me")
class Me(MethodView):
    """One's own account."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, UserSchema)
    def get(self) -> User:
        """Return one's own account."""
        actor = current_actor()
        assert actor.user_id is not None
        return services().users.get(actor, actor.user_id)

    @require_role(Role.VIEWER)
    @blueprint.arguments(ProfileChangeSchema)
    @blueprint.response(200, UserSchema)
    def patch(self, changes: dict[str, Any]) -> User:
        """Change one's own profile, or the password: all other sessions then end."""
        identity = current_identity()
        if "new_password" in changes:
            _change_password(changes)
        profile = {name: changes[name] for name in PROFILE_FIELDS if name in changes}
        return services().users.update_profile(identity, profile)


def _change_password(changes: dict[str, Any]) -> None:
    identity = current_identity()
    account = identity.actor.username
    throttle().begin(account=account, address=client_address(), purpose=PASSWORD_CHANGE)
    services().users.change_password(
        identity, current=changes["current_password"], new=changes["new_password"]
    )
    throttle().succeeded(account=account, purpose=PASSWORD_CHANGE)
